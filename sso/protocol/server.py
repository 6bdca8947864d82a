"""Authlib's server with our rows: what it is asked for a grant, and what an ID token says.

Imported of Authlib: the grants for a code and for a refresh token, PKCE, assertions, errors. Nothing of `authlib.jose`,
implicit or hybrid answers, dynamic registration.
"""

import time
from contextvars import ContextVar
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants.code import OpenIDCode, OpenIDToken
from authlib.oidc.core.util import create_half_hash
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.models import User
from sso import keys, use
from sso.models import Authorization, Service
from sso.person import levels
from sso.protocol import request as requests
from sso.protocol import tokens
from sso.protocol.client import Client, SignedAssertion, query

METHODS = [str(method) for method in Service.Auth]
_known: ContextVar[Client | None] = ContextVar("known", default=None)  # the service that was read a moment ago
_SOMEBODY = object()
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Server(AuthorizationServer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        lifetime = tokens.ACCESS_SECONDS
        bearer = BearerTokenGenerator(_random, _random, lambda client, grant_type: lifetime)
        self.register_token_generator("default", bearer)
        self.register_client_auth_method("private_key_jwt", SignedAssertion())
        self.register_grant(CodeGrant, [OnlyS256(required=True), CodeIdToken()])
        self.register_grant(RefreshGrant, [RefreshIdToken()])

    def query_client(self, client_id: str | None) -> Any:
        known = _known.get()
        return known if known and known.get_client_id() == client_id else query(client_id)

    def consent_grant(self, request: requests.Request, client: Client) -> Any:
        """The grant that a request to sign somebody in is for; the service, which was read before, is not read again.

        Who it is, and whether anybody is there, is looked at elsewhere. Raises OAuth2Error.
        """
        before = _known.set(client)
        try:
            return self.get_consent_grant(request, end_user=_SOMEBODY)
        finally:
            _known.reset(before)

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> Any:
        """The service that asks. Raises InvalidClientError; why is nobody's business."""
        try:
            return super().authenticate_client(request, methods, endpoint)
        except (ValueError, OAuth2Error):
            raise InvalidClientError from None

    def save_token(self, token: dict[str, Any], request: requests.Request) -> None:
        tokens.keep(request.authorization, token["scope"], token["access_token"], token.get("refresh_token"))
        use.count(request.authorization.service.client_id, use.What.TOKENS)

    def create_oauth2_request(self, request: Any) -> requests.Request:
        if isinstance(request, HttpRequest):
            return requests.of_service(request)
        made: requests.Request = request
        return made

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> HttpResponse:
        if isinstance(body, dict):
            return JsonResponse(body, status=status, headers=NO_STORE)
        return HttpResponse(body, status=status, headers=dict(headers))

    def handle_error_response(self, request: requests.Request, error: OAuth2Error) -> HttpResponse:
        """Of a service's own request: JSON, RFC 6749, 5.2."""
        if isinstance(error, InvalidClientError):
            if client := query(claimed(request)):
                use.count(client.service.client_id, use.What.REFUSED, error.error)
            return refused_client()
        if request.client:
            use.count(request.client.service.client_id, use.What.REFUSED, error.error)
        return JsonResponse(dict(error.get_body()), status=error.status_code, headers=NO_STORE)

    def get_token_grant(self, request: requests.Request) -> Any:
        """Authlib would put the name of an unknown grant into its answer, whatever signs it is made of."""
        if not request.payload.grant_type:
            raise UnsupportedGrantTypeError(None)
        if request.payload.grant_type not in ("authorization_code", "refresh_token"):
            raise UnsupportedGrantTypeError("unknown")
        return super().get_token_grant(request)


def claimed(request: requests.Request) -> str | None:
    """The client_id that a request names, whoever has sent it: in the form, or before the secret in the header."""
    try:
        return request.form.get("client_id") or extract_basic_authorization(request.headers)[0]
    except ValueError:
        return None


def refused_client() -> HttpResponse:
    body = {"error": "invalid_client", "error_description": "The service is not known, or has not proved who it is."}
    return JsonResponse(body, status=401, headers={**NO_STORE, "WWW-Authenticate": 'Basic realm="services"'})


def _random(**_: object) -> str:
    return tokens.new()


class OnlyS256(CodeChallenge):  # type: ignore[misc]
    """PKCE for every service, by S256 alone: Authlib asks for it only where nothing else proves who a service is."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
    CHALLENGE_LENGTH = 43  # base64url of a SHA-256

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if data.get("code_challenge_method") != "S256" or len(data.get("code_challenge", "")) != self.CHALLENGE_LENGTH:
            raise InvalidRequestError("PKCE is needed, with code_challenge_method S256.")
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        return "S256"


class Code:
    """A code's row as Authlib asks for it."""

    def __init__(self, row: Authorization) -> None:
        self.row = row
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri

    def get_scope(self) -> str:
        return self.row.scope


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def generate_authorization_code(self) -> str:
        return tokens.new()

    def save_authorization_code(self, code: str, request: requests.Request) -> None:
        data = request.payload.data
        tokens.begin(
            code,
            service=request.client.service,
            user=request.user,
            redirect_uri=data["redirect_uri"],
            scope=request.scope,
            nonce=data.get("nonce", ""),
            code_challenge=data["code_challenge"],
            **request.facts,
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        row = tokens.redeem(code, client.service)
        self.request.authorization = row
        return Code(row) if row else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It was used up before anything was looked at."""

    def authenticate_user(self, authorization_code: Code) -> User:
        return authorization_code.row.user

    def generate_token(self, *args: Any, include_refresh_token: bool = True, **more: Any) -> Any:
        """A refresh token only for a consented `offline_access` (Core, 11)."""
        offline = "offline_access" in self.request.authorization.scope.split()
        return super().generate_token(*args, include_refresh_token=include_refresh_token and offline, **more)


class RefreshToken:
    """A refresh token's sign-in as Authlib asks for it."""

    def __init__(self, row: Authorization, scope: str) -> None:
        self.row, self.scope = row, scope

    def get_scope(self) -> str:
        return self.scope

    def check_client(self, client: Any) -> bool:
        return bool(client.service.pk == self.row.service_id)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        found = tokens.of_refresh(refresh_token, self.request.client.service)
        return RefreshToken(*found) if found else None

    def authenticate_user(self, refresh_token: RefreshToken) -> User:
        """Last of all the token is used up: a request that is refused for another reason costs nothing."""
        if not tokens.use_refresh(self.request.form["refresh_token"], self.request.client.service):
            raise InvalidGrantError
        self.request.authorization = refresh_token.row
        return refresh_token.row.user

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """It was used up before."""


class RefreshIdToken(OpenIDToken):  # type: ignore[misc]
    """No claim about the person but `sub`: an ID token may pass logs and addresses. The rest: userinfo."""

    def get_client_algorithm(self, client: Any) -> str:
        return str(client.service.id_token_alg)

    def encode_id_token(self, token: dict[str, Any], request: requests.Request) -> str:
        """In place of Authlib's: signed by the key of today. at_hash is its own."""
        row: Authorization = request.authorization
        algorithm = row.service.id_token_alg
        claims = id_token_claims(row) | {"at_hash": create_half_hash(token["access_token"], algorithm).decode()}
        return keys.sign(claims | self.more(row), algorithm)

    def more(self, row: Authorization) -> dict[str, Any]:
        return {}


class CodeIdToken(RefreshIdToken, OpenIDCode):  # type: ignore[misc]
    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False  # the service looks for a nonce of its own; the code is used once

    def more(self, row: Authorization) -> dict[str, Any]:
        return {"nonce": row.nonce} if row.nonce else {}


def id_token_claims(row: Authorization) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": settings.SSO_ISSUER,
        "sub": row.sub,  # type: ignore[attr-defined]
        "aud": row.service.client_id,
        "iat": now,
        "exp": now + tokens.ID_TOKEN_SECONDS,
        "auth_time": int(row.auth_time.timestamp()),
        "acr": levels.acr(row.acr),
        "amr": levels.AMR[row.acr],
        "sid": row.sid,
    }


server = Server()
