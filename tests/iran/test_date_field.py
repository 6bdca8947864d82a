"""A Solar Hijri day in three inputs: what is understood, what is said of what cannot be, what browsers are offered."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from iran import jalali
from iran.date_field import JalaliDateField, tehran_today
from iran.widgets import JalaliDateWidget
from tests.iran.test_fields import LONG, TODAY, PersonForm, birth_date, error_of


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
