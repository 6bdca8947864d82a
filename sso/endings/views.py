"""/o/logout: a service sends somebody here who has signed out there (OpenID Connect RP-Initiated Logout 1.0)."""

from typing import Any

from authlib.common.urls import add_params_to_uri
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.sign_in import endings, sessions
from sso import keys
from sso.endings.ends import SID, sid
from sso.models import Service
from sso.pages.answering import leave, sent_on
from sso.protocol.offered import offered
from sso.protocol.request import Unreadable, values

CONFIRMED = "confirmed"


@login_not_required
@csrf_exempt
@offered
@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """Asks, unless the service shows an ID token of this very session. A service's POST is sent on as a GET."""
    try:
        params = values(request.POST if request.method == "POST" else request.GET)
    except Unreadable:
        return render(request, "400.html", status=400)
    if request.method == "POST" and CONFIRMED not in params:
        return sent_on(request, "sso:logout", params)
    claims = keys.verified(params["id_token_hint"]) if "id_token_hint" in params else None
    service = _service(params, claims)
    if "id_token_hint" in params and (claims is None or service is None):
        return render(request, "sso/unknown.html", status=400)
    back = params.get("post_logout_redirect_uri", "")
    if back and (service is None or back not in service.post_logout_uris):
        return render(request, "sso/unknown.html", status=400)
    if request.method == "POST":
        return _confirmed(request, params, service)
    if not request.user.is_authenticated:
        return _over(request, params, service)
    if claims and service and claims.get("sid") == _sid(request, service):
        endings.sign_out(request)
        return _over(request, params, service)
    return render(request, "sso/sign_out.html", {"service": service, "params": params})


@csrf_protect
def _confirmed(request: HttpRequest, params: dict[str, str], service: Service | None) -> HttpResponse:
    if params[CONFIRMED] == "yes" and request.user.is_authenticated:
        endings.sign_out(request)
    elif request.user.is_authenticated:
        return redirect("accounts:profile")
    return _over(request, params, service)


def _service(params: dict[str, str], claims: dict[str, Any] | None) -> Service | None:
    """Which service asks: the one that the ID token was made for, which must not name another one."""
    named = params.get("client_id")
    audience = claims.get("aud") if claims else named
    if not isinstance(audience, str) or (named and named != audience):
        return None
    return Service.objects.filter(client_id=audience, state__in=Service.alive()).first()


def _sid(request: HttpRequest, service: Service) -> str | None:
    name = request.session.get(SID)
    return sid(name, service) if name else None


def _over(request: HttpRequest, params: dict[str, str], service: Service | None) -> HttpResponse:
    back = params.get("post_logout_redirect_uri", "")
    if back and service:
        state = [("state", params["state"])] if params.get("state") else []
        response = leave(request, add_params_to_uri(back, state), service.name)
    else:
        response = render(request, "sso/signed_out.html", {"service": service})
    response.headers["Clear-Site-Data"] = sessions.CLEAR_SITE_DATA
    return response
