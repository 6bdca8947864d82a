"""One term, one spelling: the Persian catalogue against docs/glossary.md; the guides' own sentences excepted."""

import re
from pathlib import Path

import polib
import pytest

from tests.test_fixed_texts import LAST_NOTICES, NOTICES, STEPS

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("| ").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| English", "| ---"))
]
CATALOGUE = polib.pofile(str(ROOT / "locale/fa/LC_MESSAGES/django.po"))
GUIDES = {
    *(sentence for sentences in STEPS.values() for sentence in sentences),
    *NOTICES,
    *LAST_NOTICES,
    "هر سه سوال متفاوت را با پاسخ‌های متفاوت وارد نمایید.",
    *re.findall(r"\| ([^|]*[آ-ی][^|]*) \|$", (ROOT / "docs/contract.md").read_text("utf-8"), re.MULTILINE),
}
LETTER = "[آ-یءأؤئ\u200cً]"


def texts() -> list[str]:
    found = [text for entry in CATALOGUE for text in (entry.msgstr, *entry.msgstr_plural.values()) if text]
    found = [text.replace("شاتل موبایل", "") for text in found]  # the name of an operator
    found = [text.replace("%(hours)s", "۴۸") for text in found]  # as the guide has it
    fixed = {text.removeprefix("… ") for text in GUIDES}
    return [text for text in found if not any(said in text or (len(text) > 30 and text in said) for said in fixed)]


def words() -> list[tuple[str, str]]:
    return [(row[1], wrong) for row in ROWS for wrong in row[2].split("، ")]


def test_the_table_and_the_catalogue_are_read() -> None:
    assert len(ROWS) > 15
    assert all(len(row) == 3 for row in ROWS)
    assert len(texts()) > 700


@pytest.mark.parametrize(("right", "wrong"), words())
def test_a_term_has_one_spelling(right: str, wrong: str) -> None:
    pattern = re.compile(f"(?<!{LETTER}){re.escape(wrong)}(?!{LETTER})")
    assert [text for text in texts() if pattern.search(text)] == [], f"write {right}"


@pytest.mark.parametrize("row", [row for row in ROWS if row[1] != "–"], ids=lambda row: row[0])
def test_each_word_of_the_table_is_said_somewhere(row: list[str]) -> None:
    assert any(row[1] in entry.msgstr for entry in CATALOGUE)
