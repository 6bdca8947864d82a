"""What becomes of a message after its provider has answered, or has not."""

import logging
from datetime import timedelta
from functools import cache

from django.db import models
from django.db.models.functions import Now

from infra import leases, statements
from infra.statements import Given
from sms import provider_status
from sms.backends.base import ErrorKind, Receipt, SmsBackend, SmsError, Traceable
from sms.models import Message
from sms.outbox import reasons
from sms.outbox.moves import move, moving

log = logging.getLogger(__name__)

CONFIGURATION_RETRY_SECONDS = 600
UNKNOWN_RETRY_SECONDS = {"codes": 3, "texts": 30}

State = Message.State


def queue_of(message: Message) -> str:
    return "texts" if message.code_nonce is None else "codes"


def has_no_key(message: Message) -> bool:
    """Whether no provider would know it again: what may have been sent must not be sent again."""
    return message.purpose == Message.Purpose.RESULT_AGAIN


def accept(message: Message, receipt: Receipt, backend: SmsBackend, segments: int) -> None:
    """Without the lease's token: that it was accepted is a fact, whoever learnt it."""
    statements.together(
        _accepting(),
        pk=message.pk,
        ask_after=backend.report_windows[0] if isinstance(backend, Traceable) else backend.remembers_states,
        provider=receipt.provider,
        provider_id=receipt.provider_id,
        segments=segments,
        area=queue_of(message),
    )


@cache
def _accepting() -> dict[str, statements.Sql]:
    provider = Given("provider", models.CharField())
    accepted = moving(
        Message.objects.filter(pk=Given("pk", models.BigIntegerField())),
        State.ACCEPTED,
        accepted_at=Now(),
        ask_at=Now() + Given("ask_after", models.DurationField()),
        provider=provider,
        provider_id=Given("provider_id", models.CharField()),
        segments=Given("segments", models.IntegerField()),
        last_error="",
    )
    return {"accepted": accepted, "works": provider_status.working(provider, Given("area", models.CharField()))}


def tell(message: Message, error: SmsError, provider: str | None = None) -> None:
    """Log an error, and show operators one that is theirs to mend."""
    provider = provider or message.provider
    level = logging.ERROR if error.alarming else logging.WARNING
    log.log(level, "message %s, %s: %s", message.pk, provider, error)
    if error.kind is ErrorKind.CONFIGURATION:
        provider_status.met_problem(provider, queue_of(message), error)


def refused(message: Message, error: SmsError) -> None:
    is_code = message.code_nonce is not None
    held, reason = leases.held(message), reasons.of(error)
    if error.unknown and has_no_key(message):
        move(held, State.FAILED, last_error=reasons.UNKNOWN)
    elif error.unknown and is_code:
        # The same code twice does no harm: once more, then the citizen has a button. It expires with its code.
        again = None if message.first_attempt_at else Now() + timedelta(seconds=UNKNOWN_RETRY_SECONDS["codes"])
        move(held, State.UNKNOWN, last_error=reasons.UNKNOWN, ask_at=again)
    elif error.unknown:
        delay = leases.backoff(message.attempts, 5, 300, least=UNKNOWN_RETRY_SECONDS["texts"])
        move(held, State.UNKNOWN, last_error=reasons.UNKNOWN, ask_at=Now() + delay)
    elif not error.retryable:
        move(held, State.FAILED, last_error=reason)
    else:  # it has surely sent nothing: the next attempt is the first one again, or the one repeat of a code
        delay = _patience(message.attempts, error, is_code=is_code)
        since = message.first_attempt_at if is_code else None
        move(held, State.QUEUED, last_error=reason, send_at=Now() + delay, provider="", first_attempt_at=since)


def _patience(attempts: int, error: SmsError, *, is_code: bool) -> timedelta:
    """How long to wait before sending again what was refused for now."""
    if error.kind is ErrorKind.CONFIGURATION:
        return timedelta(seconds=max(CONFIGURATION_RETRY_SECONDS, error.retry_after or 0))
    base, cap = (1, 3) if is_code else (5, 300)
    return leases.backoff(attempts, base, cap, error.retry_after or 0)
