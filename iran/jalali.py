"""Solar Hijri dates at the edges: read what people type, show what is stored. Inside, every date is Gregorian.

Arithmetic is jdatetime's (33-year rule, equal to the official calendar of our time: 1403 is a leap year, 1404 is not);
reading and formatting are our own, because its parser moves small years into other centuries and its locale is kept
per thread.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import jdatetime

from iran.numbers import DASHES, INVISIBLE, to_ascii_digits

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
MONTHS_IN_LATIN = (
    *("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar"),
    *("Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"),
)
_MONTH_NUMBERS = (
    {name: number for number, name in enumerate(MONTHS, 1)}
    | {name.lower(): number for number, name in enumerate(MONTHS_IN_LATIN, 1)}
    | {"امرداد": 5, "ابان": 8, "اذر": 9}
)
_GREGORIAN_MONTHS = (
    ("january", "jan", "ژانویه"),
    ("february", "feb", "فوریه"),
    ("march", "mar", "مارس"),
    ("april", "apr", "آوریل"),
    ("may", "مه", "می"),
    ("june", "jun", "ژوئن"),
    ("july", "jul", "ژوئیه", "جولای"),
    ("august", "aug", "اوت", "آگوست"),
    ("september", "sep", "سپتامبر"),
    ("october", "oct", "اکتبر"),
    ("november", "nov", "نوامبر"),
    ("december", "dec", "دسامبر"),
)
_GREGORIAN_NUMBERS = {name: number for number, names in enumerate(_GREGORIAN_MONTHS, 1) for name in names}
_GREGORIAN_YEARS = range(1900, 2101)
_BETWEEN = f"[\\s/.,،{re.escape(DASHES)}]"
_WHOLE = re.compile(
    f"([0-9]{{1,4}})(?:{_BETWEEN}+([0-9]{{1,2}}){_BETWEEN}+|{_BETWEEN}*([A-Za-z\u0621-\u064a\u067e-\u06cc]+){_BETWEEN}*)([0-9]{{1,4}})"
)
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class JalaliError(ValueError):
    """A date that cannot be; `code` says why.

    `form` (not year/month/day), `order` (day first), `year_length`, `gregorian`, `month`, `day` (none of 1–31),
    `impossible` (the month has no such day; `days` tells how many it has), `early` (before 1280), `future`.
    """

    def __init__(self, code: str, *, days: int | None = None) -> None:
        super().__init__(code)
        self.code, self.days = code, days


def to_gregorian(year: int, month: int, day: int) -> dt.date:
    """The Gregorian date of a Solar Hijri one; JalaliError `month` or `impossible` if there is no such day."""
    if not 1 <= month <= 12:
        raise JalaliError("month")
    try:
        gregorian: dt.date = jdatetime.date(year, month, day).togregorian()
    except (ValueError, OverflowError):
        raise JalaliError("impossible", days=_days_of(year, month)) from None
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
    if int(year) in _GREGORIAN_YEARS:
        raise JalaliError("gregorian")
    if int(year) < FIRST_YEAR:
        raise JalaliError("early")
    date = to_gregorian(int(year), month_number(month), _day_number(day))
    if date > today:
        raise JalaliError("future")
    return date


def from_gregorian_parts(year: str, month: str, day: str, *, today: dt.date) -> dt.date | None:
    """The day that somebody wrote in the Gregorian calendar, of cleaned parts as in `read`; None if they are none."""
    number = int(month) if re.fullmatch("[0-9]{1,2}", month) else _GREGORIAN_NUMBERS.get(month.lower())
    if not number or not re.fullmatch("[0-9]{4}", year) or int(year) not in _GREGORIAN_YEARS:
        return None
    try:
        date = dt.date(int(year), number, _day_number(day))
    except (ValueError, JalaliError):
        return None
    return date if date <= today else None


def split(text: str) -> tuple[str, str, str] | None:
    """(day, month, year) of a whole date in one text, year first or last: `1365/3/27`, `27-3-1365`, `27 خرداد 1365`,
    `13650327`. None if it is none; whether there is such a day, of which calendar, is not judged.
    """
    text = re.sub(f"[{INVISIBLE}]", "", to_ascii_digits(text)).strip()
    if re.fullmatch("[0-9]{8}", text):
        return _split_digits(text)
    parts = _WHOLE.fullmatch(text)
    if not parts:
        return None
    first, month, last = parts[1], parts[2] or parts[3], parts[4]
    if len(first) == 4 and len(last) <= 2:
        return last, month, first
    return (first, month, last) if len(first) <= 2 else None


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
    number = _MONTH_NUMBERS.get(name.lower())
    if not number:
        raise JalaliError("month")
    return number


def format_date(date: dt.date, *, latin: bool = False) -> str:
    """`۲۷ خرداد ۱۳۶۵`, or `27 Khordad 1365`; of an aware datetime the day in Tehran."""
    year, month, day = from_gregorian(date)
    if latin:
        return f"{day} {MONTHS_IN_LATIN[month - 1]} {year}"
    return f"{day} {MONTHS[month - 1]} {year}".translate(_PERSIAN_DIGITS)


def format_datetime(moment: dt.datetime, *, latin: bool = False) -> str:
    """`۳۰ آبان ۱۴۰۵، ساعت ۲۲:۴۵`, or `30 Aban 1405, 22:45`, in Tehran's time; ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("the moment has no time zone")
    clock = moment.astimezone(TEHRAN).strftime("%H:%M")
    if latin:
        return f"{format_date(moment, latin=True)}, {clock}"
    return f"{format_date(moment)}، ساعت {clock.translate(_PERSIAN_DIGITS)}"


def _days_of(year: int, month: int) -> int | None:
    """How many days a month has; None where the calendar ends."""
    if not 1 <= month <= 12 or not 1 <= year <= 9000:
        return None
    return 31 if month <= 6 else 30 if month < 12 or jdatetime.date(year, 1, 1).isleap() else 29


def _split_digits(text: str) -> tuple[str, str, str] | None:
    for day, month, year in ((text[6:], text[4:6], text[:4]), (text[:2], text[2:4], text[4:])):
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 and 1200 <= int(year) <= 2100:
            return day, month, year
    return None


def _day_number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text) or not 1 <= int(text) <= 31:
        raise JalaliError("day")
    return int(text)


def _tehran_day(date: dt.date) -> dt.date:
    if isinstance(date, dt.datetime):
        return (date.astimezone(TEHRAN) if date.tzinfo else date).date()
    return date
