"""Made-up people for tests and demos. Their national codes have the serial part 999xxx, which no office has reached."""

from types import SimpleNamespace
from typing import Any, TypeVar

Person = TypeVar("Person", bound=SimpleNamespace)


def national_code(number: int, office: int = 1) -> str:
    """The `number`-th (0–999) made-up national code of an office: `OOO999NNN` and its check digit."""
    nine = f"{office:03}999{number:03}"
    remainder = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return nine + str(remainder if remainder < 2 else 11 - remainder)


def replace(person: Person, **changes: Any) -> Person:
    """An applicant, or a person as recorded, with other values of some fields."""
    return type(person)(**vars(person) | changes)
