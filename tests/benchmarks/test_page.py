"""docs/performance.md: every benchmark has its place on it, and writing one leaves the rest as it was."""

import pytest

from benchmarks import page
from benchmarks.__main__ import MODULES, main

TEXT = """Before.
<!-- bench: one -->
old
<!-- end: one -->
Between.
<!-- bench: two -->
<!-- end: two -->
After.
"""


def test_every_benchmark_has_its_marks_on_the_page() -> None:
    text = page.PAGE.read_text("utf-8")
    assert sorted(page.names(text)) == sorted([*MODULES, "goals"])
    for name in page.names(text):
        assert "\nnew\n" in page.put(text, name, ["new"])


def test_a_section_is_written_and_the_rest_stays() -> None:
    written = page.put(TEXT, "one", ["", "first", "second", ""])
    assert written == TEXT.replace("old\n", "\nfirst\nsecond\n\n")


def test_writing_the_same_again_changes_nothing() -> None:
    once = page.put(TEXT, "two", ["| a |", "| b |"])
    assert page.put(once, "two", ["| a |", "| b |"]) == once


@pytest.mark.parametrize("text", ["", TEXT.replace("<!-- end: two -->\n", ""), TEXT.replace("bench: two", "bench two")])
def test_a_page_without_the_marks_is_refused(text: str) -> None:
    with pytest.raises(LookupError):
        page.put(text, "two", ["new"])


def test_the_circumstances_say_when_and_where() -> None:
    assert " UTC on " in page.circumstances("PostgreSQL 15.18")
    assert "PostgreSQL 15.18" in page.circumstances("PostgreSQL 15.18")


def test_a_name_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registrations"]) == 2
    assert "No such benchmark: registrations" in capsys.readouterr().err
