"""`manage.py import_branches FILE.csv`: the directory of branches, from a file with the columns of COLUMNS and MORE.

Branches are told apart by their code: known ones are brought up to date, new ones added, none is removed (requests and
staff point at them). Either every line is good and all are written, or none is and each bad line is named.
"""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Branch
from iran.numbers import to_ascii_digits
from registration.pages.places import CITIES, province_of

COLUMNS = ("code", "name", "province", "city", "address", "phone")
MORE = ("hours",)  # may follow; what a file does not have stays as it is
_PERSIAN = str.maketrans("\u064a\u0643", "\u06cc\u06a9")  # yeh and kaf
LONGEST = {"code": 10, "name": 100, "address": 300, "phone": 20, "hours": 100}


class Command(BaseCommand):
    help = f"Import branches from a UTF-8 CSV file with the columns {', '.join(COLUMNS)}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only say what is wrong; write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = _read(options["file"])
        problems = [f"line {line}: {problem}" for line, row in rows for problem in _problems(row)]
        codes = [row["code"] for _, row in rows]
        problems += [
            f"code {code} stands on more than one line" for code in sorted(set(codes)) if codes.count(code) > 1
        ]
        if problems:
            raise CommandError("Nothing was imported:\n" + "\n".join(problems))
        if options["check"]:
            self.stdout.write(f"{len(rows)} branches, all good. Nothing was written.")
            return
        added = 0
        with transaction.atomic():
            for _, row in rows:
                _, new = Branch.objects.update_or_create(code=row.pop("code"), defaults=row)
                added += new
        self.stdout.write(f"{added} branches added, {len(rows) - added} brought up to date.")


def _read(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{file}: not a readable UTF-8 file.") from None
    reader = csv.DictReader(text.splitlines())
    columns = tuple(reader.fieldnames or ())
    if columns not in (COLUMNS, COLUMNS + MORE):
        raise CommandError(f"{file}: the first line must be {','.join(COLUMNS)}[,{','.join(MORE)}]")
    return [(reader.line_num, {name: _tidy(name, row.get(name) or "") for name in columns}) for row in reader]


def _tidy(name: str, value: str) -> str:
    """One space between words, Persian letters for the Arabic ones that other keyboards have."""
    text = to_ascii_digits(value) if name in ("code", "phone") else value.translate(_PERSIAN)
    return " ".join(text.split())


def _problems(row: dict[str, str]) -> list[str]:
    """What keeps a line from being imported."""
    found = [f"{name} is empty" for name in ("code", "name", "province", "city") if not row[name]]
    found += [f"{name} is longer than {most}" for name, most in LONGEST.items() if len(row.get(name, "")) > most]
    if row["city"] and row["city"] not in CITIES:
        found.append(f"{row['city']} is not in the city list")
    elif row["city"] and province_of(row["city"]) != row["province"]:
        found.append(f"{row['city']} is not in the province {row['province']}")
    return found
