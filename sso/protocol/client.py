"""A service as Authlib asks for it, and how it proves who it is. Every failure there has one answer."""

import base64
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sso.models import ALGORITHMS, Service
from sso.protocol import tokens

LONGEST_ASSERTION = timedelta(hours=1)
LEEWAY_SECONDS = 60
_CLIENT_ID = re.compile("[a-z0-9-]{1,40}")


class Client(ClientMixin):  # type: ignore[misc]
    def __init__(self, service: Service) -> None:
        self.service = service
        self.id_token_signed_response_alg = service.id_token_alg

    def get_client_id(self) -> str:
        return self.service.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What it is entitled to of what it asks; names that are not known here are no error (Core, 3.1.2.1)."""
        asked = (scope or "").split()
        allowed = [name for name in dict.fromkeys(asked) if name in self.service.scopes or name == "openid"]
        return " ".join(allowed) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.service.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        kept = self.service.secret_hash
        return hmac.compare_digest(kept, tokens.hashed(client_secret)) and bool(kept)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.service.auth_method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code" or "offline_access" in self.service.scopes


def query(client_id: str | None) -> Client | None:
    """The service, if people can sign in there."""
    if not client_id or "\0" in client_id:
        return None
    service = Service.objects.filter(client_id=client_id, state__in=Service.alive()).first()
    return Client(service) if service else None


def claimed(request: HttpRequest) -> str:
    """The client_id that the sender says to have, whether it is so or not; empty if it could be none. For counting."""
    try:
        name = _claimed(request.headers.get("Authorization", ""), request.POST)
    except (ValueError, IndexError, AttributeError, RecursionError):
        name = ""
    return name if _CLIENT_ID.fullmatch(name) else ""


def _claimed(header: str, form: QueryDict) -> str:
    if header[:6].lower() == "basic ":
        return base64.b64decode(header[6:]).decode().partition(":")[0]
    if "client_assertion" in form:
        payload = form.get("client_assertion", "").split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).get("sub", ""))
    return form.get("client_id", "")


class SignedAssertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """`private_key_jwt`: RFC 7523, with the two algorithms of ours, used once, an hour ahead at most."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self) -> None:
        super().__init__(leeway=LEEWAY_SECONDS)

    def get_audiences(self) -> list[str]:
        return [settings.SSO_ISSUER, f"{settings.SSO_ISSUER}/o/token"]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        return KeySet.import_key_set(client.service.jwks)

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> Any:
        token = jwt.decode(assertion, resolve_key, list(ALGORITHMS))
        self.verify_claims(token.claims)
        return token.claims

    def validate_jti(self, claims: dict[str, Any], jti: Any) -> bool:
        now, ends = timezone.now(), datetime.fromtimestamp(claims["exp"], UTC)
        if not isinstance(jti, str) or not jti or ends - now > LONGEST_ASSERTION + timedelta(seconds=LEEWAY_SECONDS):
            return False
        kept_until = ends + timedelta(seconds=2 * LEEWAY_SECONDS)
        return tokens.is_new(f"{claims['sub']}\0{jti}", kept_until)

    def __call__(self, query_client: Any, request: Any) -> Any:
        """Whatever is odd about an assertion (a foreign key, a header that is none) is one and the same refusal."""
        try:
            return super().__call__(query_client, request)
        except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise InvalidClientError from None
