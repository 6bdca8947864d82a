"""The addresses to which services send people: /o/authorize, and /o/continue/ where a request waits for somebody."""

from typing import Any, cast

from authlib.oauth2.rfc6749 import AccessDeniedError, OAuth2Error
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.profile.forms import ConfirmedForm
from accounts.sign_in import callers, endings, reauthentication, sessions
from iran import waits
from sso.endings import ends
from sso.models import PendingRequest, Service
from sso.pages import answering, asking, pending
from sso.pages.asking import Asked, Missing
from sso.person import claims, connections
from sso.protocol.client import query
from sso.protocol.offered import offered
from sso.protocol.request import Unreadable, values

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@csrf_exempt
@offered
@get_or_post
def authorize(request: HttpRequest) -> HttpResponse:
    """Nothing happens by a POST: it is sent on as a GET, with which the browser sends its session (SameSite)."""
    try:
        params = values(request.POST if request.method == "POST" else request.GET)
    except Unreadable:
        return render(request, "400.html", status=400)
    if request.method == "POST":
        return answering.sent_on(request, "sso:authorize", params)
    try:
        asked = asking.read(params)
        missing = asking.missing(request, asked, None)
    except asking.Unknown:
        return unknown(request)
    except OAuth2Error as error:
        return redirect(asking.told_error(params, error))
    if missing is None:
        return redirect(answering.granted(request, asked))
    if "none" in asked.prompts:
        return redirect(asking.told_error(params, asking.refused(missing)))
    row = pending.begin(request, asked.service, params, asking.meant_by(asked))
    return _in_language(request, asked, redirect(pending.address(row)))


def _in_language(request: HttpRequest, asked: Asked, response: HttpResponse) -> HttpResponse:
    """Who has chosen no language gets the first one of ui_locales that the portal speaks."""
    wanted = [name.partition("-")[0].lower() for name in asked.params.get("ui_locales", "").split()]
    language = next((name for name in wanted if name in dict(settings.LANGUAGES)), "")
    if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def unknown(request: HttpRequest) -> HttpResponse:
    return render(request, "sso/unknown.html", status=400)


@login_not_required
@sensitive_post_parameters()
@offered
@get_or_post
def go_on(request: HttpRequest, key: str) -> HttpResponse:
    """Where a request waits: the next thing that is missing, in the end the way back to the service."""
    row = pending.find(key) if "\0" not in key else None
    if row is None:
        came_from = callers.origin(request.user) if request.user.is_authenticated else None
        return render(request, "sso/over.html", {"came_from": came_from}, status=400)
    params = pending.params(row)
    try:
        asked = asking.read(params)
        missing = asking.missing(request, asked, row)
    except asking.Unknown:
        return unknown(request)
    except OAuth2Error as error:
        return _told(request, row, error)
    if (
        request.method == "POST"
        and missing is not Missing.SIGN_IN
        and (answer := _posted(request, row, asked, missing))
    ):
        return answer
    return _asked(request, row, asked, missing)


def _posted(request: HttpRequest, row: PendingRequest, asked: Asked, missing: Missing | None) -> HttpResponse | None:
    """What a button says; None if it says nothing here, or not any more."""
    act = request.POST.get("act", "")
    if act == "deny":
        return _told(request, row, asking.refused(missing) if missing in asking.UNMET else AccessDeniedError())
    if act == "other":
        endings.sign_out(request)
        return redirect(_sign_in(row))
    if act == "allow" and missing is Missing.CONSENT:
        scopes = connections.with_earlier(cast(User, request.user), asked.service, asked.scopes)
        if request.POST.get("scopes", "").split() != scopes:  # not what the page has shown
            return None
        connections.agree(cast(User, request.user), asked.service, scopes)
        return _granted(request, row, asked)
    return None


def _asked(request: HttpRequest, row: PendingRequest, asked: Asked, missing: Missing | None) -> HttpResponse:
    if missing is None:
        return _granted(request, row, asked)
    if missing is Missing.SIGN_IN:
        return redirect(_sign_in(row))
    if missing is Missing.CODE:
        request.session[reauthentication.NEXT] = pending.address(row)
        return redirect("accounts:confirm")
    if missing is Missing.PASSWORD:
        return _password(request, row, asked)
    context: dict[str, Any] = {"service": asked.service}
    if missing is Missing.STAFF:
        return render(request, "sso/staff.html", context)
    if missing in asking.UNMET:
        context["is_mobile"] = missing is Missing.LEVEL
        return render(request, "sso/unmet.html", context | {"at_branch": User.IdentityCheck.BRANCH})
    scopes = connections.with_earlier(cast(User, request.user), asked.service, asked.scopes)
    context |= {"attributes": claims.shown(cast(User, request.user), scopes), "scopes": " ".join(scopes)}
    return render(request, "sso/consent.html", context | {"offline": "offline_access" in scopes})


def _password(request: HttpRequest, row: PendingRequest, asked: Asked) -> HttpResponse:
    """The service wants to be sure that the person is still there. Another person's password does not go on here."""
    asks = request.method == "POST" and "current_password" in request.POST
    form = ConfirmedForm(
        request.POST if asks else None, user=request.user, session=sessions.counted_as(request.session)
    )
    if asks and form.is_valid() and form.proven:
        request.session[asking.AUTH_TIME] = int(timezone.now().timestamp())
        pending.proved(request, row)
        request.session.cycle_key()
        return redirect(pending.address(row))
    return waits.answered(form, render(request, "sso/password.html", {"form": form, "service": asked.service}))


def _sign_in(row: PendingRequest) -> str:
    return f"{reverse('accounts:login')}?{urlencode({'next': pending.address(row)})}"


def _granted(request: HttpRequest, row: PendingRequest, asked: Asked) -> HttpResponse:
    address = answering.granted(request, asked)
    pending.end(row)
    return answering.leave(request, address, asked.service.name)


def _told(request: HttpRequest, row: PendingRequest, error: OAuth2Error) -> HttpResponse:
    pending.end(row)
    return answering.leave(request, asking.told_error(pending.params(row), error), row.service.name)


@offered
@require_safe
def onward(request: HttpRequest, client_id: str) -> HttpResponse:
    """On to a service, for who is signed in: to an address of its row, at which a sign-in begins (Core, 4)."""
    client = query(client_id)
    if client is None:
        return unknown(request)
    return answering.leave(request, client.service.start, client.service.name)


@get_or_post
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person had agreed to is taken back, at once; the service is told that the sign-in is over."""
    user = cast(User, request.user)
    service = get_object_or_404(Service, pk=pk, pk__in=connections.of(user))
    if request.method == "POST":
        ends.disconnect(user, service)
        messages.success(request, _("The service is disconnected."))
        return redirect("accounts:profile")
    return render(request, "sso/disconnect.html", {"service": service})
