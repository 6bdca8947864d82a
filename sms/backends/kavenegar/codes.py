"""Kavenegar's return codes and delivery states (kavenegar.com/rest.html: tables 1, 2 and those of the methods)."""

import enum

from sms.backends.base import DeliveryState

OK = 200


class Kind(enum.StrEnum):
    """What to do about a return code."""

    BUG = "bug"  # our request is wrong: repeating it is useless, a programmer must look
    CONFIGURATION = "configuration"  # our account or its settings are: an operator must look, meanwhile repeat slowly
    PERMANENT = "permanent"  # this message cannot be sent
    TRANSIENT = "transient"  # repeat


CODES: dict[int, tuple[Kind, str]] = {
    400: (Kind.BUG, "parameters incomplete"),
    401: (Kind.CONFIGURATION, "account inactive"),
    402: (Kind.TRANSIENT, "operation failed"),
    403: (Kind.CONFIGURATION, "API key invalid"),
    404: (Kind.BUG, "no such method"),
    405: (Kind.BUG, "wrong HTTP method"),
    406: (Kind.BUG, "mandatory parameter empty"),
    407: (Kind.CONFIGURATION, "not permitted"),
    409: (Kind.TRANSIENT, "server busy"),
    411: (Kind.PERMANENT, "recipient invalid"),
    412: (Kind.CONFIGURATION, "sender invalid"),
    413: (Kind.PERMANENT, "text empty or too long"),
    414: (Kind.BUG, "too many records"),
    415: (Kind.BUG, "start index too big"),
    416: (Kind.CONFIGURATION, "source address not allowed"),
    417: (Kind.BUG, "date invalid"),
    418: (Kind.CONFIGURATION, "credit too low"),
    419: (Kind.BUG, "array lengths differ"),
    420: (Kind.CONFIGURATION, "links not allowed in texts"),
    422: (Kind.PERMANENT, "improper character"),
    424: (Kind.CONFIGURATION, "template missing or not approved"),
    426: (Kind.CONFIGURATION, "advanced service needed"),
    427: (Kind.CONFIGURATION, "line needs an access level"),
    428: (Kind.PERMANENT, "call not possible"),
    429: (Kind.TRANSIENT, "address limited"),
    431: (Kind.PERMANENT, "token structure"),
    432: (Kind.CONFIGURATION, "template without token"),
    451: (Kind.TRANSIENT, "too many calls"),
    501: (Kind.CONFIGURATION, "test account: only to its owner"),
    604: (Kind.PERMANENT, "too many numbers to block"),
    607: (Kind.CONFIGURATION, "tag invalid"),
}

# Seconds to wait at least: the two limits on calls lift after a minute or more, an operator needs longer.
LIMITED = frozenset({429, 451})
LIMITED_SECONDS = 60
CONFIGURATION_SECONDS = 600


def describe(code: int) -> tuple[Kind, str]:
    """Kind and short reason of a return code other than OK. One that is not in the tables: repeat if it is the server's
    fault, else let an operator look."""
    return CODES.get(code, (Kind.TRANSIENT if 500 <= code < 600 else Kind.CONFIGURATION, "not in the documentation"))


NOT_FOUND = 100  # as a delivery state: unknown, another account's, or older than the provider's memory

_STATES = {
    1: DeliveryState.QUEUED,
    2: DeliveryState.QUEUED,  # scheduled
    4: DeliveryState.SENT,
    5: DeliveryState.SENT,
    6: DeliveryState.FAILED,
    10: DeliveryState.DELIVERED,
    11: DeliveryState.UNDELIVERED,
    13: DeliveryState.CANCELLED,
    14: DeliveryState.BLOCKED,
    NOT_FOUND: DeliveryState.UNKNOWN,
}


def delivery_state(number: int) -> DeliveryState:
    """State of a message by its number. One that is not in the table: known to the provider, and not final."""
    return _STATES.get(number, DeliveryState.SENT)
