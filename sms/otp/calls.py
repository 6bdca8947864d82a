"""When a code may be read out by telephone: a call costs more than a text."""

from datetime import timedelta

from sms.backends import get_backends
from sms.models import Message

AFTER_SENDS = 3  # the first and two repetitions
WINDOW = timedelta(hours=1)
IN_VAIN = (Message.State.FAILED, Message.State.UNDELIVERED)  # of a text that surely did not arrive


def are_possible() -> bool:
    """Whether a provider of SMS_BACKEND reads codes out."""
    return any(backend.reads_out for backend in get_backends())
