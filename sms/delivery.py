"""Carrying messages out: claim, send outside any transaction, settle. The only code that moves Message.state."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from sms import codes, leases
from sms.backends import get_backend
from sms.backends.base import Outgoing, SmsError
from sms.models import Message

log = logging.getLogger(__name__)

# Seconds. Each is shorter than the next, so that nobody sends on a lease that ran out (a system check): the deadline of
# the HTTP exchange, the time after which a task is told to stop, the time after which it is killed, the lease.
SEND_SECONDS = {"codes": 4, "sms": 10}
STOP_SECONDS = {"codes": 6, "sms": 20}
KILL_SECONDS = {"codes": 8, "sms": 25}
LEASE_SECONDS = {"codes": 10, "sms": 40}
DRAIN_SECONDS = 30
CONFIGURATION_RETRY_SECONDS = 600
UNKNOWN_RETRY_SECONDS = 30
DELIVERY_WINDOW = timedelta(hours=48)  # Kavenegar forgets a message's state after that

WIPED: dict[str, Any] = {"params": {}, "code_nonce": None}


def due(queue: str) -> models.QuerySet[Message]:
    """What the worker of a queue ("codes" or "sms") may claim."""
    waiting = Message.objects.filter(state=Message.State.QUEUED, code_nonce__isnull=queue == "sms")
    return waiting.filter(Q(expires_at=None) | Q(expires_at__gt=Now()))


def deliver(queue: str, pk: int) -> None:
    """Send one message of a queue, if it is due and nobody else holds it."""
    message = leases.claim(due(queue).filter(pk=pk), LEASE_SECONDS[queue])
    if message:
        _send(message)


def drain(queue: str) -> int:
    """Send what is due until nothing is, or half a minute has passed; returns how many were taken."""
    until, taken = time.monotonic() + DRAIN_SECONDS, 0
    while time.monotonic() < until and (message := leases.claim(due(queue), LEASE_SECONDS[queue])):
        _send(message)
        taken += 1
    return taken


def text_of(message: Message) -> str:
    """The whole text as the citizen reads it. Codes are in ASCII digits, their last line binds them to our host."""
    context = message.params | {"code": _code(message), "host": settings.PORTAL_HOST}
    plain = {name: SafeString(value) for name, value in context.items()}  # text for a phone: nothing is HTML here
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string(f"sms/{message.template}.txt", plain).strip()


def _code(message: Message) -> str | None:
    return codes.derive(message.purpose, bytes(message.code_nonce)) if message.code_nonce else None


def _send(message: Message) -> None:
    sent = False
    try:
        outgoing = Outgoing(message.recipient, text_of(message), message.local_id, _code(message))
        backend = get_backend()
        sent = True
        receipt = backend.send(outgoing)
    except SmsError as error:
        _settle_error(message, error)
        return
    except Exception as error:  # noqa: BLE001  one odd message must not stop the others; its text may hold the code
        _settle_error(message, SmsError(f"unexpected {type(error).__name__}", retryable=True, unknown=sent))
        return
    # Without the lease's token: that it was accepted is a fact, whoever learnt it.
    Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(
        state=Message.State.ACCEPTED,
        accepted_at=Now(),
        provider=receipt.provider,
        provider_id=receipt.provider_id,
        last_error="",
        lease_token=None,
        lease_until=None,
    )


def _settle_error(message: Message, error: SmsError) -> None:
    is_code = message.code_nonce is not None
    log.log(logging.ERROR if error.configuration else logging.WARNING, "message %s: %s", message.pk, error.reason)
    if error.unknown and is_code:
        # Sending again could bring a second SMS; the citizen has a button. It expires with its code.
        leases.settle(message, last_error="unknown", due_at=message.expires_at)
    elif error.unknown:
        # The same local_id goes out again: the provider sends a number it knows only once.
        delay = leases.backoff(message.attempts, 5, 300, least=UNKNOWN_RETRY_SECONDS)
        leases.release(message, "unknown", delay)
    elif not error.retryable:
        leases.settle(message, state=Message.State.FAILED, last_error=error.reason[:60], **WIPED)
    elif error.configuration:
        delay = timedelta(seconds=max(CONFIGURATION_RETRY_SECONDS, error.retry_after or 0))
        leases.release(message, error.reason, delay)
    else:
        base, cap = (1, 3) if is_code else (5, 300)
        leases.release(message, error.reason, leases.backoff(message.attempts, base, cap, error.retry_after or 0))


def expire() -> None:
    """End what can no longer be of use: codes past their time, and sent messages whose delivery nobody will report."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    Message.objects.filter(free, state=Message.State.QUEUED, expires_at__lte=Now()).update(
        state=Message.State.EXPIRED, **WIPED
    )
    Message.objects.filter(state=Message.State.ACCEPTED, accepted_at__lt=Now() - DELIVERY_WINDOW).update(
        state=Message.State.DELIVERY_UNKNOWN, **WIPED
    )
