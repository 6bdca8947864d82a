"""The Persian catalogue is complete: every message of the sources is in it, translated, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

from tests.source_code import APPS, ROOT, sources, tree

CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
# Function → where context and messages stand among its arguments; None: no context.
CALLS: dict[str, tuple[int | None, tuple[int, ...]]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (None, (0,))),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, (0, 1))),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, (1,))),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, (1, 2))),
}
Message = tuple[str | None, str]  # context, text


def _of_call(name: str, arguments: list[ast.expr]) -> Iterator[Message]:
    where, messages = CALLS[name]
    values = [argument.value if isinstance(argument, ast.Constant) else None for argument in arguments]
    context = str(values[where]) if where is not None else None
    for position in messages:
        value = values[position]
        assert isinstance(value, str), (
            f"{name} of something that no catalogue can hold: {ast.dump(arguments[position])}"
        )
        yield context, value


def of_source(path: Path) -> Iterator[Message]:
    """As xgettext would find them."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in CALLS:
                yield from _of_call(name, node.args)


def of_template(path: Path) -> Iterator[Message]:
    """Django turns a template into something like Python, with a call for each message."""
    for call in re.finditer(
        r"\b([a-z_]*gettext|_)\((.*?)\)(?= |$|X)", templatize(path.read_text("utf-8")), re.M | re.S
    ):
        expression = ast.parse(f"f({call[2]})", mode="eval").body
        assert isinstance(expression, ast.Call)
        yield from _of_call(call[1], expression.args)


@cache
def in_the_sources() -> dict[Message, Path]:
    found = {message: path for path in sources(*APPS) for message in of_source(path)}
    templates = [*sources("templates", ending=".html"), *sources("templates", ending=".txt")]
    return found | {message: path for path in templates for message in of_template(path)}


def test_the_scan_finds_messages_of_every_kind() -> None:
    found = in_the_sources()
    assert ("salutation", "Mr") in found
    assert (None, "Activated") in found
    assert any("%(" in text for _, text in found)
    assert len(found) > 200


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
class TestCatalogue:
    """One for each language but English, in which the messages are written."""

    def test_holds_every_message_of_the_sources(self, path: Path) -> None:
        known = {(entry.msgctxt, text) for entry in polib.pofile(str(path)) for text in _texts(entry)}
        missing = {
            text: str(source.relative_to(ROOT))
            for (context, text), source in in_the_sources().items()
            if (context, text) not in known
        }
        assert missing == {}

    def test_is_translated_to_the_last_entry(self, path: Path) -> None:
        catalogue = polib.pofile(str(path), check_for_duplicates=True)
        assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
        assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []

    def test_holds_nothing_that_nobody_says(self, path: Path) -> None:
        entries = polib.pofile(str(path))
        said = in_the_sources()
        unused = [entry.msgid for entry in entries if not entry.obsolete and (entry.msgctxt, entry.msgid) not in said]
        assert unused == []

    def test_fills_in_the_same_values(self, path: Path) -> None:
        for entry in polib.pofile(str(path)):
            wanted = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural)
            for text in [entry.msgstr, *entry.msgstr_plural.values()]:
                assert not text or _placeholders(text) == wanted, entry.msgid


def _texts(entry: polib.POEntry) -> list[str]:
    return [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}", text))
