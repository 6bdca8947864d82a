"""Form fields whose cleaned values are what the rows keep: normalised text. Dates are in date_field.py.

What was typed stays in the form as it was typed. Every problem has one message; the texts are those of the pages.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from iran.names import is_name, normalise_name
from iran.numbers import (
    MOBILE_MESSAGES,
    NATIONAL_CODE_MESSAGES,
    clean_number,
    normalise_mobile,
    normalise_national_code,
)
from iran.typed import LONGEST, is_too_long
from iran.widgets import PlainInput

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

NameKind = Literal["first", "last", "city"]


class TextField(forms.Field):
    """A text that becomes another text. `normalise` gets what was typed and answers "" for nothing.

    A text that is too long (iran.typed) never gets there: its error is the one with the code `too_long`.
    """

    empty_values = [None, ""]
    too_long = "length"

    def to_python(self, value: Any) -> str:
        if not isinstance(value, str):
            return ""
        if is_too_long(value):
            raise ValidationError(self.error_messages[self.too_long], code=self.too_long)
        return self.normalise(value)

    def normalise(self, text: str) -> str:
        raise NotImplementedError

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or "")
        except ValidationError:
            return True


class NationalCodeField(TextField):
    """Cleans to ten ASCII digits."""

    default_error_messages = {
        "required": NATIONAL_CODE_MESSAGES["empty"],
        "length": NATIONAL_CODE_MESSAGES["length"],
    }

    def __init__(self, *, autocomplete: str = "username", **kwargs: Any) -> None:
        kwargs.setdefault("label", _("National code"))
        kwargs.setdefault("help_text", _("10 digits, with the zeros at its beginning"))
        kwargs.setdefault("widget", PlainInput(autocomplete=autocomplete, inputmode="numeric"))
        super().__init__(**kwargs)

    def normalise(self, text: str) -> str:
        return normalise_national_code(text) if clean_number(text) else ""


class MobileField(TextField):
    """Cleans to E.164, `+989…`; a bound value is shown as it was typed, an initial one should be given as 09…."""

    default_error_messages = {"required": MOBILE_MESSAGES["empty"], "form": MOBILE_MESSAGES["form"]}
    too_long = "form"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile phone number"))
        kwargs.setdefault("widget", PlainInput(autocomplete="tel-national", inputmode="tel"))
        super().__init__(**kwargs)

    def normalise(self, text: str) -> str:
        return normalise_mobile(text) if clean_number(text) else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(normalise_mobile(initial) if initial else "", data)


class NumberField(TextField):
    """Digits that are kept as text: numbers of certificates, codes. Cleans to ASCII digits, zeros kept.

    Messages: `required`, `digits`, `length` (too many), `short` (too few; `length` if not given), `zero`.
    """

    default_error_messages = {
        "required": _("Enter the number"),
        "digits": _("The number must contain digits only"),
        "length": _("The number of digits is not right"),
        "zero": _("The number cannot be zero"),
    }

    def __init__(self, *, max_digits: int, min_digits: int = 1, allow_zero: bool = True, **kwargs: Any) -> None:
        self.min_digits, self.max_digits, self.allow_zero = min_digits, max_digits, allow_zero
        kwargs.setdefault("widget", PlainInput(inputmode="numeric"))
        super().__init__(**kwargs)

    def normalise(self, text: str) -> str:
        number = clean_number(text)
        if not number:
            return ""
        if not re.fullmatch("[0-9]+", number):
            raise ValidationError(self.error_messages["digits"], code="digits")
        if len(number) > self.max_digits:
            raise ValidationError(self.error_messages["length"], code="length")
        if len(number) < self.min_digits:
            raise ValidationError(self.error_messages.get("short", self.error_messages["length"]), code="short")
        if not self.allow_zero and not number.strip("0"):
            raise ValidationError(self.error_messages["zero"], code="zero")
        return number


class PersianNameField(TextField):
    """A name of 1–50 Persian letters, spaces and ZWNJ, cleaned as `iran.names.normalise_name` stores it.

    `kind` chooses label, messages and what browsers may fill in: first name, last name, or a city abroad.
    """

    MAX_LENGTH = 50
    LABELS: Mapping[NameKind, "StrPromise"] = {
        "first": _("First name"),
        "last": _("Last name"),
        "city": _("City of residence"),
    }
    MESSAGES: Mapping[NameKind, Mapping[str, "StrPromise"]] = {
        "first": {
            "required": _("Enter the first name"),
            "letters": _("The first name must contain Persian letters and spaces only"),
            "length": _("The first name must be 50 characters or fewer"),
        },
        "last": {
            "required": _("Enter the last name"),
            "letters": _("The last name must contain Persian letters and spaces only"),
            "length": _("The last name must be 50 characters or fewer"),
        },
        "city": {
            "required": _("Enter the city of residence"),
            "letters": _("Write the city of residence in Persian letters"),
            "length": _("The city of residence must be 50 characters or fewer"),
        },
    }
    AUTOCOMPLETE: Mapping[NameKind, str] = {"first": "given-name", "last": "family-name", "city": "address-level2"}

    def __init__(
        self, *, kind: NameKind = "first", error_messages: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("label", self.LABELS[kind])
        kwargs.setdefault("help_text", _("In Persian letters"))
        kwargs.setdefault("widget", PlainInput(autocomplete=self.AUTOCOMPLETE[kind], direction="auto"))
        super().__init__(error_messages={**self.MESSAGES[kind], **(error_messages or {})}, **kwargs)

    def normalise(self, text: str) -> str:
        name = normalise_name(text)
        if not name:
            return ""
        if len(name) > self.MAX_LENGTH:
            raise ValidationError(self.error_messages["length"], code="length")
        if not is_name(name):
            raise ValidationError(self.error_messages["letters"], code="letters")
        return name


class ShortField(forms.CharField):
    """A text that stays as it is. Nothing looks into one of more than LONGEST characters, its validators neither: the
    message `max_length` says what is wrong.
    """

    def to_python(self, value: Any) -> str | None:
        if isinstance(value, str) and is_too_long(value):
            raise ValidationError(self.error_messages["max_length"], code="max_length", params={"max": LONGEST})
        return super().to_python(value)
