"""Whether who has called about a request holds its mobile: a code goes there, and the caller reads it out.

As accounts.errands.callers does for accounts. It proves nothing to a decision: that is registration.lifecycle.mobile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models.functions import Now

from accounts.errands.callers import VERIFIED_FOR
from accounts.models import User
from registration.lifecycle import decisions, events
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

Kind, Purpose = RequestEvent.Kind, OtpChallenge.Purpose


class NoCall(Exception):  # noqa: N818  a state of affairs, not a fault
    """The code is not confirmed, is used up or ended, or belongs to another person or mobile."""


def present(request: RegistrationRequest, challenge_id: int | None) -> OtpChallenge | None:
    """The challenge that a clerk's session keeps, if it is of a call about this request and not over."""
    whose = {"national_code": request.national_code, "mobile": request.mobile}
    return otp_session.held(challenge_id, purpose=Purpose.CALLER, **whose)


def send_code(request_id: int, *, by: User, client_ip: str, words: str, before: OtpChallenge | None) -> OtpChallenge:
    """Send a code to the request's mobile; `before` goes on while it serves for just this. `words`: what for.

    A code that goes is an event, here and in `send_again`: one that is held back, when it is sent. Raises NoCall for a
    draft, scope.Elsewhere, infra.limits.LimitReached.
    """
    with _about(request_id, by) as request:
        whose = {"mobile": request.mobile, "national_code": request.national_code}
        challenge = otp_session.begin(before, purpose=Purpose.CALLER, client_ip=client_ip, **whose)
        if challenge != before and not challenge.is_held:
            events.note(request, Kind.CALLER_CODE, by=by, client_ip=client_ip, words=words)
    return challenge


def send_again(
    request_id: int,
    *,
    by: User,
    client_ip: str,
    words: str,
    challenge: OtpChallenge,
    keep: Callable[[OtpChallenge], object],
) -> None:
    """`keep` gets the challenge that counts from now on, if it is another one.

    Raises NoCall, also if the code was confirmed or ended meanwhile; scope.Elsewhere, infra.limits.LimitReached.
    """
    with _about(request_id, by) as request:
        _refuse_over(request, challenge)
        otp_session.resend(challenge, client_ip, keep)
        events.note(request, Kind.CALLER_CODE, by=by, client_ip=client_ip, words=words)


def verify(request_id: int, *, by: User, client_ip: str, words: str, challenge: OtpChallenge) -> None:
    """The caller told the right code: use the confirmed challenge up. Raises NoCall, scope.Elsewhere."""
    with _about(request_id, by) as request:
        if present(request, challenge.pk) is None or not otp.consume(challenge.pk):
            raise NoCall
        events.note(request, Kind.CALLER_VERIFIED, by=by, client_ip=client_ip, words=words)


def fail(request_id: int, *, by: User, client_ip: str, words: str, challenge: OtpChallenge) -> None:
    """The caller told five wrong codes, or none: the code ends. Raises NoCall, scope.Elsewhere."""
    with _about(request_id, by) as request:
        _refuse_over(request, challenge)
        otp.end(request.national_code, [Purpose.CALLER])
        events.note(request, Kind.CALLER_FAILED, by=by, client_ip=client_ip, words=words)


def verified(request: RegistrationRequest, by: User) -> RequestEvent | None:
    """The event by which the caller counts as verified now, for this clerk."""
    told = RequestEvent.objects.filter(
        request=request.pk, actor=by, kind__in=[Kind.CALLER_VERIFIED, Kind.CALLER_FAILED], at__gt=Now() - VERIFIED_FOR
    )
    newest = told.order_by("-pk").first()
    return newest if newest and newest.kind == Kind.CALLER_VERIFIED else None


@contextmanager
def _about(request_id: int, by: User) -> Iterator[RegistrationRequest]:
    """The request, in a transaction that is the body's."""
    with transaction.atomic():
        request = decisions.locked(request_id, by)
        if request.status == Status.DRAFT:
            raise NoCall
        yield request


def _refuse_over(request: RegistrationRequest, challenge: OtpChallenge) -> None:
    now = present(request, challenge.pk)
    if now is None or now.confirmed_at:
        raise NoCall
