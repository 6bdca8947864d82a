"""The way back to a service, with a code or with the reason why not."""

import secrets
from typing import Any, cast

from authlib.common.urls import add_params_to_uri
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.sign_in import sessions
from infra import security_log
from sso import use
from sso.endings.ends import SID, sid
from sso.pages import asking
from sso.pages.asking import Asked
from sso.person import connections
from sso.protocol import tokens

LONGEST_QUERY = 6000


def sent_on(request: HttpRequest, page: str, params: dict[str, str]) -> HttpResponse:
    """A service's POST as a GET of the same page, with which the browser sends its session (SameSite)."""
    query = urlencode(params)
    if len(query) > LONGEST_QUERY:
        return render(request, "400.html", status=400)
    return HttpResponse(status=303, headers={"Location": f"{reverse(page)}?{query}"})


def granted(request: HttpRequest, asked: Asked) -> str:
    """The address that brings a new code to the service. Nothing is missing any more (asking.missing)."""
    user = cast(User, request.user)
    connections.used(user, asked.service)
    asked.grant.request.facts = _facts(request, asked)
    _status, _body, headers = asked.grant.create_authorization_response(asked.params["redirect_uri"], user)
    use.count(asked.service.client_id, use.What.SIGN_IN)
    address: str = add_params_to_uri(dict(headers)["Location"], [("iss", settings.SSO_ISSUER)])
    security_log.tell("service", outcome="signed-in", service=asked.service.pk, national_code=user.national_code)
    return address


def _facts(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """What the sign-in's row keeps. The session's own name is told to nobody."""
    session = request.session
    if SID not in session:
        session[SID] = secrets.token_urlsafe(32)
    return {
        "auth_time": asking.auth_time(request),
        "acr": asking.reached(request),
        "session": tokens.hashed(session[SID]),
        "sid": sid(session[SID], asked.service),
        "device": session.get(sessions.DEVICE),
        "security_version": cast(User, request.user).security_version,
    }


def leave(request: HttpRequest, address: str, service: str) -> HttpResponse:
    """A page that leads on by itself, and by a link.

    Not a redirect: browsers apply `form-action` to all redirects that follow a form, and a sign-in began with one.
    """
    return render(request, "sso/leave.html", {"address": address, "service": service})
