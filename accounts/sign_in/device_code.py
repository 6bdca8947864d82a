"""Signing in where the account does not know the browser: after the right password a code by SMS, only then a session.

What waits for its code is in the browser's session: ids, and the mark of a session, so that a change of the account's
protection ends it.
"""

from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts import protection
from accounts.models import Device, User
from accounts.notices import tell
from accounts.sign_in import devices, sessions
from infra import security_log
from infra.limits import returns_limit
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

KEPT = "sign_in"


class Waiting(NamedTuple):
    """A sign-in whose password was right."""

    user: User
    challenge: OtpChallenge
    next_page: str


@returns_limit
def begin(request: HttpRequest, user: User, next_page: str) -> None:
    """Send a code to the account's mobile and wait for it. Returns infra.limits.LimitReached if nothing may be sent.

    Who gives the password once more in the same browser goes on with the code that is under way.
    """
    before = waiting(request)
    challenge = otp_session.begin(
        before.challenge if before else None, **_whose(user), client_ip=request.META["REMOTE_ADDR"]
    )
    sessions.renew(request)  # nothing that a visitor had before stays, but a registration under way
    _keep(request, user, challenge, next_page)
    otp_session.keep_held(request.session, challenge)


def _whose(user: User) -> dict[str, str]:
    return {
        "purpose": OtpChallenge.Purpose.DEVICE,
        "mobile": user.mobile,
        "national_code": user.national_code,
    }


def _keep(request: HttpRequest, user: User, challenge: OtpChallenge, next_page: str) -> None:
    request.session[KEPT] = [user.pk, challenge.pk, user.get_session_auth_hash(), next_page]


def waiting(request: HttpRequest) -> Waiting | None:
    """The sign-in that waits for its code in this browser; None when there is none or it is over."""
    user = _account(request)
    if user is None:
        return None
    _user_id, challenge_id, _mark, next_page = request.session[KEPT]
    challenge = otp_session.held(challenge_id, **_whose(user))
    return Waiting(user, challenge, next_page) if challenge else None


def is_changed(request: HttpRequest) -> bool:
    """Whether the sign-in of this browser is over because the account is not what it was at the password."""
    return KEPT in request.session and _account(request) is None


def _account(request: HttpRequest) -> User | None:
    if KEPT not in request.session:
        return None
    user_id, _challenge_id, mark, _next_page = request.session[KEPT]
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user and constant_time_compare(mark, user.get_session_auth_hash()) else None


@returns_limit
def resend(request: HttpRequest, sign_in: Waiting) -> None:
    """Send the code again, or a new one when the old one is dead. Returns infra.limits.LimitReached if it may not."""
    user, challenge, next_page = sign_in
    otp_session.resend(challenge, request.META["REMOTE_ADDR"], lambda current: _keep(request, user, current, next_page))
    otp_session.sent(request.session)


def finish(request: HttpRequest, sign_in: Waiting) -> str | None:
    """Use the confirmed challenge up and sign in: the token for the device's cookie.

    None if the challenge was used before, or the account changed meanwhile. Who has other devices is told by a text
    message.
    """
    with transaction.atomic():
        try:
            protection.hold(sign_in.user)
        except protection.ChangedElsewhere:
            return None
        if not otp.consume(sign_in.challenge.pk):
            return None
        others = Device.objects.filter(user=sign_in.user).exists()
        device, token = devices.remember(sign_in.user, request)
        if others:
            tell(sign_in.user, "new_device")
    security_log.tell("device", outcome="remembered", national_code=sign_in.user.national_code)
    sessions.begin(request, sign_in.user, device, with_code=True)
    return token
