"""The pages of a request that a code has opened: its code, what does not agree, withdrawing it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sign_in import staying
from infra import security_log
from iran import waits
from registration.lifecycle import looks, withdrawal
from registration.lifecycle.decisions import AlreadyDecided
from registration.pages import opened
from registration.pages.opened import Opening
from registration.pages.state import state
from sms.otp.form import OtpForm, code_page

CODE, PAGE = "registration:track-code", "registration:track-request"

View = Callable[..., HttpResponse]


def _page_of(*, is_open: bool) -> Callable[[View], View]:
    """For who waits for the code, or has given it; whoever is elsewhere is led there."""

    def decorate(view: View) -> View:
        @login_not_required
        @wraps(view)
        def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            opening = opened.current(request)
            if opening is None:
                return _begin_again(request)
            if opening.is_open != is_open:
                return redirect(PAGE if opening.is_open else CODE)
            return view(request, opening, **kwargs)

        return page

    return decorate


def _begin_again(request: HttpRequest) -> HttpResponse:
    if opened.was_there(request):
        messages.warning(request, _("Your time has run out. Please begin again."))
    return redirect("registration:track")


def _ending(opening: Opening) -> dict[str, Any]:
    return {"proof_left": opened.seconds_left(opening), "stay_url": "registration:track-stay"}


@require_http_methods(["GET", "HEAD", "POST"])
@_page_of(is_open=False)
def code(request: HttpRequest, opening: Opening) -> HttpResponse:
    form = OtpForm(request.POST if request.method == "POST" else None, challenge=opening.challenge)
    if form.is_valid():
        opened.confirmed(request)
        return redirect(PAGE)
    context = {"form": form, "mobile": opening.request.mobile, "can_look": looks.offered(opening.request)}
    context |= code_page(opening.challenge, request.session) | _ending(opening)
    return waits.answered(form, render(request, "registration/track_code.html", context))


@require_POST
@_page_of(is_open=False)
def resend(request: HttpRequest, opening: Opening, *, by_voice: bool = False) -> HttpResponse:
    if limit := opened.resend(request, opening, by_voice=by_voice):
        messages.warning(request, waits.explained(limit))
    else:
        messages.success(
            request, _("You will be called and told the code") if by_voice else _("The code was sent again")
        )
    return redirect(CODE)


@require_safe
@_page_of(is_open=True)
def page(request: HttpRequest, opening: Opening) -> HttpResponse:
    """Where the request stands, what may be done about it, and what does not agree once somebody has looked."""
    found = opening.request
    context = {
        **state(found),
        "can_look": looks.offered(found),
        "has_looked": opening.has_looked and looks.offered(found),
        "differing": looks.differing(found),
        "can_withdraw": found.status in withdrawal.SOURCES,
        **_ending(opening),
    }
    return render(request, "registration/track_request.html", context)


@require_POST
@_page_of(is_open=True)
def look(request: HttpRequest, opening: Opening) -> HttpResponse:
    if looks.offered(opening.request) and not opening.has_looked:
        security_log.concerns(opening.request.national_code)
        if limit := looks.look(opening.request, request.META["REMOTE_ADDR"]):
            messages.warning(request, waits.explained(limit))
        else:
            opened.looked(request)
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@_page_of(is_open=True)
def withdraw(request: HttpRequest, opening: Opening) -> HttpResponse:
    """Asks first: what was withdrawn cannot be had back."""
    if opening.request.status not in withdrawal.SOURCES:
        return redirect(PAGE)
    if request.method != "POST":
        return render(request, "registration/track_withdraw.html", {**state(opening.request), **_ending(opening)})
    security_log.concerns(opening.request.national_code)
    try:
        withdrawal.withdraw(opening.request.pk, client_ip=request.META["REMOTE_ADDR"])
    except AlreadyDecided:
        messages.warning(request, _("The request was decided meanwhile; it was not withdrawn."))
    else:
        security_log.tell("tracking", outcome="withdrawn")
        messages.success(request, _("The request was withdrawn."))
    return redirect(PAGE)


@login_not_required
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """The answer to the warning before a request that is open, or waits for its code, is closed."""
    opening = opened.current(request)
    if opening is None:
        return _begin_again(request)
    opened.stay(opening)
    return staying.answered(request, opened.seconds_left(opening), PAGE if opening.is_open else CODE)
