"""Carrying messages out: claim, send outside any transaction, settle (sms.outbox.settling)."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from time import monotonic

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from infra import leases
from sms.backends import get_backends
from sms.backends.base import (
    DeliveryState,
    ErrorKind,
    Outgoing,
    Receipt,
    SmsBackend,
    SmsError,
    Traceable,
    UnexpectedError,
)
from sms.models import Message
from sms.otp import codes
from sms.outbox import reasons, segments, settling
from sms.outbox.moves import move

log = logging.getLogger(__name__)

# Seconds. Each is shorter than the next, so that nobody sends on a lease that ran out (a system check): the deadline of
# the HTTP exchange, the time in which the last one must have ended, the lease.
SEND_SECONDS = {"codes": 4, "texts": 10}
STOP_SECONDS = {"codes": 8, "texts": 20}
LEASE_SECONDS = {"codes": 10, "texts": 40}
DRAIN_SECONDS = 30
# How long a message of unknown outcome waits for its provider, which SMS_BACKEND names no more, to be named again.
WAIT_FOR_PROVIDER = timedelta(hours=11)

State = Message.State


def due(queue: str) -> models.QuerySet[Message]:
    """What the worker of a queue ("codes" or "texts") may claim."""
    waiting = Message.objects.filter(state__in=[State.QUEUED, State.UNKNOWN], code_nonce__isnull=queue == "texts")
    return waiting.filter(Q(expires_at=None) | Q(expires_at__gt=Now()))


def deliver(queue: str, pk: int) -> None:
    """Send one message of a queue, if it is due and nobody else holds it."""
    _take_one(queue, pk)


def drain(queue: str, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due until nothing is, half a minute has passed or `go_on` is False; returns how many were taken."""
    until, taken = monotonic() + DRAIN_SECONDS, 0
    while monotonic() < until and go_on() and _take_one(queue):
        taken += 1
    return taken


@cache
def _claiming(queue: str, preferred: str) -> leases.Claiming[Message]:
    nobody = When(provider="", then=Value(preferred))
    attempt = {
        "provider": Case(nobody, default=F("provider")),
        "first_attempt_at": Coalesce("first_attempt_at", Now()),
    }
    return leases.Claiming(due(queue), **attempt)


def _take_one(queue: str, pk: int | None = None) -> bool:
    """Claim one message and work on it. The row says by whom it may have been sent before anybody is asked to."""
    backends = get_backends()
    message = _claiming(queue, backends[0].name).claim(LEASE_SECONDS[queue], pk)
    if message is None:
        return False
    if settling.has_no_key(message):
        _send_once(message, [backend for backend in backends if backend.tells_results()], queue)
    elif message.first_attempt_at is None:
        _send(message, backends, queue)
    elif queue == "codes":  # nobody knows it by a key, and the same code twice does no harm
        _send(message, _those_named(message.provider, backends) or backends, queue)
    elif repeating := _unless_sent(message, _those_named(message.provider, backends)):
        _send(message, repeating, queue)
    return True


def _send_once(message: Message, backends: Sequence[SmsBackend], queue: str) -> None:
    if message.first_attempt_at is None and backends:
        _send(message, backends, queue)
        return
    reason = reasons.UNKNOWN if message.first_attempt_at else reasons.NOBODY_TELLS_RESULTS
    move(leases.held(message), State.FAILED, last_error=reason)


def _those_named(provider: str, backends: Sequence[SmsBackend]) -> list[SmsBackend]:
    return [backend for backend in backends if backend.name == provider]


def text_of(message: Message) -> str:
    """The whole text as the citizen reads it. Codes are in ASCII digits, their last line binds them to our host."""
    context = message.params | {"code": _code(message), "host": settings.PORTAL_HOST}
    plain = {name: SafeString(value) for name, value in context.items()}  # text for a phone: nothing is HTML here
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string(f"sms/{message.template}.txt", plain).strip()


def _code(message: Message) -> str | None:
    return codes.derive(message.purpose, bytes(message.code_nonce)) if message.code_nonce else None


def _unless_sent(message: Message, asked: list[SmsBackend]) -> list[SmsBackend]:
    """Find out what became of earlier attempts. Returns who is to send the message again, or nobody."""
    error: SmsError | None = None
    try:
        found = _trace(message, asked)
    except SmsError as raised:
        error = raised
    except Exception as raised:  # noqa: BLE001  its text may hold anything
        error = UnexpectedError(raised)
    else:
        if found is not None:
            settling.accept(message, found, asked[0], segments=segments.count(text_of(message)))
            return []
    remembered = asked[0].remembers_keys if asked else WAIT_FOR_PROVIDER
    if Message.objects.filter(pk=message.pk, first_attempt_at__lte=Now() - remembered).exists():
        reason = reasons.why_given_up(remembered)
        log.error("message %s: %s, an operator must look", message.pk, reason)
        move(leases.held(message), State.FAILED, last_error=reason)
    elif error is None:
        return asked
    else:
        settling.tell(message, error)
        least = max(settling.UNKNOWN_RETRY_SECONDS["texts"], error.retry_after or 0)
        delay = leases.backoff(message.attempts, 5, 300, least=least)
        reason = reasons.of(error) if error.kind is ErrorKind.CONFIGURATION else reasons.UNKNOWN
        move(leases.held(message), State.UNKNOWN, last_error=reason, ask_at=Now() + delay)
    return []


def _trace(message: Message, asked: list[SmsBackend]) -> Receipt | None:
    """Who has taken the message over, if anybody has. Raises SmsError when that cannot be found out."""
    if not asked:
        raise SmsError(ErrorKind.CONFIGURATION, detail=reasons.NOT_IN_SETTINGS)
    [backend] = asked
    if not isinstance(backend, Traceable):
        return None  # it knows the idempotency key again
    found = backend.status_by_idempotency_key(message.idempotency_key)
    return Receipt(backend.name, found[0]) if found else None


def _send(message: Message, backends: Sequence[SmsBackend], queue: str) -> None:
    """Let the first provider that does not refuse take the message over, and write down what happened.

    A provider that has surely not sent it makes way for the next; an outcome that is unknown stays with its provider.
    """
    began = monotonic()
    try:
        outgoing = _outgoing(message)
    except SmsError as error:
        settling.refused(message, error)
        return
    refusal: SmsError | None = None
    for backend in backends:
        if refusal and not leases.keep(message, LEASE_SECONDS[queue], provider=backend.name):
            return  # somebody else has it now
        refusal = _attempt(message, backend, outgoing)
        if refusal is None:
            return
        settling.tell(message, refusal, backend.name)
        no_time_left = monotonic() - began + SEND_SECONDS[queue] > STOP_SECONDS[queue]
        if refusal.unknown or not refusal.retryable or no_time_left:
            break
    if refusal:
        settling.refused(message, refusal)


def _outgoing(message: Message) -> Outgoing:
    """What the provider gets. Raises SmsError: one odd message must not stop the others."""
    try:
        text = text_of(message)
    except Exception as error:  # noqa: BLE001  its text may hold the code
        log.error("message %s: unexpected %s", message.pk, type(error).__name__)
        odd = UnexpectedError(error)
    else:
        code = _code(message)
        told = message.params.get("tracking_code", "") if settling.has_no_key(message) else ""
        purpose = message.purpose if code else ""
        return Outgoing(message.recipient, text, message.idempotency_key, code, message.by_voice, purpose, told)
    raise odd


def _attempt(message: Message, backend: SmsBackend, outgoing: Outgoing) -> SmsError | None:
    """The error, or None: the provider has the message."""
    if not segments.fits(outgoing.text, backend.longest_text):
        log.error("message %s: its text is empty or too long", message.pk)
        return SmsError(ErrorKind.PERMANENT, detail=reasons.ODD_TEXT)
    try:
        receipt = backend.send(outgoing)
    except SmsError as error:
        return error
    except Exception as error:  # noqa: BLE001  one odd message must not stop the others; its text may hold the code
        return UnexpectedError(error, unknown=True)
    settling.accept(message, receipt, backend, segments=segments.count(outgoing.text))
    if receipt.state and receipt.state.final and receipt.state is not DeliveryState.DELIVERED:
        move(Message.objects.filter(pk=message.pk), State.UNDELIVERED, last_error=receipt.state.value)
    return None


def expire() -> int:
    """End what is of no use any more: codes past their time, messages nobody will report on. Returns how many."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    late = Message.objects.filter(free, state__in=[State.QUEUED, State.UNKNOWN], expires_at__lte=Now())
    remembered = [When(provider=backend.name, then=Now() - backend.remembers_states) for backend in get_backends()]
    forgotten = Case(*remembered, default=Now() - SmsBackend.remembers_states)
    over = Message.objects.filter(state=State.ACCEPTED, ask_at__lte=Now(), accepted_at__lt=forgotten)
    return move(late, State.EXPIRED) + move(over, State.DELIVERY_UNKNOWN)
