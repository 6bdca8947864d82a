"""The filters above the desk's list, with bounded counts beside each choice."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.portal import fa
from infra.counting import count_up_to
from registration.desk import search as desk_search
from registration.desk.listing import SHOWN, Listing
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
WAITING, SECOND, UNDELIVERED, ALL = "waiting", "second", "undelivered", "all"
OPEN = tuple(sorted(RegistrationRequest.OPEN))


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
        sets = {
            value: self.narrowed(others, value).everything().filter(searched) for value, _label in self.lookup_choices
        }
        counts = count_up_to(desk_search.GLANCE, sets)
        for value, label in self.lookup_choices:
            yield {
                "value": value,
                "display": label,
                "count": min(counts[value], desk_search.GLANCE),
                "more": counts[value] > desk_search.GLANCE,
                "selected": value == self.chosen(),
                "query_string": changelist.get_query_string({self.parameter_name: value}, [self.parameter_name]),
            }


class StatusFilter(Filter):
    title = _("status")
    parameter_name = "status"
    default = WAITING

    def all_choices(self) -> list[tuple[str, Any]]:
        first = [(WAITING, _("Needs a clerk")), (SECOND, _("Needs the second person"))]
        rest = [(UNDELIVERED, _("Result did not arrive")), (ALL, _("All"))]
        return [*first, *((status.value, status.label) for status in SHOWN), *rest]

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        if choice == ALL:
            return listing
        if choice == SECOND:
            second = replace(listing, statuses=(Status.MISMATCH,), oldest_first=True)
            return second.narrowed(desk_search.second_word())
        if choice == UNDELIVERED:
            return listing.narrowed(Q(undelivered=True))
        statuses = OPEN if choice == WAITING else (choice,)
        return replace(listing, statuses=statuses, oldest_first=set(statuses) <= RegistrationRequest.OPEN)


class WhenFilter(Filter):
    title = _("submission time")
    parameter_name = "when"
    default = ALL

    def all_choices(self) -> list[tuple[str, Any]]:
        late = _("Undecided for more than %(hours)s hours") % {"hours": fa(settings.DECISION_HOURS)}
        return [(ALL, _("Any time")), ("today", _("Today")), ("overdue", late)]

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        if choice == ALL:
            return listing
        return listing.narrowed(desk_search.today() if choice == "today" else desk_search.overdue())
