"""The figures of some days, for whoever may see these provinces and branches: sums of the small tables."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import QuerySet, Sum

from accounts.models import Branch, User
from registration.models import DailyFigure, DailyWork

Kind = DailyFigure.Kind
Key = TypeVar("Key")

MOST_CLERKS = 100  # with the most work; a file has them all


@dataclass
class Read:
    """`of`: kind → (day, subject, outcome) → how many."""

    days: list[dt.date]
    of: dict[str, Counter[tuple[dt.date, str, str]]] = field(default_factory=dict)

    def by_day(self, kind: Kind) -> dict[dt.date, Counter[tuple[str, str]]]:
        """Day → (subject, outcome) → how many; every day is there."""
        found: dict[dt.date, Counter[tuple[str, str]]] = {day: Counter() for day in self.days}
        for (day, subject, outcome), count in self.of.get(kind, Counter()).items():
            found[day][subject, outcome] += count
        return found

    def by_subject(self, kind: Kind) -> dict[str, Counter[str]]:
        """Subject → outcome → how many in all the days."""
        found: dict[str, Counter[str]] = {}
        for (_day, subject, outcome), count in self.of.get(kind, Counter()).items():
            found.setdefault(subject, Counter())[outcome] += count
        return found


def figures(days: list[dt.date], provinces: Sequence[str] | None) -> Read:
    """One statement. `provinces`: as registration.lifecycle.scope has them; None for all."""
    rows = DailyFigure.objects.filter(day__range=(days[0], days[-1]))
    if provinces is not None:
        rows = rows.filter(province__in=provinces)
    read = Read(days)
    for kind, day, subject, outcome, count in (
        rows.values_list("kind", "day", "subject", "outcome").annotate(total=Sum("count")).order_by()
    ):
        read.of.setdefault(kind, Counter())[day, subject, outcome] = count
    return read


def by_branch(days: list[dt.date], branches: QuerySet[Branch] | None) -> dict[str, Counter[str]]:
    """Name of the branch → deed → how often; the one with the most work first. "" is whoever belongs to none."""
    rows = _work(days, branches).values_list("branch__name", "branch", "deed").annotate(total=Sum("count"))
    work: dict[tuple[str, int], Counter[str]] = {}
    for name, branch, deed, count in rows.order_by():
        work.setdefault((name or "", branch or 0), Counter())[deed] += count
    names = Counter(name for name, _ in work)
    return {
        name if names[name] == 1 else f"{name} ({branch})": work[name, branch] for name, branch in _most_first(work)
    }


def by_clerk(
    days: list[dt.date], branches: QuerySet[Branch] | None, most: int | None = MOST_CLERKS
) -> list[tuple[User, Counter[str]]]:
    """Those with the most work first. Two or three statements."""
    rows = _work(days, branches)
    busiest = rows.values("clerk").annotate(total=Sum("count")).order_by("-total", "clerk").values_list("clerk")[:most]
    work: dict[int, Counter[str]] = {}
    for clerk, deed, count in (
        rows.filter(clerk__in=[pk for (pk,) in busiest]).values_list("clerk", "deed").annotate(total=Sum("count"))
    ).order_by():
        work.setdefault(clerk, Counter())[deed] += count
    people = User.objects.only("first_name", "last_name").in_bulk(work)
    return [(people[pk], work[pk]) for pk in _most_first(work)]


def _work(days: list[dt.date], branches: QuerySet[Branch] | None) -> QuerySet[DailyWork]:
    rows = DailyWork.objects.filter(day__range=(days[0], days[-1]))
    return rows if branches is None else rows.filter(branch__in=branches)


def _most_first(work: dict[Key, Counter[str]]) -> list[Key]:
    return sorted(work, key=lambda key: work[key].total(), reverse=True)
