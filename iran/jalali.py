"""Solar Hijri dates at the edges: read what people type, show what is stored. Inside, every date is Gregorian.

Arithmetic is jdatetime's (33-year rule, equal to the official calendar of our time: 1403 is a leap year, 1404 is not);
reading and formatting are our own, because its parser moves small years into other centuries and its locale is kept
per thread.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import jdatetime

from iran.numbers import to_ascii_digits

TEHRAN = ZoneInfo("Asia/Tehran")
FIRST_YEAR = 1280
MONTHS = (
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
)
_MONTH_NUMBERS = {name: number for number, name in enumerate(MONTHS, 1)} | {"امرداد": 5, "ابان": 8, "اذر": 9}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class JalaliError(ValueError):
    """A date that cannot be; `code` says why.

    `form` (not year/month/day), `order` (day first), `year_length`, `gregorian`, `month`, `impossible` (no such day),
    `early` (before 1280), `future`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def to_gregorian(year: int, month: int, day: int) -> dt.date:
    """The Gregorian date of a Solar Hijri one; JalaliError `month` or `impossible` if there is no such day."""
    if not 1 <= month <= 12:
        raise JalaliError("month")
    try:
        gregorian: dt.date = jdatetime.date(year, month, day).togregorian()
    except (ValueError, OverflowError):
        raise JalaliError("impossible") from None
    return gregorian


def from_gregorian(date: dt.date) -> tuple[int, int, int]:
    """(year, month, day) in the Solar Hijri calendar; of an aware datetime the day in Tehran."""
    date = _tehran_day(date)
    jalali = jdatetime.date.fromgregorian(year=date.year, month=date.month, day=date.day)
    return jalali.year, jalali.month, jalali.day


def read(year: str, month: str, day: str, *, today: dt.date) -> dt.date:
    """The Gregorian date of typed parts, which must be cleaned (ASCII digits; the month may be a name).

    Bounds: 1 Farvardin 1280 to `today` inclusive. JalaliError names what is wrong, the year first.
    """
    if not re.fullmatch("[0-9]{4}", year):
        raise JalaliError("year_length")
    if 1900 <= int(year) <= 2100:
        raise JalaliError("gregorian")
    if int(year) < FIRST_YEAR:
        raise JalaliError("early")
    date = to_gregorian(int(year), month_number(month), _day_number(day))
    if date > today:
        raise JalaliError("future")
    return date


def parse(text: str, *, today: dt.date) -> dt.date:
    """The Gregorian date of `1365/03/27` (also with - or . and Persian digits); JalaliError as in `read`."""
    text = to_ascii_digits(text).strip()
    parts = re.fullmatch("([0-9]{1,4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,4})", text)
    if not parts:
        raise JalaliError("form")
    if len(parts[3]) == 4 and len(parts[1]) <= 2:
        raise JalaliError("order")
    return read(parts[1], parts[2], parts[3], today=today)


def month_number(text: str) -> int:
    """1–12 from a number or a month's Persian name, also with Arabic letters, ZWNJ or «ماه»; JalaliError `month`."""
    if re.fullmatch("[0-9]{1,2}", text):
        return int(text)
    name = text.replace("ي", "ی").replace("ى", "ی").replace("\u200c", "").removesuffix("ماه").strip()
    number = _MONTH_NUMBERS.get(name)
    if not number:
        raise JalaliError("month")
    return number


def format_date(date: dt.date) -> str:
    """`۲۷ خرداد ۱۳۶۵`; of an aware datetime the day in Tehran."""
    year, month, day = from_gregorian(date)
    return f"{day} {MONTHS[month - 1]} {year}".translate(_PERSIAN_DIGITS)


def format_datetime(moment: dt.datetime) -> str:
    """`۳۰ آبان ۱۴۰۵، ساعت ۲۲:۴۵` in Tehran's time; ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone")
    clock = moment.astimezone(TEHRAN).strftime("%H:%M").translate(_PERSIAN_DIGITS)
    return f"{format_date(moment)}، ساعت {clock}"


def _day_number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text):
        raise JalaliError("impossible")
    return int(text)


def _tehran_day(date: dt.date) -> dt.date:
    if isinstance(date, dt.datetime):
        return (date.astimezone(TEHRAN) if date.tzinfo else date).date()
    return date
