"""Persian text as people type it: one form to store, one key to compare, one canonical text for secret answers.

A text that is too long to be any of these (iran.typed) is left as it is, and is accepted nowhere.

Registry and providers answer with Arabic ي and ك, phones with invisible marks, old forms with presentation letters;
comparing raw strings would turn real people away.
"""

import re
import unicodedata

from iran.letters import ALPHABET, HAMZE_FORMS
from iran.numbers import DASHES, INVISIBLE, to_ascii_digits
from iran.typed import is_too_long

ZWNJ = "\u200c"

_INVISIBLE = re.compile(f"[{INVISIBLE.replace(ZWNJ, '')}]")
_VOWEL_SIGNS = re.compile("[\u0640\u064b-\u065f\u0670]")  # tatweel too
_STORED = str.maketrans("يىېۍێؠۑےۓكڪھہەٱ", "ییییییییئککههها")
_COMPARED = str.maketrans("أإآؤئةۀۂ", "اااویههه", "ء" + ZWNJ + DASHES + ".·'’‘ʼ`´")
_NAME = re.compile(f"[{ALPHABET}{HAMZE_FORMS} {ZWNJ}]+")


def _letters(text: str) -> str:
    """The table of letters shared by all forms: NFKC, no invisible marks, Persian ی ک ه, no vowel signs."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = _INVISIBLE.sub("", text).translate(_STORED)
    text = text.replace("ه\u0654", "ۀ")
    # What stood between a letter and a mark is gone now, so letters may have to be joined once more.
    return unicodedata.normalize("NFC", _VOWEL_SIGNS.sub("", text))


def normalise_name(text: str) -> str:
    """A name as it is stored: Persian letters, single spaces, ZWNJ only inside a word. Hamze forms stay as typed."""
    if is_too_long(text):
        return text
    text = re.sub(r"\s+", " ", _letters(text))
    text = re.sub(f"{ZWNJ}+", ZWNJ, text)
    return re.sub(f"(?:{ZWNJ}? {ZWNJ}?)+", " ", text).strip(" " + ZWNJ)


def fold(text: str) -> str:
    """The key by which names are compared: no hamze, ZWNJ, spaces, hyphens, dots; never shown to anybody."""
    return text if is_too_long(text) else _without_hamze(re.sub(r"\s+", "", _letters(text)))


def series_letter(text: str) -> str:
    """The letter of a series as it is stored: «الف» spelled out, any other by itself; as received if it is none."""
    key = fold(text)
    return "الف" if key == "ا" else key


def is_name(text: str) -> bool:
    """Whether a normalised text is written in Persian letters, single spaces and ZWNJ alone."""
    return bool(_NAME.fullmatch(text)) and text.strip(" " + ZWNJ) == text


def normalise_answer(text: str) -> str:
    """The canonical text of a secret answer: spelling habits, letter case, digits and punctuation do not count.

    The letters of a name's key, case folded, ASCII digits, single spaces; neither ZWNJ nor control characters. The
    same function must stand before hashing and before comparing. Callers ask for 3 characters or more of it.
    """
    if is_too_long(text):
        return text
    text = _without_hamze(_letters(to_ascii_digits(unicodedata.normalize("NFKC", text)).casefold()))
    text = re.sub(r"\s", " ", text)
    kept = "".join(char for char in text if char == " " or not _is_noise(unicodedata.category(char)))
    return re.sub(" +", " ", unicodedata.normalize("NFKC", kept)).strip()


def _is_noise(category: str) -> bool:
    """Punctuation, control and format characters, other separators, accents standing alone."""
    return category[0] in "PCZ" or category == "Sk"


def _without_hamze(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_COMPARED))
