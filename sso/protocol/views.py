"""The addresses that services themselves ask: discovery, keys, tokens, who somebody is, revocation. JSON throughout."""

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infra import throttle
from infra.limits import LimitReached, client_ip_key
from sso import keys
from sso.models import ALGORITHMS, SCOPES
from sso.person import claims, levels
from sso.protocol import tokens
from sso.protocol.client import claimed, query
from sso.protocol.offered import offered
from sso.protocol.request import Request, Unreadable, of_service, values
from sso.protocol.server import METHODS, NO_STORE, server

log = logging.getLogger(__name__)

AWAY_SECONDS = 60
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
_BEARER = re.compile("Bearer ([A-Za-z0-9._~+/-]{1,200}=*)", re.IGNORECASE | re.ASCII)
View = Callable[[HttpRequest], HttpResponse]


def document() -> dict[str, Any]:
    """OpenID Connect Discovery 1.0, 3. What is not in it does not exist here."""
    issuer = settings.SSO_ISSUER
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/o/authorize",
        "token_endpoint": f"{issuer}/o/token",
        "userinfo_endpoint": f"{issuer}/o/userinfo",
        "jwks_uri": f"{issuer}/o/jwks.json",
        "revocation_endpoint": f"{issuer}/o/revoke",
        "end_session_endpoint": f"{issuer}/o/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "acr_values_supported": levels.names(),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [*claims.NAMES, "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["fa", "en"],
    }


@login_not_required
@offered
@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    return JsonResponse(document(), headers=FOR_AN_HOUR)


@login_not_required
@offered
@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    kept = keys.current()
    return JsonResponse({"keys": kept.public if kept else []}, headers=FOR_AN_HOUR)


def _answers_services(view: View) -> View:
    """Errors as JSON, also while the database is away."""

    @wraps(view)
    def answering(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except OperationalError as error:
            log.error("a service is away: %s", type(error).__name__)  # the text may hold addresses or values
            headers = {**NO_STORE, "Retry-After": str(AWAY_SECONDS)}
            return JsonResponse({"error": "temporarily_unavailable"}, status=503, headers=headers)
        except Unreadable:
            return JsonResponse({"error": "invalid_request"}, status=400, headers=NO_STORE)
        except LimitReached as limit:
            headers = {**NO_STORE, "Retry-After": str(limit.retry_after)}
            return JsonResponse({"error": "temporarily_unavailable"}, status=429, headers=headers)

    return answering


def _failures(address: str, name: str) -> throttle.Limit:
    return throttle.Limit("service-failed", f"{address} {name}", settings.LIMIT_SERVICE_FAILURES_PER_IP)


def _asks_for_proof(view: View) -> View:
    """Who fails again and again to prove who it is (401, `invalid_client`) waits, by the name that it claims and its
    address; all others go on, also the other services of that address.

    Names that no service has share one count, so that new ones give no new tries; the address has one for all names.
    """

    @wraps(view)
    def asking(request: HttpRequest) -> HttpResponse:
        address, name = client_ip_key(request.META["REMOTE_ADDR"]), claimed(request)
        of_all = throttle.Limit("services-failed", address, settings.LIMIT_ALL_SERVICE_FAILURES_PER_IP)
        throttle.check_all(of_all, _failures(address, name))
        response = view(request)
        if response.status_code == 401:  # only now, so that those who prove themselves need no look more
            throttle.hit_all(of_all, _failures(address, name if query(name) else ""))
        return response

    return asking


@login_not_required
@csrf_exempt
@offered
@require_POST
@_answers_services
@_asks_for_proof
def token(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = server.create_token_response(request)
    return response


@login_not_required
@csrf_exempt
@offered
@require_POST
@_answers_services
@_asks_for_proof
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009: a token that is not known, or another service's, is answered as one that was revoked."""
    asked: Request = of_service(request)
    try:
        client = server.authenticate_client(asked, METHODS, "revocation")
    except OAuth2Error as error:
        return server.handle_error_response(asked, error)
    if "token" not in asked.form:
        return JsonResponse({"error": "invalid_request"}, status=400, headers=NO_STORE)
    tokens.revoke(asked.form["token"], client.service)
    return JsonResponse({}, headers=NO_STORE)


@login_not_required
@csrf_exempt
@offered
@require_http_methods(["GET", "HEAD", "POST"])
@_answers_services
def userinfo(request: HttpRequest) -> HttpResponse:
    """The claims of the token's scopes, as far as the person agreed and the service is entitled still (Core, 5.3).

    The token comes in the header, or in the form of a POST; in an address it would stand in logs.
    """
    header = request.headers.get("Authorization", "")
    sent = values(request.POST).get("access_token", "") if request.method == "POST" else ""
    if header and sent:
        raise Unreadable
    found = _BEARER.fullmatch(header) if header else None
    given = found[1] if found else sent
    row = tokens.of_access(given) if given else None
    if row is None:
        error = ', error="invalid_token"' if header or sent else ""
        headers = {**NO_STORE, "WWW-Authenticate": f'Bearer realm="services"{error}'}
        return JsonResponse({"error": "invalid_token"}, status=401, headers=headers)
    authorization, scope = row
    agreed, entitled = authorization.agreed or [], authorization.service.scopes  # type: ignore[attr-defined]
    scopes = [name for name in scope.split() if name in agreed and name in entitled]
    told = {"sub": authorization.sub, **claims.of(authorization.user, scopes)}  # type: ignore[attr-defined]
    return JsonResponse(told, headers=NO_STORE, json_dumps_params={"ensure_ascii": False})
