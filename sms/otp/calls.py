"""When a code may be read out by telephone: a call costs more than a text."""

from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from sms.backends import get_backends
from sms.models import Message, OtpChallenge

AFTER_SENDS = 3  # the first and two repetitions
WINDOW = timedelta(hours=1)
IN_VAIN = (Message.State.FAILED, Message.State.UNDELIVERED)  # of a text that surely did not arrive


def may_call(challenge: OtpChallenge) -> bool:
    """Whether a call is to be offered: enough texts were sent in vain, or the newest one surely did not arrive."""
    if not are_possible():
        return False
    newest = _sent(challenge).filter(created_at__gte=challenge.began_at).order_by("-created_at", "-pk").first()
    return (newest is not None and newest.state in IN_VAIN) or sends(challenge) >= AFTER_SENDS


def are_possible() -> bool:
    """Whether a provider of SMS_BACKEND reads codes out."""
    return any(backend.reads_out for backend in get_backends())


def sends(challenge: OtpChallenge) -> int:
    """How many codes were sent for this purpose, national code and mobile in the last hour, of whatever challenge."""
    return _sent(challenge).count()


def _sent(challenge: OtpChallenge) -> QuerySet[Message]:
    recent = Message.objects.filter(recipient=challenge.mobile, created_at__gt=Now() - WINDOW)
    return recent.filter(purpose=challenge.purpose, national_code=challenge.national_code)
