"""CSV that people open in a spreadsheet: a text that somebody else wrote must not become a formula there."""

import csv
import re
from collections.abc import Iterable
from typing import TextIO

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), behind signs that they or people skip.
_FORMULA = re.compile(
    "[\\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]*[=+@＝＋－＠-]|[\t\r\n]"
)


def write_row(file: TextIO, cells: Iterable[str | int]) -> None:
    """One line of CSV, every cell in quotation marks. A cell that would be a formula gets an apostrophe in front, by
    which spreadsheets know a text; whoever takes such a cell out of the file takes the apostrophe away."""
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow([plain(str(cell)) for cell in cells])


def plain(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
