"""Fields as forms use them: what is accepted, what is said, what the page gets."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.passwords.field import PasswordField
from iran.date_field import JalaliDateField
from iran.fields import MobileField, NationalCodeField, NumberField, PersianNameField
from tests.people import national_code

CODE = national_code(5)
TODAY = dt.date(2026, 11, 21)  # 30 Aban 1405
LONG = 100_000


def birth_date(**options: Any) -> JalaliDateField:
    return JalaliDateField(today=lambda: TODAY, **options)


class PersonForm(forms.Form):
    national_code = NationalCodeField()
    mobile = MobileField()
    first_name = PersianNameField(kind="first")
    last_name = PersianNameField(kind="last")
    number = NumberField(max_digits=10, allow_zero=False)
    birth_date = birth_date()
    password = PasswordField()


FILLED = {
    "p-national_code": f" {CODE[:3]}-{CODE[3:9]}-{CODE[9]}\u200f",
    "p-mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹",
    "p-first_name": " علي \u200cرضا ",
    "p-last_name": "كريمى",
    "p-number": "۰۰۱۲",
    "p-birth_date_day": "۲۷",
    "p-birth_date_month": "خرداد",
    "p-birth_date_year": "1365",
    "p-password": "  Aa 1 ",
}


def person(**changes: str | None) -> PersonForm:
    data = {**FILLED, **{f"p-{name}": value for name, value in changes.items()}}
    return PersonForm({name: value for name, value in data.items() if value is not None}, prefix="p")


def error_of(field: forms.Field, value: Any) -> tuple[str | None, str]:
    """Code and English text of the field's only error."""
    with pytest.raises(ValidationError) as error:
        field.clean(value)
    with translation.override("en"):
        (message,) = error.value.messages
    return error.value.error_list[0].code, message


def test_cleaned_values_are_what_rows_keep() -> None:
    form = person()
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "national_code": CODE,
        "mobile": "+989123456789",
        "first_name": "علی رضا",
        "last_name": "کریمی",
        "number": "0012",
        "birth_date": dt.date(1986, 6, 17),
        "password": "  Aa 1 ",
    }


def test_no_input_is_judged_or_cut_by_the_browser() -> None:
    html = PersonForm(prefix="p").as_div()
    assert not re.search(r"maxlength|minlength|pattern=|type=\"(number|tel|date)\"|\brequired\b", html)
    assert html.count("<input") == 9
    assert html.count('spellcheck="false"') == 9


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("national_code", {"type": "text", "inputmode": "numeric", "autocomplete": "username", "dir": "ltr"}),
        ("mobile", {"type": "text", "inputmode": "tel", "autocomplete": "tel-national", "dir": "ltr"}),
        ("first_name", {"type": "text", "inputmode": "", "autocomplete": "given-name", "dir": "auto"}),
        ("last_name", {"type": "text", "inputmode": "", "autocomplete": "family-name", "dir": "auto"}),
        ("number", {"type": "text", "inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
        ("birth_date_day", {"type": "text", "inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
        ("birth_date_month", {"type": "text", "inputmode": "", "autocomplete": "off", "dir": "ltr"}),
        ("birth_date_year", {"type": "text", "inputmode": "numeric", "autocomplete": "off", "dir": "ltr"}),
        ("password", {"type": "password", "autocomplete": "new-password", "dir": "ltr", "autocapitalize": "none"}),
    ],
)
def test_attributes_of_each_input(name: str, attributes: Mapping[str, str]) -> None:
    html = PersonForm(prefix="p").as_div()
    (tag,) = (tag for tag in re.findall("<input[^>]*>", html) if f'name="p-{name}"' in tag)
    found = {key: (re.search(f'{key}="([^"]*)"', tag) or ["", ""])[1] for key in attributes}
    assert found == attributes


def test_what_was_typed_stays_as_it_was_typed_but_not_the_password() -> None:
    form = person(national_code="۱۲۳ x", birth_date_month="شهریور", birth_date_day="۳۲", password="Geheim99!")
    html = form.as_div()
    for typed in ("۱۲۳ x", "شهریور", "۳۲", "1365", "۰۹۱۲ ۳۴۵ ۶۷۸۹"):
        assert f'value="{typed}"' in html
    assert "Geheim99!" not in html


def test_what_was_typed_is_escaped() -> None:
    html = person(birth_date_day='"><script>', first_name='"><script>').as_div()
    assert "<script>" not in html


def test_each_field_says_when_it_is_empty() -> None:
    form = PersonForm({}, prefix="p")
    with translation.override("en"):
        assert {name: [str(error) for error in errors] for name, errors in form.errors.items()} == {
            "national_code": ["Enter your national code"],
            "mobile": ["Enter your mobile number"],
            "first_name": ["Enter the first name"],
            "last_name": ["Enter the last name"],
            "number": ["Enter the number"],
            "birth_date": ["Enter the date of birth"],
            "password": ["Enter the password"],
        }


@pytest.mark.parametrize("nothing", [None, "", " ", "\u200f", " - ", "\u200c\u00a0"])
def test_invisible_text_is_nothing(nothing: str | None) -> None:
    assert error_of(NationalCodeField(), nothing)[0] == "required"
    assert error_of(MobileField(), nothing)[0] == "required"
    assert error_of(NumberField(max_digits=3), nothing)[0] == "required"
    assert NationalCodeField(required=False).clean(nothing) == ""
    assert MobileField(required=False).clean(nothing) == ""


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (NationalCodeField(), "0" * LONG, "length"),
        (NationalCodeField(), "x" * LONG, "length"),
        (MobileField(), "9" * LONG, "form"),
        (NumberField(max_digits=6), "۱" * LONG, "length"),
        (PersianNameField(kind="first"), "ع" * LONG, "length"),
        (PersianNameField(kind="first"), "ع " * LONG, "length"),
        (PersianNameField(kind="first"), "x" * LONG, "length"),
        (birth_date(), ["1" * LONG, "1", "1365"], "day"),
        (birth_date(), ["1", "م" * LONG, "1365"], "month"),
        (birth_date(), ["1", "1", "1" * LONG], "year_length"),
    ],
)
def test_a_very_long_value_gets_the_ordinary_error(field: forms.Field, value: Any, code: str) -> None:
    assert error_of(field, value)[0] == code


def test_numbers_keep_their_zeros() -> None:
    assert NumberField(max_digits=6).clean(" ۰۰۱۲-۳ ") == "00123"
    assert NumberField(max_digits=6).clean("000") == "000"


@pytest.mark.parametrize(
    ("value", "code"), [("12a", "digits"), ("+12", "digits"), ("12345678901", "length"), ("1", "short"), ("00", "zero")]
)
def test_what_is_wrong_with_a_number(value: str, code: str) -> None:
    own = {"digits": "D", "length": "L", "short": "S", "zero": "Z"}
    field = NumberField(min_digits=2, max_digits=10, allow_zero=False, error_messages=own)
    assert error_of(field, value) == (code, own[code])


def test_too_few_digits_have_the_length_message_if_there_is_no_own() -> None:
    assert error_of(NumberField(min_digits=6, max_digits=6, error_messages={"length": "L"}), "12345") == ("short", "L")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Ali", "letters"),
        ("علی۲", "letters"),
        ("علی2", "letters"),
        ("علی\x00", "letters"),
        ("علی-رضا", "letters"),
        ("ا" * 51, "length"),
    ],
)
def test_what_is_wrong_with_a_name(value: str, code: str) -> None:
    assert error_of(PersianNameField(kind="last"), value)[0] == code


def test_names_at_the_bounds() -> None:
    assert PersianNameField().clean("ی") == "ی"
    assert PersianNameField().clean(f"  {'ا' * 50}  ") == "ا" * 50
    assert PersianNameField(kind="city", required=False).clean(" ") == ""


def test_each_kind_of_name_speaks_of_itself() -> None:
    with translation.override("en"):
        assert (
            error_of(PersianNameField(kind="first"), "x")[1]
            == "The first name must contain Persian letters and spaces only"
        )
        assert (
            error_of(PersianNameField(kind="last"), "x")[1]
            == "The last name must contain Persian letters and spaces only"
        )
        assert error_of(PersianNameField(kind="city"), "x")[1] == "Write the city of residence in Persian letters"
    assert error_of(PersianNameField(kind="city", error_messages={"letters": "own"}), "x")[1] == "own"


def test_a_changed_value_is_seen_and_a_rewritten_one_is_not() -> None:
    assert not NationalCodeField().has_changed(CODE, f" {CODE} ")
    assert NationalCodeField().has_changed(CODE, "1")
    assert not MobileField().has_changed("+989123456789", "0912 345 6789")
    assert not MobileField().has_changed("09123456789", "۰۹۱۲۳۴۵۶۷۸۹")
    assert MobileField().has_changed("", "09123456789")
    assert birth_date().has_changed(TODAY, ["", "1", ""])


def test_a_field_for_the_present_password_asks_the_browser_for_it() -> None:
    assert PasswordField(current=True).widget.attrs["autocomplete"] == "current-password"
    assert PasswordField().clean(" ") == " "
