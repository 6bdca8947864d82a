"""What the staff did with records, as one list: looks and acts at requests and accounts, and searches, newest first.

Each kind is read by its own index and no further than the page goes, then they are merged.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext

from accounts.models import AccountEvent, User
from accounts.templatetags.portal import fa
from iran.jalali import TEHRAN
from iran.numbers import clean_number
from registration.desk import search as desk_search
from registration.desk import staff_scope
from registration.desk.accounts import search as account_search
from registration.desk.roles import Role
from registration.lifecycle import searches
from registration.models import DeskSearch, RegistrationRequest, RequestEvent

PER_PAGE = 50
LAST_PAGE = 40  # a list that is longer is to be narrowed
RELATED = 50  # records of one person
REQUEST_LOOKS = (RequestEvent.Kind.VIEWED, RequestEvent.Kind.REACHED)
# Whoever takes a request, or sends a caller a code, has done nothing for the person yet.
REQUEST_IDLE = (*REQUEST_LOOKS, *(RequestEvent.Kind[name] for name in ("TAKEN", "HANDED_BACK", "CALLER_CODE")))
ACTED_WITHIN = timedelta(hours=8)  # before or after a look: a working day
LOOKS, IDLE, ALL, SEARCHES = "looks", "idle", "all", "searches"
_NAMED = ("national_code", "first_name", "last_name")
_ABOUT: dict[str, Any] = {"request": RequestEvent, "account": AccountEvent}


@dataclass(frozen=True)
class Asked:
    """`members`: whose doings may be seen, all for None. `clerk`: of one alone. `person`: a number of whom they looked
    at, as typed. `day`: in Tehran. `what`: LOOKS (and searches), IDLE (looks after which nothing was done), ALL,
    SEARCHES."""

    members: Sequence[int] | None = None
    clerk: int | None = None
    person: str = ""
    day: dt.date | None = None
    what: str = LOOKS

    def among(self) -> Q:
        """What holds for rows of every kind."""
        found = Q(actor__isnull=False)
        if self.clerk is not None:
            found &= Q(actor=self.clerk)
        if self.members is not None:
            found &= Q(actor__in=self.members)
        if self.day:
            begin = dt.datetime.combine(self.day, dt.time(), TEHRAN)
            found &= Q(at__gte=begin, at__lt=begin + timedelta(days=1))
        return found


class Line(NamedTuple):
    """`about`: the person's name and national code, empty for a search. `record`: "request" or "account", with `pk`."""

    at: dt.datetime
    who: User
    what: str
    words: str
    about: str
    national_code: str
    record: str
    pk: int
    network: str | None


def page_of(asked: Asked, page: int) -> tuple[list[Line], bool]:
    """The lines of a page, from 1 on, and whether there is another one."""
    start = (page - 1) * PER_PAGE
    arms = [_first(rows, name, start + PER_PAGE + 1) for name, rows in _rows(asked).items()]
    first, *others = arms
    found = list(first.union(*others, all=True).order_by("-at", "-id")[start:] if others else first[start:])
    keys = [(kind, pk) for _, pk, kind in found[:PER_PAGE]]
    lines = _lines(keys)
    return [lines[key] for key in keys], len(found) > PER_PAGE and page < LAST_PAGE


def _first(rows: QuerySet[Any], name: str, most: int) -> QuerySet[Any, Any]:
    named: QuerySet[Any] = rows.annotate(source=Value(name, CharField())).order_by("-at", "-id")
    return named.values_list("at", "id", "source")[:most]


def _rows(asked: Asked) -> dict[str, QuerySet[Any]]:
    """The kinds of rows that are asked for."""
    among = asked.among()
    requests, accounts = RequestEvent.objects.filter(among), AccountEvent.objects.filter(among)
    searched = DeskSearch.objects.filter(among)
    if asked.person:
        codes, numbers = _person(asked.person)
        requests = requests.filter(request__national_code__in=codes)
        accounts = accounts.filter(account__national_code__in=codes)
        searched = searched.filter(searches.about(numbers))
    if asked.what == SEARCHES:
        return {"search": searched}
    if asked.what in {LOOKS, IDLE}:
        requests, accounts = requests.filter(kind__in=REQUEST_LOOKS), accounts.filter(kind__in=AccountEvent.LOOKS)
    if asked.what == IDLE:
        idle = {"request": requests, "account": accounts}
        return {name: rows.filter(_nothing_done(name)) for name, rows in idle.items()}
    return {"request": requests, "account": accounts, "search": searched}


def _person(number: str) -> tuple[set[str], set[str]]:
    """National codes of who has this number, and all numbers by which they may have been searched for."""
    rows = RegistrationRequest.objects.exclude(status=RegistrationRequest.Status.DRAFT)
    having = desk_search.by_number(number) or Q(pk__in=[])
    codes = {clean_number(number)} | set(rows.filter(having).values_list("national_code", flat=True)[:RELATED])
    owner = desk_search.by_number(number, tracking=False) or Q(pk__in=[])
    codes |= set(User.objects.filter(owner).values_list("national_code", flat=True)[:RELATED])
    known = rows.filter(national_code__in=codes).order_by("-pk").values_list("mobile", "tracking_code")[:RELATED]
    mobiles = User.objects.filter(national_code__in=codes).values_list("mobile", flat=True)
    return codes, {*filter(None, (number, *codes, *(one for row in known for one in row), *mobiles))}


def _nothing_done(own: str) -> Q:
    """Of a look at a row of `own`, "request" or "account": the clerk did nothing for this person within a working day,
    be it with a request or with the account."""
    code = OuterRef(f"{own}__national_code")
    near = Q(actor=OuterRef("actor"), at__gt=OuterRef("at") - ACTED_WITHIN, at__lt=OuterRef("at") + ACTED_WITHIN)
    requests = RequestEvent.objects.filter(near, request__national_code=code).exclude(kind__in=REQUEST_IDLE)
    accounts = AccountEvent.objects.filter(near, account__national_code=code)
    return ~Exists(requests) & ~Exists(accounts.exclude(kind__in=AccountEvent.NOTHING_DONE))


class Tally(NamedTuple):
    """How often a member looked, and how often nothing was done then."""

    who: User
    role: Role | None
    looks: int
    idle: int


def counts(asked: Asked, most: int) -> list[Tally]:
    """Of each member on a day; who looked most without doing anything comes first, and `most` members at most."""
    found: dict[int, list[int]] = {}
    for name, rows in _rows(asked).items():
        if name in _ABOUT:
            idle = Count("pk", filter=_nothing_done(name))
            of_each = rows.order_by().values_list("actor").annotate(looks=Count("pk"), idle=idle)
            for actor, looks, without in of_each:
                both = found.setdefault(actor, [0, 0])
                found[actor] = [both[0] + looks, both[1] + without]
    first = sorted(found, key=lambda actor: (-found[actor][1], -found[actor][0], actor))[:most]
    who = _members(first)
    return [Tally(who[actor], staff_scope.role_of(who[actor]), *found[actor]) for actor in first]


def _members(keys: Iterable[int]) -> dict[int, User]:
    named = User.objects.select_related("branch").prefetch_related("groups")
    return named.only(*_NAMED, "branch__name").in_bulk(list(keys))


def _lines(keys: list[tuple[str, int]]) -> dict[tuple[str, int], Line]:
    """A statement for each kind, whatever their number."""
    of = {kind: [pk for name, pk in keys if name == kind] for kind in ("request", "account", "search")}
    events: list[tuple[str, Any]] = []
    for record, model in _ABOUT.items():
        secret = desk_search.SECRET if record == "request" else account_search.SECRET
        rows = model._default_manager.filter(pk__in=of[record]).select_related("actor__branch", record)
        events += [(record, one) for one in rows.defer(*(f"{record}__{name}" for name in secret))]
    lines = {(record, event.pk): _event(record, event) for record, event in events}
    found = DeskSearch.objects.select_related("actor__branch").filter(pk__in=of["search"])
    return lines | {("search", one.pk): _search(one) for one in found}


def _event(record: str, event: Any) -> Line:
    person = getattr(event, record)
    about = (person.get_full_name(), person.national_code, record, person.pk)
    return Line(event.at, event.actor, event.get_kind_display(), event.words, *about, event.client_network)


def _search(search: DeskSearch) -> Line:
    what = gettext("Searched for a number or name (%(what)s) in: %(place)s") % {
        "what": search.get_what_display(),
        "place": search.get_place_display(),
    }
    hits = search.hits
    found = gettext("more than %(count)s found") if hits > desk_search.CAP else gettext("%(count)s found")
    words = found % {"count": fa(min(hits, desk_search.CAP))}
    return Line(search.at, search.actor, what, words, "", "", "", 0, search.client_network)
