"""The sources of the citizens' pages: what no template, style sheet, script or translation may contain."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates" / "pages").rglob("*.html"))
STYLES = sorted({*(ROOT / "static" / "css").glob("*.css")} - {ROOT / "static" / "css" / "desk.css"})
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
CATALOGUE = ROOT / "locale" / "fa" / "LC_MESSAGES" / "django.po"

# Sides of the screen: a page that runs from right to left needs sides of the text instead.
PHYSICAL = re.compile(
    r"(?<![-\w])(margin|padding|border|scroll-margin|scroll-padding)-(left|right|top|bottom)"
    r"|(?<![-\w])(left|right|top|bottom|width|height|(min|max)-(width|height)|direction|float)\s*:"
    r"|border-(top|bottom)-(left|right)-radius"
    r"|text-align:\s*(left|right)|float:\s*(left|right)|clear:\s*(left|right)"
)
# The policy forbids what is inline and what is foreign; HTML attributes that judge speak the browser's language.
FORBIDDEN_IN_TEMPLATES = {
    "inline style": r"<style|\sstyle=",
    "inline script": r"<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:",
    "another host": r"(?<!\")https?://(?!www\.w3\.org)|src=\"//",
    "an unsafe value": r"\|\s*safe\b|autoescape|mark_safe|Markup",
    "browser validation": r"\s(required|pattern|maxlength|minlength|placeholder|autofocus|disabled)[=\s>]",
    "a token sent by GET": r"method=\"get\"[^>]*>\{\{ csrf_input",
}
FORBIDDEN_IN_SCRIPTS = {
    "code from text": r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write",
    "inline style": r"\.style\b|cssText",
    "ASCII digits only": r"\\d|\\D|valueAsNumber|isNaN\(",
    "another host": r"https?://",
    "pasting hindered": r"paste",
    "a form sent by itself": r"\.submit\(|requestSubmit",
    "stored values": r"localStorage|sessionStorage|document\.cookie",
}
# When a page was left, and a number that tells whether two pages hold the same (docs/decisions/0037).
STORED = {"keep.js": "sessionStorage"}
# GDS: no apologies, no blame. The guides' own sentences are fixed word for word and listed here.
FORBIDDEN_WORDS = re.compile("لطفاً|لطفا|متأسفانه|متاسفانه|نامعتبر|غیرمجاز|غیر مجاز|ممنوع|رمز عبور|کلمه عبور|پسورد")
FROM_THE_GUIDES = (
    "لطفاً منتظر پیامک فعال‌سازی بمانید",
    "لطفاً منتظر ارسال پیامک شناسه",
    "لطفاً جهت تکمیل ثبت نام",
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_forbidden(path: Path) -> None:
    source = path.read_text("utf-8")
    for what, pattern in FORBIDDEN_IN_TEMPLATES.items():
        assert not re.search(pattern, source), what
    for button in re.findall(r"<button[^>]*>", source):
        assert 'type="' in button


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_of_a_template_can_be_translated(path: Path) -> None:
    """Persian stands in the catalogue; 500 and 503 alone hold it themselves, in both languages."""
    source = path.read_text("utf-8")
    assert bool(re.search("[آ-ی]", source)) == (path.name in {"500.html", "503.html"})
    assert ("_(" in source) != (path.name in {"500.html", "503.html"})
    text = re.sub(r"\{[%#{].*?[%#}]\}", " ", source, flags=re.S)
    words = re.findall(r">([^<>]*[A-Za-z]{3}[^<>]*)<", text)
    assert path.name in {"500.html", "503.html"} or not words, words


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_knows_sides_of_the_text_only(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/|@media[^{]*", "", path.read_text("utf-8"), flags=re.S)
    assert [found.group() for found in PHYSICAL.finditer(source)] == []
    assert source.count("!important") == source.count("[hidden] { display: none !important; }")
    assert not re.search(r"@import|https?:|data:|url\(\"?//", source)
    assert source.count("{") == source.count("}")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_harmless_and_understands_persian_digits(path: Path) -> None:
    source = path.read_text("utf-8")
    for what, pattern in FORBIDDEN_IN_SCRIPTS.items():
        assert set(re.findall(pattern, source)) <= {STORED.get(path.name)}, what
    assert not re.search(r"[\"'`][^\"'`\n]*[آ-ی]{4}", source), "words belong into the page, where they are translated"


def test_what_is_loaded_once_is_small() -> None:
    files = [*STYLES, ROOT / "static" / "js" / "app.js"]
    assert sum(path.stat().st_size for path in files) <= 40_000


def entries() -> Iterator[tuple[str, str]]:
    """Pairs of message and Persian text of the catalogue; of plurals, each form."""
    block: dict[str, str] = {}
    key = ""
    for line in [*CATALOGUE.read_text("utf-8").splitlines(), ""]:
        if found := re.fullmatch(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[[0-9]\])?) "(.*)"', line):
            key = found[1]
            block[key] = found[2]
        elif line.startswith('"'):
            block[key] += line[1:-1]
        elif not line:
            yield from (
                (block["msgid"], text) for name, text in block.items() if name.startswith("msgstr") and block["msgid"]
            )
            block = {}


def test_the_catalogue_is_complete() -> None:
    assert [message for message, text in entries() if not text] == []
    assert "fuzzy" not in CATALOGUE.read_text("utf-8")


def test_every_message_of_the_templates_is_in_the_catalogue() -> None:
    known = {message.replace('\\"', '"').replace("%%", "%") for message, _ in entries()}
    for path in TEMPLATES:
        source = path.read_text("utf-8")
        messages = re.findall(r'\b_\("([^"]*)"\)', source)
        assert len(messages) == len(re.findall(r"\b_\(", source)), f"{path.name}: a text that no catalogue can hold"
        assert set(messages) <= known, f"{path.name}: {set(messages) - known}"


def test_persian_texts_are_written_as_the_glossary_says() -> None:
    for message, text in entries():
        assert not re.search("[يىك]", text), f"an Arabic letter: {text}"
        assert not re.search(r"(?<![آ-ی])ن?می [آ-ی]", text), f"a space where a ZWNJ belongs: {text}"
        words = text
        for sentence in FROM_THE_GUIDES:
            words = words.replace(sentence, "")
        assert not FORBIDDEN_WORDS.search(words), text
        prose = re.sub(
            r"%\([a-z_]+\)[sd]|%\.[0-9]f|\{[a-z]*\}|\\n|\(?[0Aa](?: تا )[9Zz]\)?|name@example\.com|UTF-8|1420", "", text
        )
        assert not re.search("[0-9]", prose), f"ASCII digits in prose: {message}: {text}"
