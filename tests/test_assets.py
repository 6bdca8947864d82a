"""The font and the drawings that pages load: small, complete, and nothing from another host."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
FONT = ROOT / "static" / "fonts" / "vazirmatn-fa.woff2"
DRAWINGS = [
    *("favicon.svg", "img/emblem.svg"),
    *(f"img/{name}{language}.svg" for name in ("certificate", "booklet", "card") for language in ("", ".en")),
]
SVG = "{http://www.w3.org/2000/svg}"


def texts() -> Iterator[Path]:
    """Every file that holds text a citizen may get to see."""
    yield from (path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
    yield from (ROOT / "locale").rglob("*.po")
    yield from (ROOT / "registration" / "data").glob("*.tsv")
    yield from (ROOT / "registration" / "data").glob("*.csv")


@pytest.fixture(scope="module")
def font() -> Iterator[TTFont]:
    with TTFont(FONT) as opened:
        yield opened


def test_the_font_has_every_character_of_the_pages(font: TTFont) -> None:
    glyphs = set(font.getBestCmap())
    missing: dict[str, str] = {}
    for path in texts():
        for sign in set(path.read_text("utf-8")):
            if ord(sign) not in glyphs and unicodedata.category(sign) not in {"Cc", "Cf"}:  # nobody sees those
                missing[f"U+{ord(sign):04X} {sign}"] = str(path.relative_to(ROOT))
    assert missing == {}


def test_the_font_joins_letters_and_has_both_weights(font: TTFont) -> None:
    (weight,) = font["fvar"].axes
    assert (weight.axisTag, weight.minValue, weight.maxValue) == ("wght", 400, 700)
    features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert {"init", "medi", "fina", "rlig"} <= features


def test_the_font_is_small_and_its_licence_goes_with_it() -> None:
    assert FONT.stat().st_size <= 36 * 1024
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "OFL.txt").read_text("utf-8")


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_small_and_needs_nothing_else(name: str) -> None:
    path = ROOT / "static" / name
    assert path.stat().st_size <= 20_000
    drawing = ElementTree.fromstring(path.read_text("utf-8"))  # noqa: S314  our own file
    assert drawing.tag == f"{SVG}svg"
    assert len(drawing.get("viewBox", "").split()) == 4
    ids = {element.get("id") for element in drawing.iter()}
    for element in drawing.iter():
        # <text> would be drawn with whatever font the reader's machine has: an image cannot see the page's.
        assert element.tag.removeprefix(SVG) not in {"script", "style", "text", "image", "foreignObject"}
        # The content security policy forbids inline style; and nothing may be fetched.
        assert not any(key == "style" or key.startswith("on") for key in element.keys())  # noqa: SIM118  an element has no `in`
        reference = element.get("href", element.get("{http://www.w3.org/1999/xlink}href"))
        assert reference is None or (reference[0] == "#" and reference[1:] in ids)
