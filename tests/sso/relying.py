"""A service as the tests play it: it sends a browser here and asks for tokens, as a client library would."""

import base64
import hashlib
import json
import re
import secrets
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from accounts.models import User
from sso.models import Connection, Service
from sso.person import connections
from sso.protocol import tokens

SECRET = "made-up-secret-of-a-service-in-tests-only-000"
BACK = "https://service.example/back"
AFTER = "https://service.example/bye"
EVERYTHING = ["profile", "phone", "email", "national_code", "identity_check", "offline_access"]


def make_service(client_id: str = "pension", **fields: Any) -> Service:
    known: dict[str, Any] = {
        "name_fa": "سامانهٔ بازنشستگی",
        "name_en": "Pensions",
        "address": "https://service.example/",
        "state": Service.State.OPEN,
        "auth_method": Service.Auth.BASIC,
        "secret_hash": tokens.hashed(SECRET),
        "redirect_uris": [BACK],
        "post_logout_uris": [AFTER],
        "scopes": ["profile", "phone"],
        "sector": "insured",
    }
    return Service.objects.create(client_id=client_id, **{**known, **fields})


def agreed(user: User, service: Service, scope: str = "openid profile phone") -> Connection:
    connections.subject(user, service.sector)
    return Connection.objects.create(user=user, service=service, scopes=scope.split())


class Relying:
    """`verifier`: of the newest request, as `nonce` and `state`. Tokens are asked for without any cookie."""

    def __init__(self, service: Service, key: RSAKey | ECKey | None = None) -> None:
        self.service, self.key = service, key
        self.http = Client(REMOTE_ADDR="198.51.100.7")
        self.verifier = self.nonce = self.state = ""

    def params(self, **more: str | None) -> dict[str, str]:
        self.verifier, self.nonce, self.state = (secrets.token_urlsafe(32) for _ in range(3))
        digest = hashlib.sha256(self.verifier.encode()).digest()
        known = {
            "response_type": "code",
            "client_id": self.service.client_id,
            "redirect_uri": BACK,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**known, **more}.items() if value is not None}

    def send(self, browser: Client, **more: str | None) -> Any:
        """What the portal answers when the service sends the browser here."""
        return browser.get(f"/o/authorize?{urlencode(self.params(**more))}")

    def code(self, browser: Client, **more: str | None) -> str:
        """Where nothing is missing: the code."""
        answer = answered(self.send(browser, **more))
        assert "code" in answer, answer
        assert answer["state"] == self.state
        assert answer["iss"] == settings.SSO_ISSUER
        return answer["code"]

    def token(self, **form: str) -> Any:
        """What the portal answers when the service asks for tokens."""
        form = {name: value for name, value in form.items() if value}
        headers = {}
        method = self.service.auth_method
        if method == Service.Auth.BASIC:
            pair = f"{self.service.client_id}:{SECRET}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif method == Service.Auth.POST:
            form = {"client_id": self.service.client_id, "client_secret": SECRET, **form}
        elif method == Service.Auth.PRIVATE_KEY_JWT:
            form = {**ASSERTED, "client_assertion": self.assertion(), **form}
        else:
            form = {"client_id": self.service.client_id, **form}
        return self.http.post("/o/token", form, headers=headers)

    def redeem(self, code: str, **more: str) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": self.verifier}
        return self.token(**{**form, **more})

    def tokens(self, browser: Client, **more: str | None) -> dict[str, Any]:
        response = self.redeem(self.code(browser, **more))
        assert response.status_code == 200, response.content
        return dict(response.json())

    def refresh(self, token: str, **more: str) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def token_gone(self, token: str) -> int:
        """The status with which the portal answers when the service, which has a secret, gives a token back."""
        pair = base64.b64encode(f"{self.service.client_id}:{SECRET}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        return int(self.http.post("/o/revoke", {"token": token}, headers=headers).status_code)

    def userinfo(self, token: str) -> Any:
        return self.http.get("/o/userinfo", headers={"Authorization": f"Bearer {token}"})

    def assertion(self, algorithm: str = "", **claims: Any) -> str:
        assert self.key is not None
        now = int(time.time())
        known = {
            "iss": self.service.client_id,
            "sub": self.service.client_id,
            "aud": settings.SSO_ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(8),
        }
        algorithm = algorithm or ("RS256" if isinstance(self.key, RSAKey) else "ES256")
        body = {name: value for name, value in {**known, **claims}.items() if value is not None}
        return jwt.encode({"alg": algorithm}, body, self.key, [algorithm])


ASSERTED = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}


def led_to(response: Any) -> str:
    """Where an answer leads the browser: by a redirect, or by the page that ends the chain of a form."""
    if response.status_code in (302, 303):
        return str(response.headers["Location"])
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', response.content.decode())
    assert found, (response.status_code, response.content.decode()[:3000])
    return unescape(found[1])


def answered(response: Any) -> dict[str, str]:
    """What the service is told in the answer to an authorization request."""
    address = led_to(response)
    assert address.startswith(f"{BACK}?"), address
    return {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}


def read(token: str) -> dict[str, Any]:
    """The claims of an ID token, verified as a service would: by the JWKS that the portal shows."""
    shown = Client().get("/o/jwks.json").json()
    return dict(jwt.decode(token, KeySet.import_key_set(shown), ["RS256", "ES256"]).claims)


def header(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def allow(browser: Client, response: Any, act: str = "allow") -> Any:
    """Press a button of the page to which the portal's answer to an authorization request leads."""
    address = led_to(response)
    page = browser.get(address)
    assert page.status_code == 200, (page.status_code, address, page.headers.get("Location"))
    found = re.search(r'name="scopes" value="([^"]*)"', page.content.decode())
    return browser.post(address, {"act": act, "scopes": found[1] if found else ""})
