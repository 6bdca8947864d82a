"""Whether a mobile is in the applicant's hands: a code sent to it, which the applicant tells the clerk."""

from collections.abc import Callable

from django.db import transaction

from accounts.models import User
from registration.lifecycle import decisions, events
from registration.models import RegistrationRequest, RequestEvent
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

Kind = RequestEvent.Kind


class NotConfirmed(Exception):  # noqa: N818  a state of affairs, not a fault
    """The challenge is not confirmed, is used up, or belongs to another person or mobile."""


def held(request: RegistrationRequest, challenge_id: int | None) -> OtpChallenge | None:
    """The challenge that a clerk's session keeps, if it is for this request's person and mobile and not over."""
    whose = {"national_code": request.national_code, "mobile": request.mobile}
    return otp_session.held(challenge_id, purpose=OtpChallenge.Purpose.DESK, **whose)


def send_code(
    request_id: int,
    *,
    by: User,
    client_ip: str,
    before: OtpChallenge | None,
    keep: Callable[[OtpChallenge], object],
    by_voice: bool = False,
) -> None:
    """Send a code to the mobile of a request that waits for staff; that of `before` once more, if there is one.

    `keep` gets the challenge that counts from now on, if it is another one. A code that goes is an event: one that is
    held back, when it is sent. Raises registration.lifecycle.decisions.AlreadyDecided, scope.Elsewhere,
    infra.limits.LimitReached.
    """
    with transaction.atomic():
        request = decisions.waiting(request_id, by)
    if before:
        otp_session.resend(before, client_ip, keep, by_voice=by_voice)
    else:
        whose = {"mobile": request.mobile, "national_code": request.national_code}
        challenge = otp_session.begin(None, purpose=OtpChallenge.Purpose.DESK, client_ip=client_ip, **whose)
        keep(challenge)
        if challenge.is_held:
            return
    events.note(request, Kind.CODE_SENT, by=by, client_ip=client_ip)


def prove(request_id: int, *, by: User, client_ip: str, challenge: OtpChallenge) -> None:
    """Use up a confirmed `challenge` as the proof of this request's mobile.

    Raises NotConfirmed, registration.lifecycle.decisions.AlreadyDecided, scope.Elsewhere.
    """
    with transaction.atomic():
        request = decisions.waiting(request_id, by)
        if held(request, challenge.pk) is None or not otp.consume(challenge.pk):
            raise NotConfirmed
        events.note(request, Kind.MOBILE_PROVED, by=by, client_ip=client_ip)
