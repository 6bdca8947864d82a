"""What a service does, as short as it can be: it sends people to the portal, asks for tokens, looks at what it got.

It talks to the portal over HTTP as any other service would; docs/services.md explains each step.
"""

import base64
import hashlib
import json
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from infra import http
from sso.demo.registering import CLIENT_ID, PATH, back, is_there, secret
from sso.person import levels

SECONDS = 5
COOKIE, SALT = "demo", "sso.demo"
WAYS: dict[str, dict[str, str]] = {
    "name": {"scope": "openid profile"},
    "everything": {"scope": "openid profile phone email national_code identity_check"},
    "code": {"scope": "openid profile", "acr_values": levels.acr(levels.CODE)},
    "password": {"scope": "openid profile", "prompt": "login"},
    "silent": {"scope": "openid profile", "prompt": "none"},
    "error": {"scope": "openid", "login_hint": "error:access_denied"},
}
LABELS = [
    ("name", _("Sign in: name, gender, birth date")),
    ("everything", _("Sign in: everything a service can be entitled to")),
    ("code", _("Sign in with a code from a text message")),
    ("password", _("Ask for the password again")),
    ("silent", _("Ask without showing a page")),
    ("error", _("Get an error that was asked for")),
]


@login_not_required
@require_safe
def first(request: HttpRequest) -> HttpResponse:
    if not is_there():
        raise Http404
    return render(request, "sso/demo.html", {"ways": LABELS})


@login_not_required
@require_safe
def start(request: HttpRequest, way: str) -> HttpResponse:
    """To the portal. What the answer must fit is kept in a cookie that this browser alone has."""
    if not is_there() or way not in WAYS:
        raise Http404
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": back(),
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **WAYS[way],
    }
    response = redirect(f"{settings.SSO_ISSUER}/o/authorize?{urlencode(query)}")
    secure = settings.SESSION_COOKIE_SECURE
    value = signing.dumps(kept, salt=SALT)
    response.set_cookie(COOKIE, value, path=PATH, max_age=3600, secure=secure, httponly=True, samesite="Lax")
    return response


@login_not_required
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """From the portal, with a code or an error."""
    if not is_there():
        raise Http404
    context: dict[str, Any] = {"ways": LABELS}
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=3600)
        context |= _got(request.GET.dict(), kept)
    except (signing.BadSignature, http.HttpError, JoseError, ValueError, KeyError) as error:
        context["problem"] = f"{type(error).__name__}: {error}"
    response = render(request, "sso/demo.html", context)
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _got(answer: dict[str, str], kept: dict[str, str]) -> dict[str, Any]:
    """What the page shows. Raises ValueError for an answer that is not the one to our question."""
    if answer.get("state") != kept["state"] or answer.get("iss") != settings.SSO_ISSUER:
        raise ValueError("an answer to another question")
    if "error" in answer:
        return {"problem": " ".join(filter(None, (answer["error"], answer.get("error_description"))))}
    basic = base64.b64encode(f"{CLIENT_ID}:{secret()}".encode()).decode()
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back(),
        "code_verifier": kept["verifier"],
    }
    got = _asked("POST", "/o/token", form=form, headers={"Authorization": f"Basic {basic}"})
    shown = KeySet.import_key_set(_asked("GET", "/o/jwks.json"))
    claims = jwt.decode(got["id_token"], shown, ["RS256", "ES256"]).claims
    if claims["nonce"] != kept["nonce"] or claims["aud"] != CLIENT_ID or claims["iss"] != settings.SSO_ISSUER:
        raise ValueError("an ID token for somebody else")
    told = _asked("GET", "/o/userinfo", headers={"Authorization": f"Bearer {got['access_token']}"})
    if told["sub"] != claims["sub"]:
        raise ValueError("an answer about somebody else")
    leave = urlencode({"id_token_hint": got["id_token"], "post_logout_redirect_uri": f"{settings.SSO_ISSUER}{PATH}"})
    return {"told": _lines(told), "claims": _lines(claims), "leave": f"{settings.SSO_ISSUER}/o/logout?{leave}"}


def _asked(method: str, path: str, **more: Any) -> Any:
    answer = http.request(method, f"{settings.SSO_ISSUER}{path}", seconds=SECONDS, **more)
    document = answer.json()
    if answer.status != 200:
        raise ValueError(f"{path} answers {answer.status} {document.get('error', '')}")
    return document


def _lines(document: Any) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in document.items()]
