"""Files of the reference registry and runs of `manage.py import_registry`, for the tests."""

import csv
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

from registration.registry.lines import columns
from tests.people import national_code

WRITTEN = (  # the columns of the lines below; others stand before them, empty
    *("national_code", "first_name", "last_name", "father_name", "gender", "birth_date", "certificate_number"),
    *("certificate_series_letter", "certificate_series_number", "certificate_serial", "alive", "mobiles"),
)
OTHERS = [column for column in columns() if column not in WRITTEN]
HEADER, BEFORE = ",".join([*OTHERS, *WRITTEN]), "," * len(OTHERS)
SARA, ALI, OMID = (national_code(number, office=8) for number in (331, 332, 333))
SARA_LINE = f"{BEFORE}{SARA},سارا,احمدی,رضا,female,1370/05/14,{SARA},ب,27,418203,1,09000000331 09000000334"
ALI_LINE = f"{BEFORE}{ALI},علی‌رضا,حسینی,حسین,male,1362/11/03,4127,الف,12,073516,1,09000000332"
OMID_LINE = f"{BEFORE}{OMID},امید,کریمی,,male,1340/01/01,9,,,,0,"


class Imported:
    """One run: exit code, what it said, the report of rejected lines."""

    def __init__(self, path: Path, *options: str) -> None:
        out, self.code, self.error = StringIO(), 0, ""
        try:
            call_command("import_registry", str(path), *options, stdout=out, stderr=StringIO())
        except CommandError as error:
            self.code, self.error = error.returncode, str(error)
        self.out = out.getvalue()
        report = path.with_suffix(".rejected.csv")
        self.rejected = list(csv.reader(StringIO(report.read_text("utf-8-sig")))) if report.is_file() else []


def write(path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes((end.join([HEADER, *lines]) + end).encode(encoding))
    return path
