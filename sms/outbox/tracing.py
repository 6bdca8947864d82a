"""What became of a message whose outcome is unknown: its provider is asked before it is sent again."""

from datetime import timedelta

from sms.backends.base import ErrorKind, Receipt, SmsBackend, SmsError, Traceable
from sms.models import Message


def why_given_up(remembered: timedelta) -> str:
    """For operators, at most 60 characters: why a message of unknown outcome is not sent again."""
    if not remembered:
        return "unknown, and its provider knows no message again"
    hours, rest = divmod(remembered, timedelta(hours=1))
    return f"unknown for {remembered // timedelta(minutes=1)} min" if rest else f"unknown for {hours} h"


def trace(message: Message, asked: list[SmsBackend]) -> Receipt | None:
    """Who has taken the message over, if anybody has. Raises SmsError when that cannot be found out."""
    if not asked:
        raise SmsError(ErrorKind.CONFIGURATION, detail="provider not in SMS_BACKEND")
    [backend] = asked
    if not isinstance(backend, Traceable):
        return None  # it knows the idempotency key again
    found = backend.status_by_idempotency_key(message.idempotency_key)
    return Receipt(backend.name, found[0]) if found else None
