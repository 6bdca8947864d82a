"""Citizens whom the text message about their request did not reach: told once more in another way, else by a clerk."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from registration.lifecycle import events, scope
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import Message
from sms.outbox import unreached

Purpose = Message.Purpose
MOOT = frozenset({Status.WITHDRAWN, Status.SUPERSEDED})  # the citizen did that, and knows
RECENT = timedelta(days=3)  # the last report of a delivery comes after two; what is older surprises people


def follow_up() -> int:
    """Do so with every message that did not arrive and that nobody has followed up; returns how many there were."""
    done = 0
    while taken := _some():
        done += taken
    return done


def _some() -> int:
    with transaction.atomic():
        messages = unreached.take()
        for message in messages:
            _follow(message)
    return len(messages)


def _follow(message: Message) -> None:
    one = RegistrationRequest.objects.filter(pk=int(message.reference.removeprefix("request:")))
    request = one.select_for_update().first()  # whoever decides it, or withdraws it, just now has done so by then
    if request is None or request.status in MOOT or _is_overtaken(message):
        return
    is_recent = message.created_at > timezone.now() - RECENT
    if message.purpose != Purpose.RESULT_AGAIN and is_recent and unreached.can_tell_again(message):
        unreached.tell_again(message, str(request.tracking_code))
    else:
        one.update(undelivered=True)


def _is_overtaken(message: Message) -> bool:
    """A branch has decided since: that is the result, and has its own message."""
    since = Message.objects.filter(reference=message.reference, purpose=Purpose.DESK_DECISION, pk__gt=message.pk)
    return since.exists()


def told(request_id: int, *, by: User, client_ip: str, words: str) -> bool:
    """A clerk has told the citizen; `words` says so for the record (300 characters). False: it was not to be told.

    Raises scope.Elsewhere.
    """
    with transaction.atomic():
        waiting = RegistrationRequest.objects.select_for_update().filter(pk=request_id, undelivered=True).first()
        if waiting is None:
            return False
        scope.refuse_elsewhere(waiting, by)
        RegistrationRequest.objects.filter(pk=request_id).update(undelivered=False)
        events.note(waiting, RequestEvent.Kind.NOTED, by=by, client_ip=client_ip, words=words)
    return True
