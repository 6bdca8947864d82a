"""A citizen takes a request back: it is not checked any more, and its person may register again at once."""

from django.db import transaction

from accounts.models import User
from registration.lifecycle import decisions, events, result_texts
from registration.lifecycle.decisions import AlreadyDecided
from registration.lifecycle.emptying import empty_account
from registration.lifecycle.moves import move
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import Message
from sms.outbox import queue as outbox

# What may be withdrawn: what is being checked, and what waits for a clerk.
SOURCES = frozenset({Status.SUBMITTED, *RegistrationRequest.OPEN})


def withdraw(request_id: int, *, client_ip: str, by: User | None = None, words: str = "") -> RegistrationRequest:
    """End the request as its citizen wishes, and tell the mobile so by a text message. Returns it as it is then.

    `by`: the clerk whom the citizen asked, with `words` for the record (300 characters at most); without them the
    citizen has shown to hold the mobile. Raises registration.lifecycle.decisions.AlreadyDecided when it is in no state
    of SOURCES, registration.lifecycle.scope.Elsewhere. A worker that asks about the request just now loses its lease:
    it decides and writes nothing any more.
    """
    with transaction.atomic():
        request = decisions.locked(request_id, by)
        source, one = request.status, RegistrationRequest.objects.filter(pk=request.pk)
        if not move(one, SOURCES, Status.WITHDRAWN, last_error="", **decisions.ENDED):
            raise AlreadyDecided
        empty_account(request)
        moved = {"from_status": source, "to_status": Status.WITHDRAWN}
        events.note(request, RequestEvent.Kind.WITHDRAWN, by=by, client_ip=client_ip, words=words, **moved)
        # What is being checked has no result yet, and can get no other one than this.
        purpose = Message.Purpose.RESULT if source == Status.SUBMITTED else Message.Purpose.NOTICE
        outbox.add(**result_texts.message(request, Status.WITHDRAWN, purpose))
        request.refresh_from_db()
    return request
