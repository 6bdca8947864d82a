"""The filters above the desk's list, with bounded counts beside each choice."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.staff import provinces
from accounts.templatetags.portal import fa
from infra.counting import count_up_to
from registration.desk import search as desk_search
from registration.desk.listing import SHOWN, Listing
from registration.desk.who import who
from registration.lifecycle import scope
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
WAITING, SECOND, STUCK, CAPPED, UNDELIVERED, ALL = "waiting", "second", "stuck", "capped", "undelivered", "all"
OPEN = tuple(sorted(RegistrationRequest.OPEN))


# What to do about the requests of a list, where it is not plain.
WHAT_TO_DO: dict[str, Any] = {
    WAITING: _("These people come with their documents, or have been told to register again."),
    SECOND: _("One person has seen the documents. Look at them, too, and give the second word."),
    STUCK: _("The check takes seconds. The service does not answer, and is asked again by itself; a record says when."),
    CAPPED: _("Nothing more could be asked about these people that day. They register again from the next day on."),
    Status.EXPIRED: _("No answer came in time, and these people were told so. They register again."),
}


def own_province(request: HttpRequest) -> str | None:
    """registration.lifecycle.scope.province_of whoever asks, read once for a page."""
    if not hasattr(request, "desk_province"):
        request.desk_province = scope.province_of(who(request))  # type: ignore[attr-defined]
    province: str | None = request.desk_province  # type: ignore[attr-defined]
    return province


def provinces_of(request: HttpRequest) -> list[str] | None:
    own = own_province(request)
    return None if own is None else provinces.lists_of(own)


class Filter(admin.SimpleListFilter):
    """One of `all_choices`, the default when none is named; a choice that is not listed is refused.

    Not offered, and without effect, while a number is searched: who looks for one person must find them whatever
    became of their request.
    """

    template = "admin/registration/registrationrequest/filter.html"
    parameter_name: str
    default: str

    def all_choices(self) -> list[tuple[str, Any]]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return self.all_choices() if desk_search.by_number(desk_search.asked(request)) is None else []

    def chosen(self) -> str:
        value = self.value() or self.default
        if value not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        return value

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        """What is left of a list with this choice."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset  # RequestList narrows its listing

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        others: Listing = changelist.whole  # type: ignore[attr-defined]  # of RequestList
        for spec in changelist.filter_specs:
            if isinstance(spec, Filter) and spec is not self:
                others = spec.narrowed(others, spec.chosen())
        searched = desk_search.condition(changelist.query)
        lists = {value: self.narrowed(others, value).arms() for value, _label in self.lookup_choices}
        arms = {name: arm.filter(searched) for one in lists.values() for name, arm in one.items()}
        found = count_up_to(desk_search.GLANCE, arms, in_order=not searched) if arms else {}
        counts = {value: sum(found[name] for name in one) for value, one in lists.items()}
        for value, label in self.lookup_choices:
            yield {
                "value": value,
                "display": label,
                "count": min(counts[value], desk_search.GLANCE),
                "more": counts[value] > desk_search.GLANCE,
                "selected": value == self.chosen(),
                "query_string": changelist.get_query_string({self.parameter_name: value}, [self.parameter_name]),
            }


# Queues that are a part of one status.
QUEUES: dict[str, tuple[str, Callable[[], Q]]] = {
    SECOND: (Status.MISMATCH, desk_search.second_word),
    STUCK: (Status.SUBMITTED, desk_search.stuck),
    CAPPED: (Status.EXPIRED, desk_search.capped),
}


def of_status(listing: Listing, choice: str) -> Listing:
    """What is left of a list with this choice of StatusFilter."""
    if choice == ALL:
        return listing
    if choice == UNDELIVERED:
        return listing.narrowed(choice, Q(undelivered=True))
    if choice in QUEUES:
        status, among = QUEUES[choice]
        return replace(listing, statuses=(status,), oldest_first=choice != CAPPED).narrowed(choice, among())
    statuses = OPEN if choice == WAITING else (choice,)
    return replace(listing, statuses=statuses, oldest_first=set(statuses) <= RegistrationRequest.OPEN)


class StatusFilter(Filter):
    title = _("status")
    parameter_name = "status"
    default = WAITING

    def all_choices(self) -> list[tuple[str, Any]]:
        queues = [
            (WAITING, _("Needs a clerk")),
            (SECOND, _("Needs the second person")),
            (STUCK, _("Being checked for more than an hour")),
            (CAPPED, _("The day’s checks were used up")),
            (UNDELIVERED, _("Result did not arrive")),
        ]
        return [*queues, *((status.value, status.label) for status in SHOWN), (ALL, _("All"))]

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        return of_status(listing, choice)


WHEN: dict[str, Callable[[], Q]] = {
    "today": desk_search.today,
    "week": lambda: desk_search.older(days=7),
    "month": lambda: desk_search.older(days=30),
    "overdue": desk_search.overdue,
}


class WhenFilter(Filter):
    title = _("submission time")
    parameter_name = "when"
    default = ALL

    def all_choices(self) -> list[tuple[str, Any]]:
        late = _("Undecided for more than %(hours)s hours") % {"hours": fa(settings.DECISION_HOURS)}
        older = [("week", _("More than 7 days ago")), ("month", _("More than 30 days ago"))]
        return [(ALL, _("Any time")), ("today", _("Today")), *older, ("overdue", late)]

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        if choice == ALL:
            return listing
        return listing.narrowed(choice, WHEN[choice]())
