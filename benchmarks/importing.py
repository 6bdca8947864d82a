"""Lines per second of `manage.py import_registry`, beside a bare COPY of the same file."""

import time
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from benchmarks.people import Citizen
from benchmarks.stack import Services
from benchmarks.tables import FEW_ROUNDS, median, progress, scaled, table
from registration.models import CivilRecord, MobileOwner
from registration.registry.lines import columns

LINES = scaled(100_000)
FIRST_NAMES = ("سارا", "علی‌رضا", "محمد", "فاطمه", "زهرا", "حسین", "مریم", "رضا", "نرگس", "مهدی", "لیلا")
LAST_NAMES = ("احمدی", "حسینی‌نژاد", "کریمی", "محمدی", "رضایی", "موسوی", "جعفری", "قاسمی", "بهرامی", "صادقی", "رحیمی")
LETTERS = ("الف", "ب", "د", "ل", "ر")
PIECE = 1 << 20  # bytes


def run(services: Services) -> None:
    path = services.directory / "registry.csv"
    progress(f"import: writing {LINES:,} lines")
    _write(path)
    imported, copied = [], []
    for number in range(FEW_ROUNDS):
        progress(f"import: round {number + 1} of {FEW_ROUNDS}")
        copied.append(LINES / _copy(path))
        imported.append(LINES / _import(path))
    ratios = [whole / bare for whole, bare in zip(imported, copied, strict=True)]
    table(
        "Import of the reference registry",
        ("", "lines/s", "÷ bare COPY"),
        [
            ["import_registry", f"{median(imported):,.0f}", f"{median(ratios):.3f} ×"],
            ["bare COPY of the file into text columns (reference)", f"{median(copied):,.0f}", "1 ×"],
        ],
        f"{LINES:,} lines, one mobile each, into empty tables, fsync on, {FEW_ROUNDS} rounds. Goal: 20,000 lines/s.",
    )


def _write(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(columns()) + "\n")
        for number in range(LINES):
            citizen, year = Citizen(number), 1320 + number % 65
            own = citizen.national_code
            fields = (
                *(own, FIRST_NAMES[number % 11], LAST_NAMES[number // 11 % 11], FIRST_NAMES[number // 121 % 11]),
                *(("female", "male")[number % 2], f"{year}/{number % 12 + 1:02}/{number % 29 + 1:02}"),
                *(own if year > 1367 else str(number % 9999 + 1), LETTERS[number % 5], str(number % 99 + 1)),
                *(f"{number % 1_000_000:06}", "1", citizen.mobile),
            )
            file.write(",".join(fields) + "\n")


def _import(path: Path) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {CivilRecord._meta.db_table}, {MobileOwner._meta.db_table}")
        cursor.execute("CHECKPOINT")
    before = time.perf_counter()
    call_command("import_registry", str(path), stdout=StringIO(), stderr=StringIO())
    taken = time.perf_counter() - before
    if CivilRecord.objects.count() != LINES:
        raise RuntimeError("lines were rejected")
    return taken


def _copy(path: Path) -> float:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare ({', '.join(f'{column} text' for column in columns())})")
        cursor.execute("CHECKPOINT")
        before = time.perf_counter()
        with path.open("rb") as file, cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := file.read(PIECE):
                copy.write(piece)
        return time.perf_counter() - before
