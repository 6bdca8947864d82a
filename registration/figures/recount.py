"""The day's figures, counted again and again until the day is settled.

A day is counted as a whole and from rows: to do so twice, or in two workers at once, changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from infra import locks
from registration.figures import counts, days
from registration.figures.counts import Cell, Cells, Work
from registration.figures.days import Span
from registration.models import DailyFigure, DailyWork
from sms import statistics

Kind = DailyFigure.Kind

DAY = timedelta(days=1)
SETTLED_AFTER = 2 * DAY  # of the day itself; reports of delivery come for two days
AS_FAR_BACK_AS = 29 * DAY  # text messages are kept for 30 days
DRAFTS_THERE = DAY  # those of yesterday are going away
KEPT = 400 * DAY  # a year, and the same month of the year before

# From rows that stay at least until the day is settled: what was counted before is replaced.
REPLACED: dict[tuple[Kind, ...], Callable[[Span], Cells]] = {
    (Kind.OUTCOME,): counts.outcomes,
    (Kind.DECISION,): counts.decisions,
    (Kind.DELIVERY, Kind.HANDING_OVER): counts.deliveries,
}


def recount() -> int:
    """Count every day that is not settled, also those that were missed; returns how many days."""
    today = days.of(timezone.now())
    counted = due(today)
    for day in counted:
        count(day, today)
    for old in (DailyFigure.objects, DailyWork.objects):
        old.filter(day__lt=today - KEPT).delete()
    statistics.figures_counted()
    return len(counted)


def due(today: dt.date) -> list[dt.date]:
    """The days to be counted: from before the last time on; all that can be, when they never were."""
    at = statistics.figures_counted_at()
    oldest = today - AS_FAR_BACK_AS
    first = min(days.of(at), today) - SETTLED_AFTER if at else oldest
    return days.between(max(first, oldest), today)


def count(day: dt.date, today: dt.date) -> None:
    """One day, as far as it has come."""
    span = days.span(day)
    with transaction.atomic():
        locks.lock(f"figures {day}")
        for kinds, counter in REPLACED.items():
            _write(day, kinds, _known(day, kinds), counter(span))
        if day >= today - DRAFTS_THERE or _known(day, [Kind.FUNNEL]):
            _raise(day, Kind.FUNNEL, counts.funnel(span))
        _raise(day, Kind.FIELD, counts.fields(day))
        _write_work(day, counts.work(span))


def _raise(day: dt.date, kind: Kind, cells: Cells) -> None:
    """From what may go away (abandoned drafts, Redis): a count never gets less."""
    known = _known(day, [kind])
    _write(day, [kind], known, known | cells)  # the larger one of each


def _known(day: dt.date, kinds: Collection[Kind]) -> Cells:
    rows = DailyFigure.objects.filter(day=day, kind__in=kinds)
    return Cells({Cell(row.kind, row.province, row.subject, row.outcome): row.count for row in rows})


def _write(day: dt.date, kinds: Collection[Kind], known: Cells, cells: Cells) -> None:
    if cells != known:
        DailyFigure.objects.filter(day=day, kind__in=kinds).delete()
        rows = [DailyFigure(day=day, **cell._asdict(), count=count) for cell, count in sorted(cells.items())]
        DailyFigure.objects.bulk_create(rows)


def _write_work(day: dt.date, work: Work) -> None:
    known = Work({(row.clerk_id, row.deed): row.count for row in DailyWork.objects.filter(day=day)})
    if work == known:  # also of who belongs elsewhere since
        return
    branches = dict(User.objects.filter(pk__in={clerk for clerk, _ in work}).values_list("pk", "branch"))
    DailyWork.objects.filter(day=day).delete()
    DailyWork.objects.bulk_create(
        DailyWork(day=day, clerk_id=clerk, branch_id=branches[clerk], deed=deed, count=count)
        for (clerk, deed), count in sorted(work.items())
    )
