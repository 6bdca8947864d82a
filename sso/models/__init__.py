"""Rows of this app: services of the organization that sign people in here, and what was given to them.

No secret is among them: codes, tokens and secrets of services rest as SHA-256 (256 random bits need no slow hash). What
hangs on a sign-in is found by its `Authorization`; whether that still holds says sso.protocol.tokens alone.
"""

from sso.models.services import ALGORITHMS, SCOPES, Service, ServiceEvent, ServiceUse
from sso.models.sign_ins import (
    Authorization,
    Connection,
    LogoutNotice,
    PendingRequest,
    Subject,
    Token,
    UsedAssertion,
)

__all__ = [
    "ALGORITHMS",
    "SCOPES",
    "Authorization",
    "Connection",
    "LogoutNotice",
    "PendingRequest",
    "Service",
    "ServiceEvent",
    "ServiceUse",
    "Subject",
    "Token",
    "UsedAssertion",
]
