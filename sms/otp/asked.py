"""What the page of a code tells beside the form: how long "send again" waits, whether a call is offered, and whether
the message surely did not arrive."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from sms.limits.sends import age_that_decides, until_resend
from sms.models import Message, OtpChallenge
from sms.otp import calls

State = Message.State
NOT_REACHED, LATER = "not_reached", "later"
SOON = timedelta(seconds=30)  # what is tried again so soon is on its way


class Asked(NamedTuple):
    """`resend_after` in seconds, 0 for at once. `arrival`: "" while the newest message may arrive; NOT_REACHED when it
    surely did not; LATER while no provider takes it. Of a recovery it is always ""."""

    resend_after: int
    may_call: bool
    arrival: str


def columns(purpose: str, challenge: str = "") -> dict[str, Combinable]:
    """Columns for a query of rows that point to a challenge by the field `challenge`, else of challenges.

    `of` reads them. So the row and what its page tells are one statement. Of a confirmed challenge nothing is asked.
    """
    path = f"{challenge}__" if challenge else ""
    mobile, national_code = OuterRef(f"{path}mobile"), OuterRef(f"{path}national_code")
    sent = Message.objects.filter(recipient=mobile, created_at__gt=Now() - calls.WINDOW)
    same = sent.filter(purpose=purpose, national_code=national_code)
    sends = same.values("purpose").annotate(sends=Count("pk")).values("sends")
    age = age_that_decides(purpose, mobile, national_code)
    waiting = Q(**{f"{path}confirmed_at": None})
    asked: dict[str, Combinable] = {
        "asked_age": Case(When(waiting, then=Subquery(age))),
        "asked_sends": Case(When(waiting, then=Subquery(sends))),
    }
    if purpose != OtpChallenge.Purpose.RECOVERY:  # it would tell that there is an account
        newest = same.filter(created_at__gte=OuterRef(f"{path}began_at")).order_by("-created_at", "-pk")
        asked["asked_arrival"] = Case(When(waiting, then=Subquery(newest.values_list(_arrival())[:1])))
    return asked


def _arrival() -> Case:
    stuck = Q(state=State.QUEUED, send_at__gt=Now() + SOON) & ~Q(last_error="")
    return Case(
        When(state__in=calls.IN_VAIN, then=Value(NOT_REACHED)),
        When(stuck, then=Value(LATER)),
        default=Value(""),
    )


def of(challenge: OtpChallenge, row: Any = None) -> Asked:
    """`row` points to the challenge. Was it read without these columns, they are asked for now."""
    if not hasattr(row, "asked_age"):
        row = OtpChallenge.objects.filter(pk=challenge.pk).annotate(**columns(challenge.purpose)).get()
    age: timedelta | None = row.asked_age
    arrival: str = getattr(row, "asked_arrival", None) or ""
    many = (row.asked_sends or 0) >= calls.AFTER_SENDS
    return Asked(until_resend(age), calls.are_possible() and (many or arrival == NOT_REACHED), arrival)
