"""The result of a request, sent to its mobile once more because its citizen says that it did not come."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from registration.lifecycle import decisions, events, result_texts
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import Message
from sms.outbox import queue as outbox

MOST, WITHIN = 3, timedelta(days=1)  # so often for each request; a phone that is off gets what waits for it anyway
TOLD = frozenset(set(Status) - {Status.DRAFT, Status.SUBMITTED, Status.SUPERSEDED})  # statuses that have a text


class TooOften(Exception):  # noqa: N818  a state of affairs, not a fault
    """MOST repetitions were sent WITHIN."""


class NoResult(Exception):  # noqa: N818
    """The request has no result that could be told."""


def may_repeat(request: RegistrationRequest) -> bool:
    return request.status in TOLD


def send_again(request_id: int, *, by: User, client_ip: str) -> None:
    """Queue the text of the present status. Raises NoResult, TooOften, registration.lifecycle.scope.Elsewhere."""
    with transaction.atomic():
        request = decisions.locked(request_id, by)
        if not may_repeat(request):
            raise NoResult
        again = RequestEvent.objects.filter(request=request, kind=RequestEvent.Kind.SENT_AGAIN, at__gt=Now() - WITHIN)
        if again.count() >= MOST:
            raise TooOften
        outbox.add(**result_texts.message(request, request.status, Message.Purpose.DESK_REPEAT))
        events.note(request, RequestEvent.Kind.SENT_AGAIN, by=by, client_ip=client_ip)
