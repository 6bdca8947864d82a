"""The repository's own pages: their links lead somewhere, and what they name is what the code has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")])
PROMISES = (ROOT / "docs/contract.md").read_text("utf-8")
SETTINGS = (ROOT / "tamin_portal/settings.py").read_text("utf-8")
CATALOGUE = (ROOT / "locale/fa/LC_MESSAGES/django.po").read_text("utf-8")


def _section(title: str) -> str:
    """The text below a numbered heading of the contract."""
    [text] = re.findall(rf"^## [0-9]+ {title}$(.*?)(?=^## |\Z)", PROMISES, re.MULTILINE | re.DOTALL)
    return str(text)


def _links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith(("http:", "https:")):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    assert [target for target in _links(page) if not (page.parent / target).exists()] == []


def test_every_decision_is_in_the_index_and_numbers_have_no_gap() -> None:
    files = sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    index = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    assert re.findall(r"\]\((0[^)]+)\)", index) == files
    assert f"The next number is {len(files) + 1}." in index


def test_the_contract_names_every_variable_of_the_settings() -> None:
    read = set(re.findall(r'env\.[a-z]+\(\s*"([A-Z_]+)"', SETTINGS))
    named = set(re.findall(r"[A-Z][A-Z_]+", _section("Environment variables") + _section("Limits")))
    assert read - named == set()


def test_the_contract_tells_the_limits_as_they_are_set() -> None:
    told = dict(re.findall(r"(LIMIT_[A-Z_]+)=([0-9/,]+)", _section("Limits")))
    assert told.keys() == {name for name in dir(settings) if name.startswith("LIMIT_")}
    for name, value in told.items():
        pairs = [tuple(map(int, pair.split("/"))) for pair in value.split(",")]
        assert getattr(settings, name) == pairs, name


def test_the_fixed_texts_of_the_contract_are_those_of_the_catalogue() -> None:
    texts = [row.strip("| ").split(" | ")[-1] for row in _section("Texts that are fixed").splitlines() if "|" in row]
    texts = [text.removeprefix("… ") for text in texts if re.search("[؀-ۿ]", text)]
    assert len(texts) == 10
    catalogue = CATALOGUE.replace("%(hours)s", "۴۸")
    assert [text for text in texts if f'msgstr "{text}"' not in catalogue] == []
