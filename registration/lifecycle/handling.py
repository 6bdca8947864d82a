"""Which colleague has a request at hand, and what they tell each other about it. Nobody is kept from deciding by it."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from infra.limits import client_ip_network
from registration.lifecycle import decisions, scope
from registration.models import RegistrationRequest, RequestEvent

Kind = RequestEvent.Kind
LASTS = timedelta(hours=8)  # a working day; who has gone home has nothing at hand
LONGEST_NOTE = 300


class TakenMeanwhile(Exception):  # noqa: N818  a state of affairs, not a fault
    """Somebody else has it than the one whom the page showed."""


def holder(request: RegistrationRequest) -> RequestEvent | None:
    """The event by which somebody took the request, while they have it."""
    told = RequestEvent.objects.filter(
        request=request.pk, kind__in=[Kind.TAKEN, Kind.HANDED_BACK], at__gt=Now() - LASTS
    )
    newest = told.select_related("actor").order_by("-pk").first()
    return newest if newest and newest.kind == Kind.TAKEN else None


def take(request_id: int, *, by: User, client_ip: str, instead_of: int | None) -> None:
    """`by` has the request from now on. `instead_of`: the id of the event of whom the page showed to have it.

    Raises TakenMeanwhile, registration.lifecycle.decisions.AlreadyDecided.
    """
    with transaction.atomic():
        request = decisions.waiting(request_id, by)
        present = holder(request)
        if (present.pk if present else None) != instead_of:
            raise TakenMeanwhile
        _tell(request, Kind.TAKEN, by, client_ip)


def hand_back(request_id: int, *, by: User, client_ip: str) -> None:
    """Nobody has it any more. Raises TakenMeanwhile unless `by` has it."""
    with transaction.atomic():
        request = decisions.locked(request_id, by)
        present = holder(request)
        if present is None or present.actor_id != by.pk:
            raise TakenMeanwhile
        _tell(request, Kind.HANDED_BACK, by, client_ip)


def note(request_id: int, *, by: User, client_ip: str, words: str) -> None:
    """Something for colleagues to read, whatever became of the request; no text message, nothing that moves.

    Raises ValueError for nothing. What is longer than LONGEST_NOTE characters is cut off.
    """
    if not words.strip():
        raise ValueError("a note says something")
    request = RegistrationRequest.objects.get(pk=request_id)
    scope.refuse_elsewhere(request, by)
    _tell(request, Kind.NOTED, by, client_ip, words.strip()[:LONGEST_NOTE])


def _tell(request: RegistrationRequest, kind: RequestEvent.Kind, by: User, client_ip: str, words: str = "") -> None:
    network = client_ip_network(client_ip)
    RequestEvent.objects.create(request=request, actor=by, kind=kind, words=words, client_network=network)
