"""Fields as forms use them: what is accepted, what is said, what the page gets."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from accounts.passwords.field import PasswordField
from iran import jalali
from iran.date_field import JalaliDateField, tehran_today
from iran.fields import MobileField, NationalCodeField, NumberField, PersianNameField
from iran.widgets import JalaliDateWidget
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


@pytest.mark.parametrize(
    ("day", "month", "year", "code"),
    [
        ("", "", "", "required"),
        ("", "3", "1365", "missing_day"),
        ("27", "", "1365", "missing_month"),
        ("27", "3", "", "missing_year"),
        ("", "", "1365", "missing_day_month"),
        ("", "3", "", "missing_day_year"),
        ("27", " \u200f", "", "missing_month_year"),
        ("", "13", "65", "missing_day"),
        ("27", "3", "65", "year_length"),
        ("17", "6", "1986", "gregorian"),
        ("27", "3", "1279", "early"),
        ("27", "13", "1365", "month"),
        ("27", "June", "1365", "month"),
        ("31", "7", "1365", "impossible"),
        ("30", "12", "1404", "impossible"),
        ("x", "3", "1365", "day"),
        ("0", "3", "1365", "day"),
        ("32", "3", "1365", "day"),
        ("17", "خرداد", "1986", "gregorian"),
        ("31", "6", "1986", "gregorian"),
        ("1", "9", "1405", "future"),
    ],
)
def test_one_message_about_a_date(day: str, month: str, year: str, code: str) -> None:
    assert error_of(birth_date(), [day, month, year])[0] == code


@pytest.mark.parametrize(
    ("day", "month", "year", "text"),
    [
        ("0", "3", "1365", "The day of birth must be between 1 and 31"),
        ("30", "12", "1404", "Esfand 1404 has 29 days"),
        ("31", "مهر", "1365", "Mehr 1365 has 30 days"),
        ("31", "1", "1499", "The date of birth must be in the past"),
        ("", "", "1365", "The date of birth must have a day and a month"),
        ("27", "13", "1365", "The month of birth must be between 1 and 12"),
        ("31", "6", "1986", "Enter the date of birth in the Solar Hijri calendar"),
        ("1", "1", "2100", "Enter the date of birth in the Solar Hijri calendar"),
    ],
)
def test_each_problem_of_a_date_has_its_own_sentence(day: str, month: str, year: str, text: str) -> None:
    with translation.override("en"):
        assert error_of(birth_date(), [day, month, year])[1] == text


def test_how_long_a_month_is_is_told_in_persian_digits() -> None:
    with translation.override("fa"), pytest.raises(ValidationError, match="اسفند ۱۴۰۴، ۲۹ روز دارد"):
        birth_date().clean(["30", "12", "1404"])


@pytest.mark.parametrize("month", ["6", "June", "ژوئن"])
def test_a_gregorian_date_is_offered_in_the_solar_hijri_calendar(month: str) -> None:
    form = PersonForm({"p-birth_date_day": "17", "p-birth_date_month": month, "p-birth_date_year": "1986"}, prefix="p")
    with translation.override("fa"):
        [message] = form.errors["birth_date"]
    assert "۲۷ خرداد ۱۳۶۵" in message
    assert form["birth_date"].value() == ["27", "3", "1365"]
    with translation.override("en"):
        assert "27 Khordad 1365" in error_of(birth_date(), ["17", month, "1986"])[1]


@pytest.mark.parametrize("box", ["day", "month", "year"])
@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("1365/3/27", ["27", "3", "1365"]),
        (" ۲۷-۰۳-۱۳۶۵ ", ["27", "03", "1365"]),
        ("27 خرداد 1365", ["27", "خرداد", "1365"]),
        ("۲۷خرداد۱۳۶۵", ["27", "خرداد", "1365"]),
        ("13650327", ["27", "03", "1365"]),
        ("27031365", ["27", "03", "1365"]),
        ("\u200e1365\u200f.03.27", ["27", "03", "1365"]),
        ("17/6/1986", ["17", "6", "1986"]),
    ],
)
def test_a_whole_date_in_one_box_is_taken_apart(box: str, typed: str, parts: list[str]) -> None:
    assert JalaliDateWidget().value_from_datadict({f"b_{box}": typed}, MultiValueDict(), "b") == parts


@pytest.mark.parametrize(
    "typed", ["27/3", "1365/3/1365", "خرداد 1365", "13651327", "365/3/27", "1/1365/27", "27", "1" * LONG]
)
def test_what_is_no_whole_date_stays_where_it_was_typed(typed: str) -> None:
    assert JalaliDateWidget().value_from_datadict({"b_day": typed}, MultiValueDict(), "b") == [typed, None, None]


def test_a_whole_date_with_a_short_year_is_asked_for_the_year() -> None:
    parts = JalaliDateWidget().value_from_datadict({"b_day": "27/3/65"}, MultiValueDict(), "b")
    assert error_of(birth_date(), parts)[0] == "year_length"


def test_a_whole_date_beside_other_parts_is_left_alone() -> None:
    data = {"b_day": "1365/3/27", "b_month": "3"}
    assert JalaliDateWidget().value_from_datadict(data, MultiValueDict(), "b") == ["1365/3/27", "3", None]


def test_months_are_named_in_the_pages_letters() -> None:
    with translation.override("en"):
        assert JalaliDateWidget.month_names()[2] == "Khordad"
    with translation.override("fa"):
        assert JalaliDateWidget.month_names()[2] == "خرداد"
    assert birth_date().clean(["27", "khordad", "1365"]) == birth_date().clean(["27", "خرداد", "1365"])


def test_dates_that_are_accepted() -> None:
    assert birth_date().clean(["30", "12", "1403"]) == dt.date(2025, 3, 20)
    assert birth_date().clean(["۰۳", "اردی\u200cبهشت", " ۱۳۶۵ "]) == dt.date(1986, 4, 23)
    assert birth_date().clean(["30", "8", "1405"]) == TODAY
    assert birth_date(required=False).clean([None, None, None]) is None


@given(st.dates(dt.date(1901, 3, 21), TODAY))
def test_a_stored_date_fills_its_inputs_and_comes_back(day: dt.date) -> None:
    field = birth_date()
    widget = JalaliDateWidget()
    parts = widget.decompress(day)
    data = {f"b_{name}": part for name, part in zip(("day", "month", "year"), parts, strict=True)}
    assert field.clean(widget.value_from_datadict(data, MultiValueDict(), "b")) == day
    assert not field.has_changed(day, parts)
    assert field.has_changed(day + dt.timedelta(1), parts)


def test_the_parts_of_a_date_can_be_drawn_one_by_one() -> None:
    form = PersonForm(initial={"birth_date": dt.date(1986, 6, 17)}, prefix="p")
    parts = form["birth_date"].subwidgets[0].data["subwidgets"]
    with translation.override("en"):
        assert [(part["name"], part["attrs"]["id"], part["value"], str(part["label"])) for part in parts] == [
            ("p-birth_date_day", "id_p-birth_date_0", "27", "Day"),
            ("p-birth_date_month", "id_p-birth_date_1", "3", "Month"),
            ("p-birth_date_year", "id_p-birth_date_2", "1365", "Year"),
        ]
    assert form["birth_date"].use_fieldset


def test_today_is_the_day_in_tehran(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = dt.datetime(2026, 11, 21, 20, 31, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    assert tehran_today() == dt.date(2026, 11, 22)
    assert JalaliDateField().clean(["1", "9", "1405"]) == jalali.to_gregorian(1405, 9, 1)


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
