"""What a service asks when it sends somebody here, and what is missing before it gets an answer (Core, 3.1.2).

First of all the service and its redirect address are looked at: as long as one of them is not right, nobody is sent
anywhere. Whatever else is wrong is told to the service, in the words of the specifications.
"""

import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, OAuth2Error, UnsupportedResponseTypeError
from authlib.oidc.core.errors import (
    ConsentRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.sign_in import reauthentication, sessions
from accounts.sign_in.session_store import STARTED
from sso import keys, use
from sso.models import PendingRequest, Service
from sso.pages import pending
from sso.person import connections, levels
from sso.protocol.client import query
from sso.protocol.request import Request
from sso.protocol.server import server

AUTH_TIME = "sso_auth_time"  # the session's name for when the password was asked again, Unix seconds
NOT_SUPPORTED = {
    "request": RequestNotSupportedError,
    "request_uri": RequestURINotSupportedError,
    "registration": RegistrationNotSupportedError,
}
TRIED_ERRORS = ("access_denied", "login_required", "server_error", "temporarily_unavailable")


class Unknown(Exception):  # noqa: N818  the page of it is all that there is to say
    """The service is not known (or closed), or the redirect address is none of its own."""


class Unmet(OAuth2Error):  # type: ignore[misc]  # noqa: N818
    """What the service demands of a sign-in cannot be met (OpenID Connect Core Error Code UAR 1.0)."""

    error = "unmet_authentication_requirements"


class Missing(Enum):
    """What must happen before the service gets its answer."""

    SIGN_IN = "sign-in"
    STAFF = "staff"
    PASSWORD = "password"  # noqa: S105
    CODE = "code"
    LEVEL = "level"  # these two are met at a branch, if at all
    IDENTITY = "identity"
    CONSENT = "consent"


UNMET = (Missing.LEVEL, Missing.IDENTITY)


class Asked(NamedTuple):
    """A request that is right as far as it can be judged without knowing who signs in. `grant`: Authlib's."""

    service: Service
    params: dict[str, str]
    grant: Any
    scopes: list[str]

    @property
    def prompts(self) -> set[str]:
        return set(self.params.get("prompt", "").split())


def read(params: dict[str, str]) -> Asked:
    """Raises Unknown, and OAuth2Error, which the service is told."""
    client = query(params.get("client_id"))
    if client is None or not client.check_redirect_uri(params.get("redirect_uri", "")):
        raise Unknown
    for name, refusal in NOT_SUPPORTED.items():
        if name in params:
            raise refusal
    if params.get("response_type") != "code":
        raise UnsupportedResponseTypeError(None) if params.get("response_type") else InvalidRequestError()
    if params.get("response_mode", "query") != "query":
        raise InvalidRequestError("Answers come in the query.")
    if "max_age" in params and not re.fullmatch("[0-9]+", params["max_age"]):
        raise InvalidRequestError("max_age is a number of seconds.")
    prompts = params.get("prompt", "").split()
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt=none stands alone.")
    if client.get_allowed_scope(params.get("scope")) is None:
        raise InvalidScopeError("The scope must name openid.")
    if client.service.state == Service.State.TEST:
        _tried_error(params.get("login_hint", ""))
    grant = server.consent_grant(Request(params), client)
    return Asked(client.service, params, grant, grant.request.scope.split())


def _tried_error(login_hint: str) -> None:
    """A service in test gets the error that it asks for: login_hint=error:access_denied."""
    name = login_hint.removeprefix("error:")
    if login_hint.startswith("error:") and name in TRIED_ERRORS:
        raise OAuth2Error(error=name, description="Asked for by login_hint.")


def missing(request: HttpRequest, asked: Asked, row: PendingRequest | None) -> Missing | None:
    """The next thing that must happen; None when nothing is missing. Raises OAuth2Error, which the service is told.

    `row`: the request as it waits, None at its first coming.
    """
    if not request.user.is_authenticated:
        return Missing.SIGN_IN
    user = request.user
    if user.is_staff:
        return Missing.STAFF
    if (meant := row.meant if row else meant_by(asked)) is not None:
        _is_meant(user, asked, meant)
    if asked.service.identity_checks and user.identity_check not in asked.service.identity_checks:
        return Missing.IDENTITY  # before anything is typed or sent in vain
    if _password_is_asked(request, asked, row):
        return Missing.PASSWORD
    if reached(request) < levels.wanted(asked.params.get("acr_values", ""), asked.service.lowest_acr):
        if reauthentication.is_needed(request):
            return Missing.CODE
        if asked.service.lowest_acr > reached(request):
            return Missing.LEVEL
    if "consent" in asked.prompts or not connections.covers(user, asked.service, asked.scopes):
        return Missing.CONSENT
    return None


def refused(what: Missing) -> OAuth2Error:
    """What a service is told that wants nobody to be asked (prompt=none)."""
    if what in UNMET:
        return Unmet()
    if what is Missing.CONSENT:
        return ConsentRequiredError()
    return InteractionRequiredError() if what is Missing.CODE else LoginRequiredError()


def meant_by(asked: Asked) -> str | None:
    """The `sub` of the person whom the service means by an id_token_hint; empty if it shows nothing of ours."""
    if "id_token_hint" not in asked.params:
        return None
    claims = keys.verified(asked.params["id_token_hint"]) or {}
    return str(claims.get("sub", ""))[:22]


def _is_meant(user: User, asked: Asked, meant: str) -> None:
    """Raises login_required if the service means somebody else."""
    if meant != connections.subject(user, asked.service.sector):
        raise LoginRequiredError


def _password_is_asked(request: HttpRequest, asked: Asked, row: PendingRequest | None) -> bool:
    since = auth_time(request)
    for_this = row is not None and pending.is_signed_in_for(request, row, since)
    if for_this:
        return False
    if asked.prompts & {"login", "select_account"}:
        return True
    longest = asked.params.get("max_age")
    return longest is not None and timezone.now() - since > timedelta(seconds=min(int(longest[:9]), 10**9))


def auth_time(request: HttpRequest) -> datetime:
    """When the person signed in, or gave the password again for a service."""
    seconds = max(request.session.get(STARTED, 0), request.session.get(AUTH_TIME, 0))
    return datetime.fromtimestamp(seconds, UTC)


def reached(request: HttpRequest) -> int:
    return levels.CODE if sessions.CODE in request.session else levels.PASSWORD


def told(redirect_uri: str, params: dict[str, str], answer: list[tuple[str, str]]) -> str:
    """Where the service is told something: its state, and who says so (RFC 9207), are in every answer."""
    state = [("state", params["state"])] if params.get("state") else []
    address: str = add_params_to_uri(redirect_uri, [*answer, *state, ("iss", settings.SSO_ISSUER)])
    return address


def told_error(params: dict[str, str], error: OAuth2Error) -> str:
    """Only for a request whose service and redirect address are known to be right. Counts it as a refusal."""
    use.count(params["client_id"], use.What.REFUSED, error.error)
    answer = [("error", error.error)]
    if error.description:
        answer.append(("error_description", error.description))
    return told(params["redirect_uri"], params, answer)
