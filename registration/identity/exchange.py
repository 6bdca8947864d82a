"""One question over HTTP, and what an answer is before anybody reads what it says. Nothing is repeated here, except
once, with a new token, when the service no longer takes the old one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra import http
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.time_budget import TimeBudget
from registration.identity.tokens import Account, token

TOKEN_REFUSED = frozenset({401, 403})
LATER = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Reply:
    """What a service said itself: JSON, or nothing of it with a status of TOKEN_REFUSED (an empty mapping)."""

    status: int
    document: Mapping[str, Any] = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def ask(method: str, url: str, seconds: float, **content: Any) -> Reply:
    """`content`: params, form, json, headers of infra.http.request.

    Raises IdentityError when it was not the service that answered, or when it wants to be asked later.
    """
    try:
        answer = http.request(method, url, seconds=seconds, **content)
    except http.HttpError as error:
        raise IdentityError(FailureKind.AWAY, error.reason) from None
    status = answer.status
    if status in LATER:
        raise IdentityError(FailureKind.LIMITED, f"HTTP {status}", _seconds(answer.headers.get("Retry-After", "")))
    if status >= 500:
        raise IdentityError(FailureKind.AWAY, f"HTTP {status}", _seconds(answer.headers.get("Retry-After", "")))
    if 300 <= status < 400:
        raise IdentityError(FailureKind.ODD, f"HTTP {status}, is the address right?")
    try:
        document = answer.json()
    except ValueError:
        document = None
    if isinstance(document, dict):
        return Reply(status, document)
    if status in TOKEN_REFUSED:
        return Reply(status, {})
    if 200 <= status < 300:  # whatever stands before the service says its own things
        raise IdentityError(FailureKind.AWAY, "not the service's JSON")
    raise IdentityError(FailureKind.ODD, f"HTTP {status} without JSON, is the address right?")


def with_token(account: Account, deadline: TimeBudget, question: Callable[[str], Reply]) -> Reply:
    """Ask with the account's token; if it is refused, once more with a new one. Raises IdentityError."""
    first = token(account, deadline)
    reply = question(first)
    if reply.status in TOKEN_REFUSED:
        reply = question(token(account, deadline, refused=first))
    return reply


def _seconds(retry_after: str) -> int:
    return int(retry_after) if re.fullmatch("[0-9]{1,5}", retry_after) else 0
