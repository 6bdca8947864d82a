"""docs/asvs.csv: every requirement once, nothing named that is not there, and the page written from it."""

import ast
import re
from collections import Counter

import pytest

from devtools import asvs
from tests.source_code import ROOT, tree

# The levels of the requirements of each section of OWASP ASVS 5.0.0, in their order: 1.1.1 has level 2.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
ROWS = asvs.rows()


def test_every_requirement_of_both_levels_is_there_once() -> None:
    wanted = [
        (f"{section}.{place}", level)
        for section, levels in LEVELS.items()
        for place, level in enumerate(levels, 1)
        if level in "12"
    ]
    assert Counter(level for _, level in wanted) == {"1": 70, "2": 183}
    assert [(row.number, row.level) for row in ROWS] == wanted


def test_every_row_has_what_its_state_needs() -> None:
    assert {row.number: found for row in ROWS if (found := asvs.problems(row))} == {}
    assert [row.number for row in ROWS if not row.about] == []


def test_every_test_that_is_named_is_collected() -> None:
    """A function of that name at the top of a file that pytest reads, and no skip on it."""
    missing = []
    for row in ROWS:
        for test in row.tests:
            path, _, name = test.partition("::")
            file = ROOT / path
            found = (
                [node for node in tree(file).body if isinstance(node, ast.FunctionDef) and node.name == name]
                if file.is_file() and file.name.startswith("test_") and path.startswith("tests/")
                else []
            )
            marks = " ".join(ast.unparse(mark) for node in found for mark in node.decorator_list)
            if not found or "skip" in marks or "xfail" in marks:
                missing.append(f"{row.number}: {test}")
    assert missing == []


def test_every_page_and_heading_that_is_named_is_there() -> None:
    missing = []
    for row in ROWS:
        for document in row.documents:
            path, _, anchor = document.partition("#")
            file = ROOT / path
            if not file.is_file() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
                missing.append(f"{row.number}: {document}")
    assert missing == []


def test_every_deviation_is_told_on_the_page_about_security() -> None:
    told = (ROOT / "docs/security.md").read_text("utf-8").partition("## Deviations")[2].partition("\n## ")[0]
    numbers = set(re.findall(r"[0-9]+\.[0-9]+\.[0-9]+", told))
    assert {row.number for row in ROWS if row.state == "deviation"} == numbers & {row.number for row in ROWS}


def anchors(text: str) -> set[str]:
    """The headings of a page as a browser addresses them: small letters, signs left out, spaces as dashes."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_page_is_written_from_the_table() -> None:
    assert asvs.PAGE.read_text("utf-8") == asvs.page(ROWS), "type: make asvs"


@pytest.mark.parametrize(
    ("row", "lacks"),
    [
        (asvs.Row("1.1.1", "2", "x", "test", "docs/a.md#b", ""), ["names no test"]),
        (asvs.Row("1.1.1", "2", "x", "document", "tests/a.py::b", ""), ["names no page"]),
        (asvs.Row("1.1.1", "2", "x", "open", "", ""), ["gives no reason"]),
        (asvs.Row("1.1.1", "2", "x", "done", "", "it is"), ["no such state: done"]),
        (asvs.Row("1.1.1", "2", "x", "deviation", "", "the guides"), []),
    ],
)
def test_what_a_row_lacks_is_told(row: asvs.Row, lacks: list[str]) -> None:
    assert asvs.problems(row) == lacks
