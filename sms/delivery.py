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

from sms import codes, leases
from sms.backends import get_backend
from sms.backends.base import Outgoing, SmsError
from sms.models import Message

log = logging.getLogger(__name__)

# Seconds. The HTTP deadline of a send is shorter than its lease, so nobody sends on a lease that ran out (a check).
SEND_SECONDS = {"codes": 4, "sms": 10}
LEASE_SECONDS = {"codes": 10, "sms": 40}
DRAIN_SECONDS = 30
CONFIGURATION_RETRY = timedelta(minutes=10)
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
    code = _code(message)
    context = message.params | {"code": code, "host": settings.PORTAL_HOST}
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string(f"sms/{message.template}.txt", context).strip()


def _code(message: Message) -> str | None:
    return codes.derive(message.purpose, bytes(message.code_nonce)) if message.code_nonce else None


def _send(message: Message) -> None:
    outgoing = Outgoing(message.recipient, text_of(message), message.local_id, _code(message))
    try:
        receipt = get_backend().send(outgoing)
    except SmsError as error:
        _settle_error(message, error)
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
    log.warning("message %s: %s", message.pk, error.reason)
    if error.unknown and is_code:
        # Sending again could bring a second SMS; the citizen has a button. It expires with its code.
        leases.settle(message, last_error="unknown", due_at=message.expires_at)
    elif error.unknown:
        # The same local_id goes out again: the provider sends a number it knows only once.
        delay = leases.backoff(message.attempts, 5, 300, least=UNKNOWN_RETRY_SECONDS)
        leases.release(message, "unknown", delay)
    elif error.configuration:
        log.error("text messages wait for their configuration: %s", error.reason)
        leases.release(message, error.reason, CONFIGURATION_RETRY)
    elif error.retryable:
        base, cap = (1, 3) if is_code else (5, 300)
        leases.release(message, error.reason, leases.backoff(message.attempts, base, cap, error.retry_after or 0))
    else:
        leases.settle(message, state=Message.State.FAILED, last_error=error.reason[:60], **WIPED)


def expire() -> None:
    """End what can no longer be of use: codes past their time, and sent messages whose delivery nobody will report."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    Message.objects.filter(free, state=Message.State.QUEUED, expires_at__lte=Now()).update(
        state=Message.State.EXPIRED, **WIPED
    )
    Message.objects.filter(state=Message.State.ACCEPTED, accepted_at__lt=Now() - DELIVERY_WINDOW).update(
        state=Message.State.DELIVERY_UNKNOWN, **WIPED
    )
