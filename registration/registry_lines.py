"""Lines of a file of the reference registry: validated, and brought to the form they are stored and compared in.

Pure functions, no database. The lines come out as values ready for COPY; what cannot be accepted comes out as a list of
problems, all of the line at once, so that whoever mends the file needs one round. The fast paths, marked so, give what
the validators of accounts would give for a text that is already in order, as most lines of a registry are.
"""

import csv
import datetime as dt
import mmap
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import jalali
from accounts.persian import ALPHABET, fold, is_name, normalise_name
from accounts.validators import (
    INVISIBLE,
    NATIONAL_CODE_MESSAGES,
    clean_number,
    national_code_problem,
    normalise_mobile,
)
from registration.identity.compare import series_letter

COLUMNS = (
    *("national_code", "first_name", "last_name", "father_name", "gender", "birth_date", "certificate_number"),
    *("certificate_series_letter", "certificate_series_number", "certificate_serial", "alive", "mobiles"),
)
NAME_LENGTH = 60
# The civil registry's service says 1 and 2.
GENDERS = {"female": "female", "male": "male", "زن": "female", "مرد": "male", "2": "female", "1": "male", "": ""}
ALIVE = {"1": "t", "0": "f"}
SERIES_LETTERS = frozenset(ALPHABET) - {"ا"} | {"الف"}

MESSAGES: dict[str, str | Promise] = {
    "encoding": _("The line is not UTF-8"),
    "fields": _("The line does not have as many fields as the header"),
    "missing": _("Nothing is written here"),
    "name": _("Names consist of Persian letters and spaces"),
    "long": _("Longer than it may be"),
    "gender": _("Write female, male, زن, مرد, 2 (female) or 1 (male)"),
    "date": _("Not a date of birth in the Solar Hijri calendar (year/month/day)"),
    "number": _("Only digits, and not more than the certificate has"),
    "letter": _("Not a letter of the Persian alphabet"),
    "alive": _("Write 1 (alive) or 0 (deceased)"),
    "mobile": _("Not a mobile number of Iran"),
    "repeated_line": _("An earlier line has the same national code"),
    "taken": _("An earlier line gives the mobile to another national code"),
}

_PLAIN_NAME = re.compile(f"[{ALPHABET}]+(?: [{ALPHABET}]+)*")
_PLAIN_MOBILE = re.compile("0?(9[01239][0-9]{8})")
_TEN_DIGITS = re.compile("[0-9]{10}")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_BETWEEN_MOBILES = re.compile(r"[\s،,;؛/|]+")


class Problem(NamedTuple):
    """What is wrong with a line: the column and a code that stays (`national_code`, `checksum`), and a text to read."""

    column: str
    code: str
    message: str | Promise


class Rejected(Exception):  # noqa: N818  no fault of the program
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = problems


class Person(NamedTuple):
    """A line in stored form, all texts; `birth_date` ISO, `is_alive` t or f, `mobiles` E.164 between spaces."""

    national_code: str
    first_name: str
    last_name: str
    father_name: str
    gender: str
    birth_date: str
    certificate_number: str
    certificate_series_letter: str
    certificate_series_number: str
    certificate_serial: str
    is_alive: str
    mobiles: str
    first_name_key: str
    last_name_key: str


class _Refused(Exception):  # noqa: N818
    def __init__(self, code: str, message: str | Promise | None = None) -> None:
        super().__init__(code)
        self.code, self.message = code, message or MESSAGES[code]


Read = Callable[[str], str]


def fields(line: str) -> list[str]:
    """The fields of one line. Quoted ones end in it: an odd quotation mark spoils one person, not all that follow."""
    if '"' not in line:  # fast path
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def rejected(code: str) -> Rejected:
    """The whole line is no use."""
    return Rejected([Problem("", code, MESSAGES[code])])


def person_reader(header: Sequence[str], today: dt.date) -> Callable[[str], Person]:
    """The function that reads a line below this header (the names of COLUMNS in any order). It raises `Rejected`."""
    order = [list(header).index(column) for column in COLUMNS]
    in_order = order == list(range(len(COLUMNS)))
    reads = _reads(today)

    def read(line: str) -> Person:
        texts = fields(line)
        if len(texts) != len(COLUMNS):
            raise rejected("fields")
        if not in_order:
            texts = [texts[place] for place in order]
        try:
            values = [read(text) for read, text in zip(reads, texts, strict=True)]
        except _Refused:
            raise Rejected(_problems(reads, texts)) from None
        return Person._make((*values, name_key(values[1]), name_key(values[2])))

    return read


class Claims:
    """Which national codes and mobiles the lines so far have claimed; a refused line claims nothing.

    One bit each, in memory that the system gives as it is touched: the file of a whole country takes 190 MB.
    """

    def __init__(self) -> None:
        # The check digit follows from the other nine. Mobiles: the nine digits behind the 9 that all begin with.
        self._codes, self._mobiles = _bits(10**9), _bits(10**9)

    def add(self, person: Person) -> None:
        """Raises `Rejected` if an earlier line had the code or one of the mobiles."""
        code = int(person.national_code[:9])
        mobiles = [int(mobile[4:]) for mobile in person.mobiles.split()]
        problems = []
        if _is_set(self._codes, code):
            problems.append(Problem("national_code", "repeated_line", MESSAGES["repeated_line"]))
        if any(_is_set(self._mobiles, mobile) for mobile in mobiles):
            problems.append(Problem("mobiles", "taken", MESSAGES["taken"]))
        if problems:
            raise Rejected(problems)
        _set(self._codes, code)
        for mobile in mobiles:
            _set(self._mobiles, mobile)


def _bits(count: int) -> mmap.mmap:
    return mmap.mmap(-1, count // 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _is_set(bits: mmap.mmap, place: int) -> bool:
    return bool(bits[place >> 3] >> (place & 7) & 1)


def _set(bits: mmap.mmap, place: int) -> None:
    bits[place >> 3] |= 1 << (place & 7)


def _reads(today: dt.date) -> tuple[Read, ...]:
    # Lines share dates: a century has 36,525 of them.
    date = lru_cache(maxsize=65536)(partial(birth_date, today=today))
    return (
        *(national_code, name, name, optional_name, gender, date),
        *(number(10), letter, number(3), number(6), alive, mobiles),
    )


def _problems(reads: tuple[Read, ...], texts: list[str]) -> list[Problem]:
    found = []
    for column, read, text in zip(COLUMNS, reads, texts, strict=True):
        try:
            read(text)
        except _Refused as refused:
            found.append(Problem(column, refused.code, refused.message))
    return found


def national_code(text: str) -> str:
    """Ten digits. Only here, where systems write and nobody types, zeros that they lost are put back (8, 9 digits)."""
    code = text if _TEN_DIGITS.fullmatch(text) else clean_number(text)
    if re.fullmatch("[0-9]{8,9}", code):
        code = code.zfill(10)
    problem = national_code_problem(code, allow_repeated=settings.NATIONAL_CODE_ALLOW_REPEATED)
    if problem:
        raise _Refused(problem, NATIONAL_CODE_MESSAGES[problem])
    return code


def name(text: str) -> str:
    """As accounts.persian normalises it; 1 to 60 letters and spaces."""
    if not _PLAIN_NAME.fullmatch(text):  # else the fast path: it stays as it is
        text = normalise_name(text)
        if not text:
            raise _Refused("missing")
        if not is_name(text) or not fold(text):
            raise _Refused("name")
    if len(text) > NAME_LENGTH:
        raise _Refused("long")
    return text


def optional_name(text: str) -> str:
    """Like `name`; empty when the source lacks it."""
    return name(text) if text and normalise_name(text) else ""


def name_key(stored: str) -> str:
    """`fold` of a name that is normalised already."""
    return stored.replace(" ", "") if _PLAIN_NAME.fullmatch(stored) else fold(stored)


def gender(text: str) -> str:
    try:
        return GENDERS[text]  # fast path
    except KeyError:
        found = GENDERS.get(fold(clean_number(text)).lower())
    if found is None:
        raise _Refused("gender")
    return found


def birth_date(text: str, *, today: dt.date) -> str:
    """ISO date of a Solar Hijri one: 1365/03/27, 1365-3-27 or 13650327, digits of any kind, from 1280 to `today`."""
    text = _INVISIBLE.sub("", text).strip()
    if not text:
        raise _Refused("missing")
    if re.fullmatch("[0-9]{8}", clean_number(text)) and not re.search("[/.-]", text):
        compact = clean_number(text)
        text = f"{compact[:4]}/{compact[4:6]}/{compact[6:]}"
    try:
        return jalali.parse(text, today=today).isoformat()
    except jalali.JalaliError:
        raise _Refused("date") from None


def number(most: int) -> Read:
    """Reads up to `most` digits, with the zeros they came with; empty when the source lacks it."""
    digits = re.compile(f"[0-9]{{0,{most}}}")

    def read(text: str) -> str:
        if not digits.fullmatch(text):  # else the fast path
            text = clean_number(text)
            if not digits.fullmatch(text):
                raise _Refused("number")
        return text

    return read


def letter(text: str) -> str:
    """One letter, «الف» spelled out; empty when the source lacks it."""
    if text in SERIES_LETTERS or not text:  # fast path
        return text
    found = series_letter(text)
    if found and found not in SERIES_LETTERS:
        raise _Refused("letter")
    return found


def alive(text: str) -> str:
    found = ALIVE.get(clean_number(text))
    if found is None:
        raise _Refused("alive")
    return found


def mobiles(text: str) -> str:
    """E.164, each once, a space between. Written forms may hold spaces: words are joined until they are a number."""
    found: dict[str, None] = {}
    pending = ""
    for word in _BETWEEN_MOBILES.split(text):
        if not pending and (plain := _PLAIN_MOBILE.fullmatch(word)):  # fast path
            found[f"+98{plain[1]}"] = None
            continue
        pending += word
        try:
            found[normalise_mobile(pending)] = None
        except ValidationError:
            continue
        pending = ""
    if clean_number(pending):
        raise _Refused("mobile")
    return " ".join(found)
