"""What became of messages that a provider has taken over: asked for in windows, or told by the provider.

A state that is final stays: reports may come twice, late and in any order.
"""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Case, F, When
from django.db.models.functions import Now

from sms.backends import get_backends
from sms.backends.base import DeliveryState, SmsError, Traceable
from sms.models import Message
from sms.outbox.delivery import DRAIN_SECONDS
from sms.outbox.moves import move

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(minutes=10)  # when a question was not answered, or who asked has died


def poll() -> int:
    """Ask about every message whose window has come, for half a minute at most; returns how many were asked about."""
    until, asked = time.monotonic() + DRAIN_SECONDS, 0
    for backend in get_backends():
        while isinstance(backend, Traceable) and time.monotonic() < until and (ids := _take(backend)):
            asked += len(ids)
            if not _ask(backend, ids):
                break
    return asked


def _take(backend: Traceable) -> list[str]:
    """The ids of messages to ask about now, which nobody else will ask about meanwhile."""
    accepted = Message.objects.filter(state=Message.State.ACCEPTED, provider=backend.name)
    remembered = accepted.filter(accepted_at__gt=Now() - backend.remembers_states)
    due = remembered.filter(ask_at__lte=Now()).exclude(provider_id="").order_by("ask_at")
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True).values_list("pk", "provider_id")[: backend.most_ids])
        Message.objects.filter(pk__in=[pk for pk, _ in rows]).update(ask_at=Now() + ASK_AGAIN)
    return [provider_id for _, provider_id in rows]


def _ask(backend: Traceable, ids: list[str]) -> bool:
    try:
        states = backend.status(ids)
    except SmsError as error:
        log.log(logging.ERROR if error.alarming else logging.WARNING, "no reports: %s", error)
        return False
    record(backend.name, states)
    _accepted(backend.name, ids).update(ask_at=_next_window(backend))
    return True


def record(provider: str, states: Mapping[str, DeliveryState]) -> int:
    """Write down what a provider tells, by its own ids; returns how many messages came to their end."""
    changed = 0
    for told in {state for state in states.values() if state.final}:
        ids = [provider_id for provider_id, state in states.items() if state is told]
        delivered = told is DeliveryState.DELIVERED
        target = Message.State.DELIVERED if delivered else Message.State.UNDELIVERED
        changed += move(_accepted(provider, ids), target, last_error="" if delivered else told.value)
    return changed


def _accepted(provider: str, ids: list[str]) -> models.QuerySet[Message]:
    return Message.objects.filter(state=Message.State.ACCEPTED, provider=provider, provider_id__in=ids)


def _next_window(backend: Traceable) -> Case:
    """The first window that a message is not past yet; then the moment from which nothing more is known."""
    windows = [
        When(accepted_at__gt=Now() - window, then=F("accepted_at") + window) for window in backend.report_windows
    ]
    forgotten = F("accepted_at") + backend.remembers_states
    return Case(*windows, default=forgotten, output_field=models.DateTimeField())
