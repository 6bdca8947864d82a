"""What a service or a browser sent, as Authlib reads it; refused first: what no honest request holds."""

from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from django.conf import settings
from django.http import HttpRequest, QueryDict

LONGEST = {"state": 1024, "nonce": 255, "redirect_uri": 300, "scope": 300, "client_id": 40, "code_challenge": 128}
LONGEST_OTHER = 4000  # tokens that come back as hints, signed assertions


class Unreadable(Exception):  # noqa: N818  a state of affairs of the sender
    """A name that comes twice, a NUL character, a value that is too long: nothing of the request counts."""


def values(sent: QueryDict) -> dict[str, str]:
    """Raises Unreadable."""
    found: dict[str, str] = {}
    for name, several in sent.lists():
        value = str(several[-1])
        if len(several) > 1 or "\0" in name + value or len(value) > LONGEST.get(name, LONGEST_OTHER):
            raise Unreadable
        found[name] = value
    return found


class Request(OAuth2Request):  # type: ignore[misc]  # Authlib's own types are partial
    """`params`: of the query where somebody is sent here, of the form where a service asks; never of both.

    `authorization`: the row that an answer with tokens is about. `facts`: of the person who signs in.
    """

    def __init__(self, params: dict[str, str], method: str = "GET", headers: Any = None) -> None:
        # What this says of the address counts nowhere. That nobody talks to us in clear is the proxy's part and
        # SECURE_SSL_REDIRECT's.
        super().__init__(method, f"https://{settings.PORTAL_HOST}/", headers=headers)
        self.payload = BasicOAuth2Payload(params)
        self.authorization: Any = None
        self.facts: dict[str, Any] = {}

    @property
    def form(self) -> dict[str, str]:
        params: dict[str, str] = self.payload.data
        return params

    @property
    def args(self) -> dict[str, str]:
        return self.form


def of_service(request: HttpRequest) -> Request:
    """Raises Unreadable. What stands in the query of a service's own request is not looked at."""
    return Request(values(request.POST), "POST", request.headers)
