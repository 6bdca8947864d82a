"""Values in the answers of services, as they come: numbers as text, text as base64, anything as a list of one.

Each function returns None for what is absent or cannot be read: absent is not different. Texts are not compared here;
that is `compare`'s, which also knows the letters they come in.
"""

import base64
import binascii
import datetime as dt
import re
from typing import Any

from iran import jalali
from iran.letters import SERIES_LETTERS
from iran.names import series_letter
from iran.numbers import clean_number
from registration.identity.failures import FailureKind, IdentityError

_SERIES = re.compile(r"[\s/\\_.،-]*")


def first(value: Any) -> Any:
    """Lists stand for their first element."""
    while isinstance(value, list):
        value = value[0] if value else None
    return value


def text(value: Any) -> str | None:
    value = first(value)
    return value.strip() or None if isinstance(value, str) else None


def number(value: Any) -> str | None:
    """Digits of a whole number that came as number or text."""
    value = first(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    digits = clean_number(str(value)) if not str(value).startswith("-") else ""
    return digits if re.fullmatch("[0-9]{1,19}", digits) else None


def percent(value: Any) -> float | None:
    value = first(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return float(value)


def date(value: Any) -> dt.date | None:
    """A Solar Hijri date as 13700101 or 1370/01/01; None for one with an unknown day or month."""
    digits = re.sub("[^0-9]", "", clean_number(str(first(value))))
    if not re.fullmatch("1[0-9]{7}", digits):
        return None
    try:
        return jalali.to_gregorian(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except jalali.JalaliError:
        return None


def compact(date: dt.date | None) -> str:
    """19 March 1991 → `13691228`, as services are asked. Without a date nobody can be found."""
    if date is None:
        raise IdentityError(FailureKind.INPUT, "no birth date")
    year, month, day = jalali.from_gregorian(date)
    return f"{year:04}{month:02}{day:02}"


def series(value: str | None) -> tuple[str | None, str | None]:
    """Letter and number of a certificate's series: `الف/12`, `12ب`, `ب 27`. What is neither is left out."""
    plain = _SERIES.sub("", clean_number(value or ""))
    letter = series_letter(re.sub("[0-9]", "", plain))
    numbers = re.findall("[0-9]+", plain)
    return letter if letter in SERIES_LETTERS else None, numbers[0] if len(numbers) == 1 else None


def base64_text(value: Any) -> str | None:
    """UTF-8 text in base64; text in Persian letters as it is, some gateways have decoded it already.

    Raises IdentityError for anything else: a name that cannot be read must not count as one that is not there.
    """
    coded = text(value)
    if coded is None or not coded.isascii():
        return coded
    try:
        return text(base64.b64decode("".join(coded.split()), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        raise IdentityError(FailureKind.ODD, "text that is not base64") from None


def reference(value: Any) -> str | None:
    """An id by which the service finds the question again; nothing that could be about a person."""
    value = text(value)
    return value if value and re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.:-]{0,69}", value) else None


def refuse_another_person(asked: str, answered: Any) -> None:
    """An answer about somebody else is none. Services lose leading zeros; not all repeat the national code."""
    code = number(answered)
    if code is not None and int(code) != int(asked):
        raise IdentityError(FailureKind.ODD, "about another person")
