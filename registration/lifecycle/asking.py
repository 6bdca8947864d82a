"""Asking again about a request: at once, where a service was away; once more, where staff wait and its answer may have
changed. Both cost what they cost: the paid questions of a day (registration.identity.ledger) bound them."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from infra import leases, locks
from infra.wake import wake
from registration.lifecycle import decisions, documents, events
from registration.models import RegistrationRequest, RequestEvent, Status

Kind = RequestEvent.Kind
CHANGES_IN = timedelta(hours=1)  # a registry that was asked a moment ago says the same


class CannotHelp(Exception):  # noqa: N818  a state of affairs, not a fault
    """The question is under way, or its answer would be the one that is there."""


def can_help(request: RegistrationRequest) -> bool:
    """Whether another question may tell something new.

    Being checked: it waits for its next turn. Waiting for staff: something was corrected since the last answer, or that
    is older than CHANGES_IN.
    """
    if request.status == Status.SUBMITTED:
        return request.due_at > timezone.now()
    if request.status not in RegistrationRequest.OPEN or request.asking_again:
        return False
    told = RequestEvent.objects.filter(request=request.pk, kind__in=[Kind.DECIDED, Kind.ANSWERED_AGAIN, Kind.CORRECTED])
    newest = told.order_by("-pk").first()
    if newest is None or newest.kind == Kind.CORRECTED:
        return True
    return newest.at < timezone.now() - CHANGES_IN


def ask_again(request_id: int, *, by: User, client_ip: str) -> None:
    """Ask as soon as a worker can. Raises CannotHelp, decisions.AlreadyDecided, scope.Elsewhere."""
    with transaction.atomic():
        request = decisions.locked(request_id, by)
        if request.status not in {Status.SUBMITTED, *RegistrationRequest.OPEN}:
            raise decisions.AlreadyDecided
        if not can_help(request):
            raise CannotHelp
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        again = {} if request.status == Status.SUBMITTED else {"asking_again": True, "attempts": 0, "last_error": ""}
        rows = RegistrationRequest.objects.filter(free, pk=request.pk, status=request.status)
        if not rows.update(due_at=Now(), **again):
            raise CannotHelp  # a worker asks just now
        events.note(request, Kind.ASKED_AGAIN, by=by, client_ip=client_ip)
        transaction.on_commit(lambda: wake("registration.check_identity", request.pk), robust=True)


def answered(request: RegistrationRequest) -> bool:
    """Keep the answer to a question that was asked again, of a leased request; staff decide by it.

    The findings are the registry's alone: what was corrected and agrees with it now needs no tick. False: the lease was
    lost, or somebody decided meanwhile; or somebody corrected the data, about which the question is asked anew.
    """
    answer: dict[str, Any] = {name: getattr(request, name) for name in decisions.ANSWERS}
    with transaction.atomic():
        locks.lock(f"request {request.national_code}")
        waiting = leases.held(request).filter(status=request.status)
        present = waiting.first()
        if present and documents.mark_of(present) != documents.mark_of(request):
            leases.settle(request, due_at=Now())
            return False
        done = {"lease_token": None, "lease_until": None, "last_error": "", "asking_again": False}
        if not waiting.update(**answer, **done):
            return False
        events.note(request, Kind.ANSWERED_AGAIN)
    return True
