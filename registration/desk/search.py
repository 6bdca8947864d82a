"""Finding requests at the desk: what a clerk typed, by indexes only, counted no further than anybody reads.

Every search is exact or by prefix. It is carried out in a fenced list of ids, because PostgreSQL, asked for the first
50 rows in some order, otherwise walks that order's index for seconds in the hope of meeting a match soon.
"""

import re
import secrets
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from iran.names import fold
from iran.numbers import NATIONAL_CODE, clean_number, normalise_mobile
from registration.desk.who import who
from registration.lifecycle import searches
from registration.models import DeskSearch, RegistrationRequest

CAP = 10_000  # rows; a list that is longer is to be narrowed, not paged through
GLANCE = 1_000  # what the counts beside a filter's choices go to
SECRET = ("password_hash", "answers_hash")  # never leaves the database for the desk
LONGEST = 100  # characters of a search
SESSION_KEY, KEPT = "desk_searches", 10


WAITING = Q(status__in=sorted(RegistrationRequest.OPEN))  # for a clerk


def second_word() -> Q:
    """One person has seen the documents, a second one must."""
    return Q(awaits_second=True)


def today() -> Q:
    """Submitted since midnight in Tehran."""
    return Q(submitted_at__gte=timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0))


def older(*, days: int) -> Q:
    return Q(submitted_at__lt=Now() - timedelta(days=days))


def overdue() -> Q:
    """Should have been decided by now: a service that checks identities is away, or the workers are."""
    late = Now() - timedelta(hours=settings.DECISION_HOURS)
    return Q(status=RegistrationRequest.Status.SUBMITTED, submitted_at__lt=late)


STUCK_AFTER = timedelta(hours=1)  # a check takes seconds


def stuck() -> Q:
    """Still being checked after an hour: the service does not answer, or answers oddly."""
    return Q(submitted_at__lt=Now() - STUCK_AFTER)


def capped() -> Q:
    """Ended because the day's paid checks about the person were used up."""
    return Q(capped=True)


def by_number(text: str, *, tracking: bool = True) -> Q | None:
    """National code, mobile or (where rows have one) tracking code in any written form; None when the text is no number
    but a name.

    A number that is none of them finds nothing: it is never padded or searched in part.
    """
    number = clean_number(text)
    if not re.search("[0-9]", number):
        return None
    found = Q(pk__in=[])
    if re.fullmatch(NATIONAL_CODE, number):
        found |= Q(national_code=number)
    if tracking and re.fullmatch("[0-9]{12}", number):
        found |= Q(tracking_code=number)
    with suppress(ValidationError):
        found |= Q(mobile=normalise_mobile(text))
    return found


def by_name(text: str) -> Q:
    """The beginning of a last name, or a first name and the beginning of a last name; spelling habits do not count."""
    words = text.split()
    found = Q(last_name_key__startswith=fold(text)) if fold(text) else Q(pk__in=[])
    for place in range(1, len(words)):
        first, last = fold("".join(words[:place])), fold("".join(words[place:]))
        if first and last:
            found |= Q(first_name_key__startswith=first, last_name_key__startswith=last)
    return found


def condition(text: str) -> Q:
    """What a search asks for; everything for an empty one."""
    if not text:
        return Q()
    number = by_number(text)
    return by_name(text) if number is None else number


def fenced(rows: QuerySet[RegistrationRequest], text: str, order: tuple[str, ...]) -> QuerySet[RegistrationRequest]:
    """At most CAP + 1 of the rows that a search asks for, in this order."""
    ids = rows.filter(condition(text)).order_by().values("pk")[: CAP + 1]
    return RegistrationRequest.objects.defer(*SECRET).filter(pk__in=ids).order_by(*order)


def remember(request: HttpRequest, text: str) -> str:
    """Keep a search in the clerk's session and return its token, so that no address, log or history holds a person."""
    searches = dict(list(request.session.get(SESSION_KEY, {}).items())[1 - KEPT :])
    token = secrets.token_urlsafe(9)
    request.session[SESSION_KEY] = searches | {token: text.replace("\x00", "")[:LONGEST]}
    return token


def asked(request: HttpRequest) -> str:
    """What the address searches for: the text behind a token of this session, else the text itself."""
    text = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    kept: str = request.session.get(SESSION_KEY, {}).get(text, text)
    return kept.strip()


def note(request: HttpRequest, text: str, hits: int, place: DeskSearch.Place) -> None:
    """A search that was carried out is kept: who, when, where, a fingerprint of what, how many were found."""
    searches.note(text, hits, place=place, by=who(request), client_ip=request.META["REMOTE_ADDR"])


def note_list(request: HttpRequest, response: HttpResponse, place: DeskSearch.Place) -> None:
    """The search of a list of Django's, if it was one."""
    shown = getattr(response, "context_data", None) or {}
    if (made := shown.get("cl")) is not None and made.query:
        hits = CAP + 1 if getattr(made.paginator, "more", False) else made.result_count
        note(request, made.query, hits, place)
