"""Signing in where the account does not know the browser: after the right password a code by SMS, only then a session.

What waits for its code is in the browser's session: ids, and the mark of the password, so that a change ends it.
"""

import logging
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accounts.models import Device, User
from accounts.notices import tell
from accounts.sign_in import devices, sessions
from sms.models import OtpChallenge
from sms.otp import challenge as otp

log = logging.getLogger(__name__)

KEPT = "sign_in"
WAITS = timedelta(minutes=30)


class Waiting(NamedTuple):
    """A sign-in whose password was right."""

    user: User
    challenge: OtpChallenge
    next_page: str


def begin(request: HttpRequest, user: User, next_page: str) -> None:
    """Send a code to the account's mobile and wait for it. Raises infra.limits.LimitReached.

    Who gives the password once more in the same browser goes on with the code that is under way.
    """
    before = waiting(request)
    if before and before.user == user and not otp.is_dead(before.challenge):
        challenge = before.challenge
    else:
        challenge = otp.start(
            purpose=OtpChallenge.Purpose.DEVICE,
            mobile=user.mobile,
            national_code=user.national_code,
            client_ip=request.META["REMOTE_ADDR"],
        )
    request.session.flush()  # nothing that a visitor had before stays
    _keep(request, user, challenge, next_page)


def _keep(request: HttpRequest, user: User, challenge: OtpChallenge, next_page: str) -> None:
    request.session[KEPT] = [user.pk, challenge.pk, user.get_session_auth_hash(), next_page]


def waiting(request: HttpRequest) -> Waiting | None:
    """The sign-in that waits for its code in this browser; None when there is none or it is over."""
    if KEPT not in request.session:
        return None
    user_id, challenge_id, mark, next_page = request.session[KEPT]
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not constant_time_compare(mark, user.get_session_auth_hash()):
        return None
    challenges = OtpChallenge.objects.filter(pk=challenge_id, mobile=user.mobile, consumed_at=None)
    challenge = challenges.filter(created_at__gt=Now() - WAITS).first()
    return Waiting(user, challenge, next_page) if challenge else None


def resend(request: HttpRequest, sign_in: Waiting) -> None:
    """Send the code again, or a new one when the old one is dead. Raises infra.limits.LimitReached."""
    challenge = otp.resend(sign_in.challenge, request.META["REMOTE_ADDR"])
    _keep(request, sign_in.user, challenge, sign_in.next_page)


def finish(request: HttpRequest, sign_in: Waiting) -> str | None:
    """Sign in with the confirmed proof, which is used up; the token for the device's cookie, None if it was not open.

    Who has other devices is told by a text message.
    """
    with transaction.atomic():
        if not otp.consume(sign_in.challenge.pk):
            return None
        others = Device.objects.filter(user=sign_in.user).exists()
        device, token = devices.remember(sign_in.user, request)
        if others:
            tell(sign_in.user, "new_device")
    log.info("%s signed in on a new device", sign_in.user)
    sessions.begin(request, sign_in.user, device)
    return token
