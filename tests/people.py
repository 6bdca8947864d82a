"""Made-up people for tests and demos. Their national codes have the serial part 999xxx, which no office has reached."""

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, TypeVar

from iran import jalali

Person = TypeVar("Person", bound=SimpleNamespace)

# What a made-up person states; of another one, tests say what differs. Every field of the identity is here.
STATED: dict[str, Any] = {
    "last_name": "محمدی",
    "first_name": "سارا",
    "certificate_number": "4127",
    "certificate_serial": "073516",
    "certificate_series_letter": "ب",
    "certificate_series_number": "27",
    "birth_date": dt.date(1986, 6, 17),  # 27 Khordad 1365
    "gender": "female",
}


def typed(identity: Mapping[str, Any]) -> dict[str, str]:
    """An identity as it is typed into the form: the date of birth in three fields of the Solar Hijri calendar."""
    year, month, day = jalali.from_gregorian(identity["birth_date"])
    parts = {"birth_date_day": str(day), "birth_date_month": str(month), "birth_date_year": str(year)}
    return {name: value for name, value in identity.items() if name != "birth_date"} | parts


def national_code(number: int, office: int = 1) -> str:
    """The `number`-th (0–999) made-up national code of an office: `OOO999NNN` and its check digit."""
    nine = f"{office:03}999{number:03}"
    remainder = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return nine + str(remainder if remainder < 2 else 11 - remainder)


def replace(person: Person, **changes: Any) -> Person:
    """An applicant, or a person as recorded, with other values of some fields."""
    return type(person)(**vars(person) | changes)
