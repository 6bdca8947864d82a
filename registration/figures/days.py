"""Days of Tehran's time, by which everything is counted. A Solar Hijri day and the Gregorian one begin together."""

import datetime as dt
from typing import NamedTuple

from iran.jalali import TEHRAN


class Span(NamedTuple):
    """From the first moment, which belongs to it, to the last, which does not."""

    start: dt.datetime
    end: dt.datetime


def of(moment: dt.datetime) -> dt.date:
    """The day of an aware moment."""
    return moment.astimezone(TEHRAN).date()


def span(day: dt.date) -> Span:
    return Span(_midnight(day), _midnight(day + dt.timedelta(days=1)))


def between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Both of them, too; nothing if the last one is earlier."""
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def last(count: int, day: dt.date) -> list[dt.date]:
    """So many days up to `day`."""
    return between(day - dt.timedelta(days=count - 1), day)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), TEHRAN)
