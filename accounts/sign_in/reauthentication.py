"""Who is signed in shows once more that it is the owner, before what protects the account is changed or all is shown.

The password is asked by the form of each such page (accounts.profile.forms.ConfirmedForm). Where the session began
without a code, on a known device, a code to the present mobile is asked before, once in a session. docs/decisions/0024.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.sign_in import sessions
from infra.limits import returns_limit
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

CHALLENGE = "reauthentication"  # the session's names: for the id of the challenge,
NEXT = "reauthentication_next"  # and for the page that asked


def code_is_asked(view: View[P]) -> View[P]:
    """The page is for sessions in which a code was confirmed; others come back to it when they have one."""

    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_needed(request):
            request.session[NEXT] = request.path
            return redirect("accounts:confirm")
        return view(request, *args, **kwargs)

    return cast("View[P]", page)


def is_needed(request: HttpRequest) -> bool:
    """Staff have given the code of their app; an account without a mobile has nothing to be asked."""
    shown = sessions.CODE in request.session or sessions.FACTOR in request.session
    return bool(_user(request).mobile) and not shown


def waiting(request: HttpRequest) -> OtpChallenge | None:
    """The challenge that this session waits for; None when none was asked for, or it is over."""
    return otp_session.held(request.session.get(CHALLENGE), **_whose(request))


@returns_limit
def ask(request: HttpRequest) -> None:
    """Send a code to the account's mobile, or go on with the one under way. Returns infra.limits.LimitReached."""
    challenge = otp_session.begin(waiting(request), client_ip=request.META["REMOTE_ADDR"], **_whose(request))
    request.session[CHALLENGE] = challenge.pk


@returns_limit
def resend(request: HttpRequest, challenge: OtpChallenge) -> None:
    """Send the code again, or a new one when the old one is dead. Returns infra.limits.LimitReached if it may not."""
    session = request.session
    otp_session.resend(challenge, request.META["REMOTE_ADDR"], lambda current: session.update({CHALLENGE: current.pk}))


def finish(request: HttpRequest, challenge: OtpChallenge) -> str | None:
    """Use the confirmed challenge up; the page that asked, or None if the challenge was used before.

    The session goes on under a new key.
    """
    if not otp.consume(challenge.pk):
        return None
    request.session.pop(CHALLENGE, None)
    next_page: str = request.session.pop(NEXT, settings.LOGIN_REDIRECT_URL)
    request.session[sessions.CODE] = True
    request.session.cycle_key()
    return next_page


def _whose(request: HttpRequest) -> dict[str, str]:
    user = _user(request)
    return {
        "purpose": OtpChallenge.Purpose.REAUTHENTICATION,
        "mobile": user.mobile,
        "national_code": user.national_code,
    }


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)  # the middleware lets nobody else through
