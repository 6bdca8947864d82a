"""A request of the tracking page that this browser has opened by a code to its mobile, for a few minutes.

The session holds ids: of the request, of the challenge, and whether somebody has looked; the rows decide.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from infra.limits import returns_limit
from registration.lifecycle import withdrawal
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from sms.otp import session as otp_session

KEPT = "opened_request"
OPEN_FOR = timedelta(minutes=10)  # from the right code, or from saying to be still there


class Opening(NamedTuple):
    """A request whose code is asked for (`is_open` False), or was right."""

    request: RegistrationRequest
    challenge: OtpChallenge
    is_open: bool
    has_looked: bool


def is_offered(request: RegistrationRequest) -> bool:
    """Whether there is anything to do about it with a code."""
    return request.status in withdrawal.SOURCES


@returns_limit
def begin(browser: HttpRequest, request: RegistrationRequest) -> None:
    """Send a code to the request's mobile, or go on with the one under way, or with what is open.

    Returns infra.limits.LimitReached if nothing may be sent.
    """
    before = current(browser)
    if before and before.request == request and before.is_open:
        return
    waiting = before.challenge if before and not before.is_open else None
    challenge = otp_session.begin(waiting, client_ip=browser.META["REMOTE_ADDR"], **_whose(request))
    _keep(browser, request.pk, challenge.pk)
    otp_session.keep_held(browser.session, challenge)


def current(browser: HttpRequest) -> Opening | None:
    """What this browser has opened, or waits to open; None when there is none or it is over."""
    kept: dict[str, Any] | None = browser.session.get(KEPT)
    request = RegistrationRequest.objects.filter(pk=kept["request"]).first() if kept else None
    if kept is None or request is None:
        return None
    challenge = otp_session.held(kept["challenge"], **_whose(request))
    if challenge is None:
        return None
    opening = Opening(request, challenge, challenge.confirmed_at is not None, bool(kept.get("looked")))
    return opening if seconds_left(opening)[0] > 0 else None


def stay(opening: Opening) -> None:
    """Somebody is still there."""
    otp_session.stay(opening.challenge)


def seconds_left(opening: Opening) -> tuple[int, int]:
    """Until it ends if nothing happens, and until it ends in any case."""
    challenge = opening.challenge
    idle, in_any_case = otp_session.seconds_left(challenge, challenge.began_at)
    if challenge.confirmed_at:
        closes = max(challenge.confirmed_at, challenge.began_at) + OPEN_FOR
        idle = min(idle, max(0, int((closes - timezone.now()).total_seconds())))
    return idle, in_any_case


def was_there(browser: HttpRequest) -> bool:
    """Whether this browser had something open or waited for a code; it is forgotten by this."""
    return browser.session.pop(KEPT, None) is not None


@returns_limit
def resend(browser: HttpRequest, opening: Opening, *, by_voice: bool) -> None:
    """Send the code again, or a new one when the old one is dead, or have it read out by telephone.

    Returns infra.limits.LimitReached if it may not.
    """
    otp_session.resend(
        opening.challenge,
        browser.META["REMOTE_ADDR"],
        lambda current: _keep(browser, opening.request.pk, current.pk),
        by_voice=by_voice,
    )
    otp_session.sent(browser.session)


def confirmed(browser: HttpRequest) -> None:
    """The code was right: a stranger who knew the session's key before is shut out."""
    browser.session.cycle_key()


def looked(browser: HttpRequest) -> None:
    """What does not agree is shown from now on for as long as the request is open."""
    browser.session[KEPT] = {**browser.session[KEPT], "looked": True}


def _keep(browser: HttpRequest, request_id: int, challenge_id: int) -> None:
    browser.session[KEPT] = {"request": request_id, "challenge": challenge_id}


def _whose(request: RegistrationRequest) -> dict[str, str]:
    return {
        "purpose": OtpChallenge.Purpose.REQUEST,
        "mobile": request.mobile,
        "national_code": request.national_code,
    }
