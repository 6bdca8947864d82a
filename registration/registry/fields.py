"""Fields of the reference registry's file: brought to the form they are stored and compared in.

What iran.numbers, names and jalali say of what citizens type holds here, too. The fast paths, marked so, only
recognise texts that those would leave as they are, as most texts of a registry are.
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iran import jalali
from iran.letters import ALPHABET, HAMZE_FORMS, SERIES_LETTERS
from iran.names import ZWNJ, fold, is_name, normalise_name, series_letter
from iran.numbers import INVISIBLE, NATIONAL_CODE_MESSAGES, clean_number, national_code_problem, normalise_mobile
from iran.typed import is_too_long

NAME_LENGTH = 60
MOBILES_LENGTH = 1000  # characters of a line's mobiles, as they are written
# The civil registry's service says 1 and 2.
GENDERS = {"female": "female", "male": "male", "زن": "female", "مرد": "male", "2": "female", "1": "male", "": ""}
ALIVE = {"1": "t", "0": "f"}

MESSAGES: dict[str, str | Promise] = {
    "missing": _("Nothing is written here"),
    "name": _("Names consist of Persian letters and spaces"),
    "long": _("Longer than it may be"),
    "gender": _("Write female, male, زن, مرد, 2 (female) or 1 (male)"),
    "date": _("Not a date of birth in the Solar Hijri calendar (year/month/day)"),
    "number": _("Only digits, and not more than the certificate has"),
    "letter": _("Not a letter of the Persian alphabet"),
    "alive": _("Write 1 (alive) or 0 (deceased)"),
    "mobile": _("Not a mobile number of Iran"),
}

_PLAIN_KEY = re.compile(f"[{ALPHABET} ]+")
# Begins with a letter that is left in its key.
_PLAIN_NAME = re.compile(f"(?!ء)[{ALPHABET}{HAMZE_FORMS}]+(?:[ {ZWNJ}][{ALPHABET}{HAMZE_FORMS}]+)*")
_PLAIN_MOBILE = re.compile("0?(9[01239][0-9]{8})")
# Three digits at a place of a national code → their share of the sum that gives the check digit.
_SHARES = [
    {f"{n:03}": n // 100 * weight + n // 10 % 10 * (weight - 1) + n % 10 * (weight - 2) for n in range(1000)}
    for weight in (10, 7, 4)
]
_CHECK_DIGITS = "01987654321"  # by the sum mod 11
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_BETWEEN_MOBILES = re.compile(r"[\s،,;؛/|]+")


class UnreadableField(Exception):  # noqa: N818  no fault of the program
    """A text that cannot be stored: a code that stays, and a message to read."""

    def __init__(self, code: str, message: str | Promise | None = None) -> None:
        super().__init__(code)
        self.code, self.message = code, message or MESSAGES[code]


Read = Callable[[str], str]  # raises UnreadableField


def national_code(text: str) -> str:
    """Ten digits. Only here, where systems write and nobody types, zeros that they lost are put back (8, 9 digits)."""
    try:  # fast path
        first, second, third = text[:3], text[3:6], text[6:9]
        total = _SHARES[0][first] + _SHARES[1][second] + _SHARES[2][third]
        if text[9:] == _CHECK_DIGITS[total % 11] and not second == third == "000" and not first == second == third:
            return text
    except KeyError:
        pass
    code = clean_number(text)
    if re.fullmatch("[0-9]{8,9}", code):
        code = code.zfill(10)
    problem = national_code_problem(code, allow_repeated=settings.NATIONAL_CODE_ALLOW_REPEATED)
    if problem:
        raise UnreadableField(problem, NATIONAL_CODE_MESSAGES[problem])
    return code


def name(text: str) -> str:
    """As iran.names normalises it; 1 to 60 letters and spaces."""
    stored = text if _PLAIN_NAME.fullmatch(text) else _stored_name(text)
    if len(stored) > NAME_LENGTH:
        raise UnreadableField("long")
    return stored


@lru_cache(maxsize=32768)
def _stored_name(text: str) -> str:
    if is_too_long(text):
        raise UnreadableField("long")
    stored = normalise_name(text)
    if not is_name(stored) or not fold(stored):
        raise UnreadableField("name" if stored else "missing")
    return stored


def optional_name(text: str) -> str:
    """Like `name`; empty when the source lacks it."""
    return name(text) if text and (_PLAIN_NAME.fullmatch(text) or normalise_name(text)) else ""


def name_key(stored: str) -> str:
    """`fold` of a name that is normalised already."""
    return stored.replace(" ", "") if _PLAIN_KEY.fullmatch(stored) else _folded(stored)


_folded = lru_cache(maxsize=32768)(fold)


def gender(text: str) -> str:
    try:
        return GENDERS[text]  # fast path
    except KeyError:
        found = GENDERS.get(fold(clean_number(text)).lower())
    if found is None:
        raise UnreadableField("gender")
    return found


def birth_date(text: str, *, today: dt.date) -> str:
    """ISO date of a Solar Hijri one: 1365/03/27, 1365-3-27 or 13650327, digits of any kind, from 1280 to `today`."""
    if is_too_long(text):
        raise UnreadableField("date")
    text = _INVISIBLE.sub("", text).strip()
    if not text:
        raise UnreadableField("missing")
    if re.fullmatch("[0-9]{8}", clean_number(text)) and not re.search("[/.-]", text):
        compact = clean_number(text)
        text = f"{compact[:4]}/{compact[4:6]}/{compact[6:]}"
    try:
        return jalali.parse(text, today=today).isoformat()
    except jalali.JalaliError:
        raise UnreadableField("date") from None


def number(most: int) -> Read:
    """Reads up to `most` digits, with the zeros they came with; empty when the source lacks it."""
    digits = re.compile(f"[0-9]{{0,{most}}}")

    def read(text: str) -> str:
        if not digits.fullmatch(text):  # else the fast path
            text = clean_number(text)
            if not digits.fullmatch(text):
                raise UnreadableField("number")
        return text

    return read


def letter(text: str) -> str:
    """One letter, «الف» spelled out; empty when the source lacks it."""
    if text in SERIES_LETTERS or not text:  # fast path
        return text
    found = series_letter(text)
    if found and found not in SERIES_LETTERS:
        raise UnreadableField("letter")
    return found


def alive(text: str) -> str:
    found = ALIVE.get(text) or ALIVE.get(clean_number(text))
    if not found:
        raise UnreadableField("alive")
    return found


def mobiles(text: str) -> str:
    """E.164, each once, a space between. Written forms may hold spaces: words are joined until they are a number."""
    if len(text) > MOBILES_LENGTH:
        raise UnreadableField("long")
    if plain := _PLAIN_MOBILE.fullmatch(text):  # fast path
        return f"+98{plain[1]}"
    found: dict[str, None] = {}
    pending = ""
    for word in _BETWEEN_MOBILES.split(text):
        if not pending and (plain := _PLAIN_MOBILE.fullmatch(word)):
            found[f"+98{plain[1]}"] = None
            continue
        pending += word
        try:
            found[normalise_mobile(pending)] = None
        except ValidationError:
            continue
        pending = ""
    if clean_number(pending):
        raise UnreadableField("mobile")
    return " ".join(found)


def past_date(text: str) -> str:
    """A `birth_date` not after today in Tehran."""
    return birth_date(text, today=timezone.localdate())


# Column of the file → how it is read; in the order of the sample, files may have another. Every field of
# Person.IDENTITY_FIELDS has a column of its name. A reader gives the text that PostgreSQL's COPY takes.
READERS: dict[str, Read] = {
    "national_code": national_code,
    "first_name": name,
    "last_name": name,
    "father_name": optional_name,
    "gender": gender,
    "birth_date": past_date,
    "certificate_number": number(10),
    "certificate_series_letter": letter,
    "certificate_series_number": number(3),
    "certificate_serial": number(6),
    "alive": alive,
    "mobiles": mobiles,
}
