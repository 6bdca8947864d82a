"""What the pages of a telephone call share, for accounts and requests: the code that the caller reads out.

The clerk's session keeps one call: about what, which challenge, what for. The verbs decide by the rows.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.errands.callers import VERIFIED_FOR
from infra.limits import LimitReached
from iran import waits
from registration.desk.forms import Reasons
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session
from sms.otp.form import OtpForm

Keep = Callable[[OtpChallenge], object]
KEPT = "desk_call"
TITLE = _("Verify a caller")
CODE_TITLE = _("Code of the caller")
REASONS: Reasons = [
    ("state", _("Asks how it stands")),
    ("sign_in", _("Cannot sign in")),
    ("message", _("Asks about a text message")),
    ("stranger", _("Says that somebody else did something")),
]
OVER = _("No code is under way, or something changed meanwhile. Begin again.")


class Kept(NamedTuple):
    """`about`: "account" or "request", `pk` its row; `version` of an account's protection, 0 of a request; `words`:
    what the call is for."""

    about: str
    pk: int
    challenge: int
    version: int
    words: str


class Verbs(NamedTuple):
    send_again: Callable[[OtpChallenge, Keep], None]
    verify: Callable[[OtpChallenge], None]
    fail: Callable[[OtpChallenge], None]


class Ways(NamedTuple):
    """Where a page leads: to the record, to itself; and how it is drawn."""

    record: Callable[[], HttpResponse]
    itself: Callable[[], HttpResponse]
    draw: Callable[[OtpForm], HttpResponse]


def keep(request: HttpRequest, call: Kept) -> None:
    request.session[KEPT] = list(call)


def kept(request: HttpRequest, about: str, pk: int) -> Kept | None:
    """The call that this session has under way about just this."""
    match request.session.get(KEPT):
        case [str() as what, int() as row, int(), int(), str()] as known if (what, row) == (about, pk):
            return Kept(*known)
    return None


def until(at: datetime) -> datetime:
    """Until when a caller counts as verified who was so at this moment."""
    return at + VERIFIED_FOR


def answer(request: HttpRequest, call: Kept, challenge: OtpChallenge, verbs: Verbs, ways: Ways) -> HttpResponse:
    """The page of the code. Posted: `send` once more, `none` if the caller tells none, else `code`."""
    if "send" in request.POST:
        return _send_again(request, call, challenge, verbs, ways)
    if "none" in request.POST:
        return _failed(request, challenge, verbs, ways)
    form = OtpForm(request.POST if request.method == "POST" else None, challenge=challenge)
    if form.is_valid():
        verbs.verify(challenge)
        del request.session[KEPT]
        messages.success(request, _("The caller is verified: the code was right."))
        return ways.record()
    if form.is_bound and not otp.tries_left(challenge):
        return _failed(request, challenge, verbs, ways)
    return waits.answered(form, ways.draw(form))


def _failed(request: HttpRequest, challenge: OtpChallenge, verbs: Verbs, ways: Ways) -> HttpResponse:
    verbs.fail(challenge)
    del request.session[KEPT]
    messages.warning(request, _("The caller is not verified. Say nothing about this person; ask them to come."))
    return ways.record()


def _send_again(request: HttpRequest, call: Kept, challenge: OtpChallenge, verbs: Verbs, ways: Ways) -> HttpResponse:
    try:
        verbs.send_again(challenge, lambda current: keep(request, call._replace(challenge=current.pk)))
    except LimitReached as limit:
        messages.warning(request, waits.explained(limit))
    else:
        otp_session.sent(request.session)
        messages.success(request, _("The code was sent again"))
    return ways.itself()
