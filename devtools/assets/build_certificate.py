"""Draws where number, series and serial stand on a birth certificate (static/img/certificate.svg) and in an old booklet
(booklet.svg), and which number of the national card's back is none of them (card.svg); and the same with English words
beside it for English pages (….en.svg).

    python devtools/assets/build_certificate.py VAZIRMATN_FOLDER     (the unpacked package vazirmatn@33.0.3)

An image cannot use the fonts of the page it is in, so the words are drawn as outlines. Lines of our own, not copies:
they show where to look and nothing else. static/css/identity.css frames the place whose field has the focus; whoever
moves a place here moves its frame there.
"""

import re
import sys
import unicodedata
from pathlib import Path
from typing import NamedTuple

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[2] / "static" / "img"
INK, TEAL, RED, LINE, PAPER, TINT = "#1d2b33", "#0b5c68", "#a3231b", "#8a9aa3", "#fffdf8", "#e2f0f1"
EM = 400  # outlines are scaled to this grid: a twentieth of a pixel at the size they are shown

# (letter, "isolated" | "initial" | "medial" | "final") → the presentation form of Unicode, which the font has too.
FORMS: dict[tuple[str, str], str] = {}
for code in [*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEF5)]:
    form, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
    if re.fullmatch("[0-9A-F]{4}", letter):
        FORMS[chr(int(letter, 16)), form.strip("<>")] = chr(code)


MIRRORED = str.maketrans("()", ")(")


def shaped(text: str) -> str:
    """The text with every letter in the form that its neighbours ask for, still in reading order."""
    result = []
    for place, sign in enumerate(text):
        before = (text[place - 1] if place else "", "initial") in FORMS and (sign, "final") in FORMS
        after = (sign, "initial") in FORMS and (text[place + 1 : place + 2], "final") in FORMS
        form = {(False, False): "isolated", (False, True): "initial", (True, True): "medial", (True, False): "final"}
        result.append(FORMS.get((sign, form[before, after]), sign))
    return "".join(result)


class Drawing:
    """Collects the elements, and each outline once."""

    def __init__(self, font: TTFont) -> None:
        self.glyphs = font.getGlyphSet()
        self.names: dict[int, str] = font.getBestCmap()
        self.scale: float = EM / font["head"].unitsPerEm
        self.outlines: dict[str, str] = {}
        self.elements: list[str] = []

    def add(self, element: str) -> None:
        self.elements.append(element)

    def glyph(self, sign: str) -> str:
        """The font's name of a character; the letter itself where the font lacks its presentation form (ۀ)."""
        return self.names.get(ord(sign)) or self.names[ord(unicodedata.normalize("NFKC", sign))]

    def advance(self, sign: str) -> int:
        width: float = self.glyphs[self.glyph(sign)].width
        return round(width * self.scale)

    def outline(self, sign: str) -> str:
        """The id of the character's outline."""
        name = self.glyph(sign)
        if name not in self.outlines:
            pen = SVGPathPen(self.glyphs, ntos=lambda number: str(round(number)))
            self.glyphs[name].draw(TransformPen(pen, (self.scale, 0, 0, -self.scale, 0, 0)))
            self.outlines[name] = pen.getCommands()
        return f"g{list(self.outlines).index(name)}"

    def write(self, text: str, x: float, y: float, size: float, colour: str = INK, turn: int = 0) -> None:
        """One line that begins at its right end (x, y); digits inside it run from left to right."""
        uses, cursor = [], 0
        runs = [text] if text.isascii() else re.findall("[۰-۹]+|[^۰-۹]+", shaped(text))
        for run in runs:
            for sign in reversed(run) if run.isascii() or "۰" <= run[0] <= "۹" else run.translate(MIRRORED):
                cursor -= self.advance(sign)
                if sign != " ":
                    uses.append(f'<use href="#{self.outline(sign)}" x="{cursor}"/>')
        rotation = f" rotate({turn})" if turn else ""
        place = f"translate({x:g} {y:g}){rotation} scale({size / EM:g})"
        self.add(f'<g fill="{colour}" transform="{place}">{"".join(uses)}</g>')

    def svg(self, width: int, height: int, title: str) -> str:
        outlines = "".join(
            f'<path id="g{number}" d="{path}"/>\n' for number, path in enumerate(self.outlines.values()) if path
        )
        opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        elements = "\n".join(self.elements)
        return f"{opening}\n<title>{title}</title>\n<defs>\n{outlines}</defs>\n{elements}\n</svg>\n"


Label = tuple[str, str]


class Words(NamedTuple):
    """What each number is called, and how it looks; and the titles."""

    serial: Label
    number: Label
    series: Label
    of_the_card: Label
    certificate: str
    booklet: str
    card: str


PERSIAN = Words(
    ("سریال (مسلسل)", "۶ رقم قرمز"),
    ("شمارۀ شناسنامه", "۱ تا ۱۰ رقم"),
    ("سری", "حرف و عدد"),
    ("سریال کارت", "اینجا لازم نیست"),
    "جای شماره، سری و سریال در شناسنامه",
    "جای شماره، سری و سریال در شناسنامهٔ قدیمی",
    "پشت کارت ملی",
)
ENGLISH = Words(
    ("Serial number", "6 red digits"),
    ("Number", "1 to 10 digits"),
    ("Series", "letter, number"),
    ("Card serial", "not asked here"),
    "Where number, series and serial number are on the birth certificate",
    "Where number, series and serial number are in an old booklet",
    "The back of the national card",
)
FRAME = f'rx="4" fill="{TINT}" stroke="{TEAL}"'
SERIAL, SERIES = "۱۲۳۴۵۶", "الف ۱۲"


def sheet(x: float, width: float, font: TTFont) -> Drawing:
    """An empty page, `width` wide from x on."""
    page = Drawing(font)
    page.add('<path fill="#fff" d="M0 0h330v240H0z"/>')
    page.add(f'<rect x="{x:g}" y="8.5" width="{width:g}" height="223" rx="6" fill="{PAPER}" stroke="{LINE}"/>')
    return page


def grey(page: Drawing, path: str) -> None:
    """Lines that do not matter here."""
    page.add(f'<path d="{path}" stroke="#d5dcdf" stroke-width="5" stroke-linecap="round"/>')


def explain(page: Drawing, *places: tuple[float, float, Label]) -> None:
    """To the left, what stands at (y, x)."""
    for y, x, (label, detail) in places:
        page.add(f'<path d="M120 {y}H{x}" stroke="{TEAL}" stroke-width="1.5"/>')
        page.add(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{TEAL}"/>')
        page.write(label, 116, y + 4, 16, TEAL)
        page.write(detail, 116, y + 25, 14)


def certificate(font: TTFont, words: Words) -> str:
    """A page with its margin to the left, and the three explanations beside it. The page itself is Persian."""
    page = sheet(136.5, 185, font)
    page.add(f'<path d="M179.5 16v208" stroke="{LINE}" stroke-dasharray="3 4"/>')
    page.write("شناسنامه", 287, 42, 18)
    page.add(f'<path d="M200 58h102" stroke="{LINE}"/>')
    grey(page, "M214 76h92M222 92h84M214 160h92M222 176h84M214 192h92M222 208h84")
    page.add(f'<rect x="188" y="106" width="126" height="38" {FRAME}/>')
    page.write("شماره", 306, 130, 15)
    page.write("۱۲۳۴", 238, 130, 17)
    # The margin, read from below: series first, then the red serial.
    page.add(f'<rect x="143" y="20" width="30" height="96" {FRAME}/>')
    page.write(SERIAL, 164, 37, 19, RED, -90)
    page.add(f'<rect x="143" y="134" width="30" height="86" {FRAME}/>')
    page.write(SERIES, 164, 153, 18, INK, -90)
    explain(page, (60, 143, words.serial), (125, 188, words.number), (190, 143, words.series))
    return page.svg(330, 240, words.certificate)


def booklet(font: TTFont, words: Words) -> str:
    """The first page of a booklet that has no place for the national code: its number above, the others below."""
    page = sheet(136.5, 185, font)
    page.write("شناسنامه", 287, 42, 18)
    page.add(f'<rect x="160" y="54" width="138" height="34" {FRAME}/>')
    page.write("شماره", 290, 76, 15)
    page.write("۱۲۳۴", 216, 76, 17)
    grey(page, "M214 106h92M222 122h84M214 138h92M222 154h84")
    page.add(f'<rect x="148.5" y="104.5" width="44" height="54" rx="3" fill="#fff" stroke="{LINE}"/>')
    page.add(f'<path d="M136 172h186" stroke="{LINE}" stroke-dasharray="3 4"/>')
    page.add(f'<rect x="222" y="184" width="90" height="34" {FRAME}/>')
    page.write("سری", 304, 206, 14)
    page.write(SERIES, 270, 206, 16)
    page.add(f'<rect x="146" y="184" width="70" height="34" {FRAME}/>')
    page.write(SERIAL, 209, 207, 18, RED)
    page.add(f'<path d="M132 132H202V166H228V184" fill="none" stroke="{TEAL}" stroke-width="1.5"/>')
    explain(page, (66, 160, words.number), (132, 132, words.series), (196, 146, words.serial))
    return page.svg(330, 240, words.booklet)


def card(font: TTFont, words: Words) -> str:
    """The back of the national card, with the number that many take for the certificate's."""
    page = Drawing(font)
    page.add('<path fill="#fff" d="M0 0h330v150H0z"/>')
    page.add(f'<rect x="136.5" y="12.5" width="185" height="124" rx="10" fill="{PAPER}" stroke="{LINE}"/>')
    grey(page, "M222 34h84M230 50h76M222 66h84")
    page.add(f'<rect x="150.5" y="28.5" width="46" height="40" rx="3" fill="#fff" stroke="{LINE}"/>')
    page.add(f'<path d="M156 36h34M156 44h34M156 52h34M156 60h34" stroke="{LINE}"/>')
    page.add(f'<rect x="150" y="92" width="120" height="30" {FRAME} stroke-dasharray="4 3"/>')
    page.write("1G23456789", 260, 113, 17)
    explain(page, (107, 150, words.of_the_card))
    return page.svg(330, 150, words.card)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    with TTFont(Path(sys.argv[1]) / "fonts" / "ttf" / "Vazirmatn-Medium.ttf") as medium:
        for draw in (certificate, booklet, card):
            for ending, words in (("svg", PERSIAN), ("en.svg", ENGLISH)):
                path = TARGET / f"{draw.__name__}.{ending}"
                path.write_text(draw(medium, words), encoding="utf-8")
                print(f"{path.name}: {path.stat().st_size} bytes")
