"""`manage.py import_registry FILE.csv`: fill the reference registry."""

import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone

from infra.spreadsheet import write_row
from registration.management.progress_bar import clear, progress
from registration.registry import importer
from registration.registry.lines import Rejected, columns

SOME_REJECTED, NOTHING_DONE = 1, 2

# Nobody's: serial parts 999… are not given out.
SAMPLE: tuple[dict[str, str], ...] = (
    {
        "national_code": "0019991010",
        "first_name": "زهرا",
        "last_name": "محمدی",
        "father_name": "علی",
        "gender": "female",
        "birth_date": "1370/01/15",
        "certificate_number": "0019991010",
        "certificate_series_letter": "الف",
        "certificate_series_number": "12",
        "certificate_serial": "123456",
        "alive": "1",
        "mobiles": "09000000001",
    },
    {
        "national_code": "0019991029",
        "first_name": "علی‌رضا",
        "last_name": "حسینی نژاد",
        "father_name": "سید محمود",
        "gender": "male",
        "birth_date": "1351-06-31",
        "certificate_number": "2417",
        "certificate_series_letter": "ب",
        "certificate_series_number": "7",
        "certificate_serial": "004512",
        "alive": "1",
        "mobiles": "09000000002 +98 900 000 0003",
    },
    {
        "national_code": "19991037",
        "first_name": "مریم",
        "last_name": "کریمی",
        "gender": "زن",
        "birth_date": "۱۳۰۴۰۲۰۱",
        "certificate_number": "18",
        "alive": "0",
    },
)


def sample_file() -> str:
    """Three lines below their header; what a person of it does not have is empty."""
    lines = [columns(), *([person.get(column, "") for column in columns()] for person in SAMPLE)]
    return "\n".join([",".join(fields) for fields in lines])


class Command(BaseCommand):
    help = """Fill the reference registry (IDENTITY_BACKEND=reference) from a CSV file.

The file: UTF-8, commas, a header with the columns below in any order, a person per line with all their mobiles.
Good lines are saved together at the end; the others are listed in FILE.rejected.csv with the reasons. People whom the
file does not name stay as they are. Importing the same file again changes nothing.

Exit codes: 0 all accepted; 1 some lines rejected; 2 nothing was read or saved (file, header, database).
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = "columns:\n  " + "\n  ".join(columns())
        parser.add_argument("file", nargs="?", type=Path, help="the CSV file")
        parser.add_argument("--check", action="store_true", help="validate only, save nothing")
        parser.add_argument("--strict", action="store_true", help="save nothing if any line is rejected")
        parser.add_argument("--sample", action="store_true", help="print a sample of the format and end")

    def handle(self, *args: Any, file: Path | str | None, check: bool, strict: bool, sample: bool, **_: Any) -> None:
        if sample:
            self.stdout.write(sample_file())
            return
        if file is None:
            raise CommandError("Name the file to import, or --sample for the format.", returncode=NOTHING_DONE)
        path = Path(file)
        try:
            with Report(path.with_suffix(".rejected.csv")) as report:
                summary, saved = self.import_file(path, report, check=check, strict=strict)
        except importer.Unreadable as error:
            raise CommandError(f"{path}: {error}", returncode=NOTHING_DONE) from None
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror}", returncode=NOTHING_DONE) from None
        except Error as error:  # the database's own text may hold values of the rows
            message = f"The database did not take the import ({type(error).__name__}); nothing was saved."
            raise CommandError(message, returncode=NOTHING_DONE) from None
        self.stdout.write(summary)
        if report.count:
            outcome = "" if saved else " Nothing was saved."
            raise CommandError(f"Lines rejected: {report.count}, see {report.path}.{outcome}", returncode=SOME_REJECTED)

    def import_file(self, path: Path, report: "Report", *, check: bool, strict: bool) -> tuple[str, bool]:
        """What to tell the operator, and whether anything was saved."""
        with path.open("rb") as file:
            show = progress(os.fstat(file.fileno()).st_size, self.stderr)
            people = importer.people(file, today=timezone.localdate(), reject=report.add, progress=show)
            try:
                if check:
                    accepted = sum(1 for person in people)
                    return f"accepted {accepted}, rejected {report.count}; nothing saved (--check)", False
                merged = importer.save(people, keep=lambda: not (strict and report.count))
            finally:
                clear(self.stderr)
        counts = f"added {merged.added}, changed {merged.changed}, unchanged {merged.unchanged}"
        mobiles = f"added {merged.mobiles_added}, moved {merged.mobiles_moved}, removed {merged.mobiles_removed}"
        return f"people: {counts}, rejected {report.count}\nmobiles: {mobiles}", not (strict and report.count)


class Report:
    """FILE.rejected.csv: made at the first rejected line, its owner's to read; without any, an older one is removed."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0
        self._file: TextIO | None = None

    def __enter__(self) -> "Report":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
        elif kind is None:
            self.path.unlink(missing_ok=True)

    def add(self, number: int, refusal: Rejected, line: str) -> None:
        """Line number, stable codes (`column.code`), the reasons to read, the line as it was (infra.spreadsheet)."""
        if self._file is None:
            self.path.unlink(missing_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = open(descriptor, "w", encoding="utf-8-sig", newline="")  # noqa: SIM115  closed in __exit__
            write_row(self._file, ["line", "problem", "reason", "row"])
        self.count += 1
        codes = [f"{problem.column}.{problem.code}".strip(".") for problem in refusal.problems]
        reasons = [f"{problem.column}: {problem.message}".removeprefix(": ") for problem in refusal.problems]
        write_row(self._file, [number, " ".join(codes), "; ".join(reasons), line])
