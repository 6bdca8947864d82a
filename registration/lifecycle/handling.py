"""Which colleague has a request at hand, and what they tell each other about it. Nobody is kept from deciding by it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from registration.lifecycle import decisions, events, scope
from registration.models import RegistrationRequest, RequestEvent

Kind = RequestEvent.Kind
LASTS = timedelta(hours=8)  # a working day; who has gone home has nothing at hand
DECIDE = "decide_registrationrequest"  # the permission


class TakenMeanwhile(Exception):  # noqa: N818  a state of affairs, not a fault
    """Somebody else has it than the one whom the page showed."""


class NotAColleague(Exception):  # noqa: N818
    """Nobody who works on such requests."""


class Holder(NamedTuple):
    """Who has a request: the event by which they got it, and since when."""

    pk: int
    who: User
    at: datetime


def holder(request: RegistrationRequest) -> Holder | None:
    """Who took the request, or was handed it, while they have it."""
    told = RequestEvent.objects.filter(
        request=request.pk, kind__in=[Kind.TAKEN, Kind.HANDED_BACK, Kind.HANDED_OVER], at__gt=Now() - LASTS
    )
    newest = told.select_related("actor", "colleague").order_by("-pk").first()
    who = newest and {Kind.TAKEN: newest.actor, Kind.HANDED_OVER: newest.colleague}.get(Kind(newest.kind))
    return Holder(newest.pk, who, newest.at) if newest and who else None


def take(request_id: int, *, by: User, client_ip: str, instead_of: int | None) -> None:
    """`by` has the request from now on. `instead_of`: the id of the event of whom the page showed to have it.

    Raises TakenMeanwhile, registration.lifecycle.decisions.AlreadyDecided.
    """
    with transaction.atomic():
        request = decisions.waiting(request_id, by)
        present = holder(request)
        if (present.pk if present else None) != instead_of:
            raise TakenMeanwhile
        events.note(request, Kind.TAKEN, by=by, client_ip=client_ip)


def hand_back(request_id: int, *, by: User, client_ip: str) -> None:
    """Nobody has it any more. Raises TakenMeanwhile unless `by` has it."""
    with transaction.atomic():
        request = decisions.locked(request_id, by)
        present = holder(request)
        if present is None or present.who.pk != by.pk:
            raise TakenMeanwhile
        events.note(request, Kind.HANDED_BACK, by=by, client_ip=client_ip)


def colleagues(staff: User) -> QuerySet[User]:
    """To whom somebody may hand a request over: who decides at the same branch; without a branch, nobody."""
    others = User.objects.filter(is_staff=True, is_active=True, branch__isnull=False, branch=staff.branch_id)
    deciding = others.filter(groups__permissions__codename=DECIDE)
    return deciding.exclude(pk=staff.pk).distinct().order_by("last_name", "first_name", "pk")


def hand_over(request_id: int, *, by: User, to: int, client_ip: str) -> None:
    """The colleague with the id `to` has the request from now on, whom `by` has it hand over.

    Raises TakenMeanwhile unless `by` has it, NotAColleague, registration.lifecycle.decisions.AlreadyDecided.
    """
    with transaction.atomic():
        request = decisions.waiting(request_id, by)
        present = holder(request)
        if present is None or present.who.pk != by.pk:
            raise TakenMeanwhile
        colleague = colleagues(by).filter(pk=to).first()
        if colleague is None:
            raise NotAColleague
        events.note(request, Kind.HANDED_OVER, by=by, client_ip=client_ip, colleague=colleague)


def note(request_id: int, *, by: User, client_ip: str, words: str) -> None:
    """Something for colleagues to read, whatever became of the request; no text message, nothing that moves.

    Raises ValueError for nothing. What is longer than events.LONGEST characters is cut off.
    """
    if not words.strip():
        raise ValueError("a note says something")
    request = RegistrationRequest.objects.get(pk=request_id)
    scope.refuse_elsewhere(request, by)
    events.note(request, Kind.NOTED, by=by, client_ip=client_ip, words=words.strip())
