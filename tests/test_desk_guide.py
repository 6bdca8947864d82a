"""docs/desk.md, the clerks' guide: what it calls a button is what the page calls it, and its pictures are there."""

import re

import polib
from django.utils import translation

from registration.desk import staff_acts
from registration.desk.accounts.acts import ACTS
from tests.source_code import ROOT

PAGE = (ROOT / "docs" / "desk.md").read_text("utf-8")
PICTURES = ROOT / "docs" / "desk"
PICTURE_BYTES, ALL_BYTES = 30_000, 250_000
EMPHASIS = {"پررنگ"}  # where the guide says what its bold words are


def test_every_name_in_it_is_one_of_the_pages() -> None:
    catalogue = polib.pofile(str(ROOT / "locale" / "fa" / "LC_MESSAGES" / "django.po"))
    words = {text for entry in catalogue for text in (entry.msgstr, *entry.msgstr_plural.values())}
    named = set(re.findall(r"\*\*([^*]+)\*\*", PAGE)) - EMPHASIS
    assert len(named) > 60
    assert named - words == set()


def test_every_errand_of_accounts_and_staff_is_told_of() -> None:
    with translation.override("fa"):
        titles = {str(act.title) for act in (*ACTS, *staff_acts.ACTS)}
        missing = {title for title in titles if f"**{title}**" not in PAGE}
    assert missing == set()


def test_every_picture_is_there_and_small_and_no_other() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(desk/([a-z]+\.webp)\)", PAGE))
    files = {path.name: path.stat().st_size for path in PICTURES.glob("*")}
    assert files.keys() == shown
    assert {name: size for name, size in files.items() if size > PICTURE_BYTES} == {}
    assert sum(files.values()) < ALL_BYTES
