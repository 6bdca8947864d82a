"""When a signed-in session begins and ends: sign-out, idling, its longest time (docs/contract.md, limits).

The times are kept inside the session itself, so that they hold wherever it is stored.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Device, StaffFactor, User
from accounts.sign_in import devices
from accounts.sign_in.session_store import BROWSER, SEEN, STARTED, hash_of
from infra import security_log

GetResponse = Callable[[HttpRequest], HttpResponse]

REMEMBER_EVERY = 60
PREVIOUS = "previous_sign_in"  # ISO 8601
DEVICE = "device"  # the id of its row; without the row the session is over
FACTOR = "factor"  # likewise; only sessions with it open the desk
CODE = "code_asked"  # a code from a text message was confirmed for this session
COUNTED = "counted"  # random; the same under every key that the session gets
# Of the answer to a sign-out. Not "cookies": the session's is void already, and the chosen language is one.
CLEAR_SITE_DATA = '"cache", "storage"'


_outliving: set[str] = set()  # names in a session


def outlive_sign_in(names: Iterable[str]) -> None:
    """What stands under these names is not lost when a citizen signs in in another tab, or is signed out by time."""
    _outliving.update(names)


def renew(request: HttpRequest, end: Callable[[HttpRequest], object] = lambda request: request.session.flush()) -> None:
    """Begin an empty session for this browser, but for what outlives a sign-in."""
    kept = {name: value for name, value in request.session.items() if name in _outliving}
    end(request)
    request.session.update(kept)


def begin(
    request: HttpRequest,
    user: User,
    device: Device | None = None,
    factor: StaffFactor | None = None,
    *,
    with_code: bool = False,
) -> None:
    """Sign `user` in, in a new session: nothing that a visitor had before stays, but a registration under way.

    With a `device` the session ends when that row is deleted; staff at the desk have none, but their `factor`.
    `with_code`: a code was confirmed for it.
    """
    previous = user.last_login
    if factor:
        request.session.flush()
    else:
        renew(request)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[STARTED] = request.session[SEEN] = _now()
    request.session[COUNTED] = secrets.token_hex(8)
    if user.is_staff:  # one session at a time: an older one meets this at its next page
        user.desk_session = request.session[COUNTED]
        User.objects.filter(pk=user.pk).update(desk_session=user.desk_session)
    request.session[BROWSER] = devices.browser_name(request.headers.get("User-Agent", ""))
    if device:
        request.session[DEVICE] = device.pk
    if factor:
        request.session[FACTOR] = factor.pk
    if with_code:
        request.session[CODE] = True
    if previous:
        request.session[PREVIOUS] = previous.isoformat()
    shown = "second-factor" if factor else "device" if device else "password"
    security_log.tell("sign-in", outcome="signed-in", by=shown, national_code=user.national_code)


def counted_as(session: SessionBase) -> str:
    """What is counted for a session is counted for this name of it. Of a session without it: its hash."""
    name: str = session.get(COUNTED) or hash_of(session.session_key or "")
    return name


def previous_sign_in(request: HttpRequest) -> datetime | None:
    """When the signed-in person signed in the last time before this session; None if never."""
    moment = request.session.get(PREVIOUS)
    return datetime.fromisoformat(moment) if moment else None


def end_old_sessions(get_response: GetResponse) -> GetResponse:
    """Signs out who was away too long, or whose account, device or factor is not the same; the next page says so."""

    def middleware(request: HttpRequest) -> HttpResponse:
        was_signed_in = SESSION_KEY in request.session
        if was_signed_in and not request.user.is_authenticated:
            renew(request, logout)
            messages.info(request, changed())
        if request.user.is_authenticated:
            now = _now()
            longest = _longest(request)
            started = request.session.setdefault(STARTED, now)
            seen = request.session.setdefault(SEEN, now)
            if now - seen > settings.SESSION_IDLE_SECONDS or now - started > longest:
                renew(request, logout)
                messages.info(request, timed_out())
            elif not is_the_one(request.user, request.session):
                told = later() if request.user.desk_session else ended_at_the_desk()
                renew(request, logout)
                messages.warning(request, told)
            elif _is_signed_out(request):
                renew(request, logout)
                messages.info(request, _("This device was signed out of your account."))
            elif _has_another_factor(request):
                renew(request, logout)
                messages.info(request, _("Your authenticator app was set up anew; please sign in again."))
            elif _lacks_a_factor(request):
                renew(request, logout)
                messages.info(request, _("Staff sign in at the branch desk. After that you come to your account."))
            elif now - seen >= REMEMBER_EVERY:
                request.session[SEEN] = now
        return get_response(request)

    return middleware


def changed() -> str:
    return _("The account was changed elsewhere meanwhile; please sign in again.")


def timed_out() -> str:
    return _("Your time has run out; please sign in again.")


def later() -> str:
    return _(
        "This session has ended, because you signed in at the desk later, in another browser or on another device: the "
        "desk has one session at a time. If that was not you, tell your supervisor at once."
    )


def ended_at_the_desk() -> str:
    return _("Your session was ended by a supervisor or the portal’s operator. You may sign in again.")


def is_the_one(user: User, session: Mapping[str, Any]) -> bool:
    """Whether this session of `user` may go on: of a member of the staff only the newest one may, until it is ended."""
    return not user.is_staff or COUNTED not in session or session[COUNTED] == user.desk_session


def stay(request: HttpRequest) -> None:
    """The signed-in person is still there. Moves the end after idling, never the longest time."""
    request.session[SEEN] = _now()


def seconds_left(request: HttpRequest) -> tuple[int, int]:
    """Until the session ends if nothing happens, and until it ends in any case."""
    now, longest = _now(), _longest(request)
    in_any_case = request.session.get(STARTED, now) + longest - now
    idle = request.session.get(SEEN, now) + settings.SESSION_IDLE_SECONDS - now
    return max(0, min(idle, in_any_case)), max(0, in_any_case)


def _longest(request: HttpRequest) -> int:
    is_staff = request.user.is_authenticated and request.user.is_staff
    return int(settings.STAFF_SESSION_SECONDS if is_staff else settings.CITIZEN_SESSION_SECONDS)


def _is_signed_out(request: HttpRequest) -> bool:
    device = request.session.get(DEVICE)
    return device is not None and not Device.objects.filter(pk=device, user=request.user.pk).exists()


def _has_another_factor(request: HttpRequest) -> bool:
    factor = request.session.get(FACTOR)
    return factor is not None and not StaffFactor.objects.filter(pk=factor, user=request.user.pk).exists()


def _lacks_a_factor(request: HttpRequest) -> bool:
    """Staff have no way in without the code of their app, to the pages of citizens neither."""
    is_staff = request.user.is_authenticated and request.user.is_staff
    return is_staff and settings.STAFF_SECOND_FACTOR == "required" and FACTOR not in request.session


def _now() -> int:
    return int(timezone.now().timestamp())
