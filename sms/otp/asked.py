"""What the page of a code tells beside the form: how long "send again" waits, and whether a call is offered."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from sms.limits.sends import age_that_decides, seconds_until_resend, until_resend
from sms.models import Message, OtpChallenge
from sms.otp.challenge import CALL_AFTER_SENDS, CALL_WINDOW, may_call


class Asked(NamedTuple):
    """`resend_after` in seconds, 0 for at once."""

    resend_after: int
    may_call: bool


def columns(purpose: str, challenge: str) -> dict[str, Combinable]:
    """Columns for a query of rows that point to a challenge by the field `challenge`; `of` reads them.

    So the row and what its page tells are one statement. Of a confirmed challenge nothing is asked.
    """
    mobile, national_code = OuterRef(f"{challenge}__mobile"), OuterRef(f"{challenge}__national_code")
    sent = Message.objects.filter(recipient=mobile, created_at__gt=Now() - CALL_WINDOW)
    same = sent.filter(purpose=purpose, national_code=national_code).values("purpose")
    age = age_that_decides(purpose, mobile, national_code)
    waiting = Q(**{f"{challenge}__confirmed_at": None})
    return {
        "asked_age": Case(When(waiting, then=Subquery(age))),
        "asked_sends": Case(When(waiting, then=Subquery(same.annotate(sends=Count("pk")).values("sends")))),
    }


def of(challenge: OtpChallenge, row: Any) -> Asked:
    """`row` points to the challenge. Was it read without these columns, they are asked for now."""
    if not hasattr(row, "asked_age"):
        return Asked(seconds_until_resend(challenge), may_call(challenge))
    age: timedelta | None = row.asked_age
    return Asked(until_resend(age), (row.asked_sends or 0) >= CALL_AFTER_SENDS)
