import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iran import jalali

TODAY = dt.date(2026, 11, 21)  # 30 Aban 1405
DAYS = st.dates(dt.date(1901, 3, 21), TODAY)


def code_of(year: str, month: str, day: str) -> str:
    with pytest.raises(jalali.JalaliError) as error:
        jalali.read(year, month, day, today=TODAY)
    return error.value.code


@pytest.mark.parametrize(
    ("shown", "stored"),
    [
        ((1280, 1, 1), dt.date(1901, 3, 21)),
        ((1304, 1, 11), dt.date(1925, 3, 31)),
        ((1357, 11, 22), dt.date(1979, 2, 11)),
        ((1365, 3, 27), dt.date(1986, 6, 17)),
        ((1403, 12, 30), dt.date(2025, 3, 20)),
        ((1404, 1, 1), dt.date(2025, 3, 21)),
        ((1405, 8, 30), TODAY),
    ],
)
def test_known_days(shown: tuple[int, int, int], stored: dt.date) -> None:
    assert jalali.to_gregorian(*shown) == stored
    assert jalali.from_gregorian(stored) == shown


@pytest.mark.parametrize("year", [1300, 1304, 1309, 1342, 1346, 1370, 1375, 1379, 1391, 1395, 1399, 1403, 1408])
def test_leap_years(year: int) -> None:
    assert jalali.from_gregorian(jalali.to_gregorian(year, 12, 30)) == (year, 12, 30)
    with pytest.raises(jalali.JalaliError, match="impossible"):
        jalali.to_gregorian(year + 1, 12, 30)


@given(DAYS)
def test_every_day_comes_back(day: dt.date) -> None:
    year, month, number = jalali.from_gregorian(day)
    assert jalali.to_gregorian(year, month, number) == day
    assert jalali.read(str(year), jalali.MONTHS[month - 1], str(number), today=TODAY) == day
    assert jalali.parse(f"{year}/{month}/{number}", today=TODAY) == day


@given(DAYS)
def test_days_follow_one_another(day: dt.date) -> None:
    assert jalali.from_gregorian(day - dt.timedelta(1)) < jalali.from_gregorian(day)


@pytest.mark.parametrize(
    ("year", "month", "day", "code"),
    [
        ("65", "3", "27", "year_length"),
        ("13650", "3", "27", "year_length"),
        ("خرداد", "3", "27", "year_length"),
        ("1986", "6", "17", "gregorian"),
        ("2100", "1", "1", "gregorian"),
        ("0000", "1", "1", "early"),
        ("1279", "12", "29", "early"),
        ("1365", "0", "1", "month"),
        ("1365", "13", "1", "month"),
        ("1365", "003", "1", "month"),
        ("1365", "june", "1", "month"),
        ("1365", "7", "31", "impossible"),
        ("1365", "3", "0", "day"),
        ("1365", "3", "32", "day"),
        ("1365", "3", "x", "day"),
        ("1404", "12", "30", "impossible"),
        ("1405", "9", "1", "future"),
        ("1899", "1", "1", "future"),
        ("9999", "1", "1", "impossible"),
    ],
)
def test_dates_that_cannot_be(year: str, month: str, day: str, code: str) -> None:
    assert code_of(year, month, day) == code


def test_the_bounds_are_days_that_can_be() -> None:
    assert jalali.read("1280", "1", "1", today=TODAY) == dt.date(1901, 3, 21)
    assert jalali.read("1405", "08", "30", today=TODAY) == TODAY


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("03", 3),
        ("خرداد", 3),
        ("اردی‌بهشت", 2),
        ("امرداد", 5),
        ("ابان", 8),
        ("آذر", 9),
        ("دي", 10),
        ("تیرماه", 4),
    ],
)
def test_names_of_months(text: str, number: int) -> None:
    assert jalali.month_number(text) == number


@pytest.mark.parametrize("text", ["1365/3/27", "1365-03-27", "1365.3.27", " ۱۳۶۵/۰۳/۲۷ ", "١٣٦٥/٣/٢٧"])
def test_written_dates(text: str) -> None:
    assert jalali.parse(text, today=TODAY) == dt.date(1986, 6, 17)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "form"),
        ("13650327", "form"),
        ("abc1365-03-27xyz", "form"),
        ("1365/3/27\n8", "form"),
        ("27/3/1365", "order"),
        ("1365/3/277", "day"),
        ("65/3/27", "year_length"),
        ("0099/01/01", "early"),
        ("1986-06-17", "gregorian"),
        ("1405/9/1", "future"),
    ],
)
def test_texts_that_are_no_date(text: str, code: str) -> None:
    with pytest.raises(jalali.JalaliError) as error:
        jalali.parse(text, today=TODAY)
    assert error.value.code == code


def test_how_a_day_is_shown() -> None:
    assert jalali.format_date(dt.date(1986, 6, 17)) == "۲۷ خرداد ۱۳۶۵"
    assert jalali.format_date(dt.date(2025, 3, 20)) == "۳۰ اسفند ۱۴۰۳"


def test_how_a_moment_is_shown_in_tehran() -> None:
    moment = dt.datetime(2026, 11, 21, 19, 15, tzinfo=dt.UTC)
    assert jalali.format_datetime(moment) == "۳۰ آبان ۱۴۰۵، ساعت ۲۲:۴۵"
    after_midnight_in_tehran = dt.datetime(2026, 11, 21, 20, 31, tzinfo=dt.UTC)
    assert jalali.format_datetime(after_midnight_in_tehran) == "۱ آذر ۱۴۰۵، ساعت ۰۰:۰۱"
    assert jalali.from_gregorian(after_midnight_in_tehran) == (1405, 9, 1)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        jalali.format_datetime(dt.datetime(2026, 11, 21))  # noqa: DTZ001
    assert jalali.from_gregorian(dt.datetime(2026, 11, 21, 23, 59)) == (1405, 8, 30)  # noqa: DTZ001
