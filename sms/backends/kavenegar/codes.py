"""Kavenegar's return codes and delivery states (kavenegar.com/rest.html: tables 1, 2 and those of the methods)."""

from sms.backends.base import DeliveryState, ErrorKind

OK = 200

CODES: dict[int, tuple[ErrorKind, str]] = {
    400: (ErrorKind.BUG, "parameters incomplete"),
    401: (ErrorKind.CONFIGURATION, "account inactive"),
    402: (ErrorKind.TRANSIENT, "operation failed"),
    403: (ErrorKind.CONFIGURATION, "API key invalid"),
    404: (ErrorKind.BUG, "no such method"),
    405: (ErrorKind.BUG, "wrong HTTP method"),
    406: (ErrorKind.BUG, "mandatory parameter empty"),
    407: (ErrorKind.CONFIGURATION, "not permitted"),
    409: (ErrorKind.TRANSIENT, "server busy"),
    411: (ErrorKind.PERMANENT, "recipient invalid"),
    412: (ErrorKind.CONFIGURATION, "sender invalid"),
    413: (ErrorKind.PERMANENT, "text empty or too long"),
    414: (ErrorKind.BUG, "too many records"),
    415: (ErrorKind.BUG, "start index too big"),
    416: (ErrorKind.CONFIGURATION, "source address not allowed"),
    417: (ErrorKind.BUG, "date invalid"),
    418: (ErrorKind.CONFIGURATION, "credit too low"),
    419: (ErrorKind.BUG, "array lengths differ"),
    420: (ErrorKind.CONFIGURATION, "links not allowed in texts"),
    422: (ErrorKind.PERMANENT, "improper character"),
    424: (ErrorKind.CONFIGURATION, "template missing or not approved"),
    426: (ErrorKind.CONFIGURATION, "advanced service needed"),
    427: (ErrorKind.CONFIGURATION, "line needs an access level"),
    428: (ErrorKind.PERMANENT, "call not possible"),
    429: (ErrorKind.TRANSIENT, "address limited"),
    431: (ErrorKind.PERMANENT, "token structure"),
    432: (ErrorKind.CONFIGURATION, "template without token"),
    451: (ErrorKind.TRANSIENT, "too many calls"),
    501: (ErrorKind.CONFIGURATION, "test account: only to its owner"),
    604: (ErrorKind.PERMANENT, "too many numbers to block"),
    607: (ErrorKind.CONFIGURATION, "tag invalid"),
}

# Seconds to wait at least: the two limits on calls lift after a minute or more, an operator needs longer.
LIMITED = frozenset({429, 451})
LIMITED_SECONDS = 60
CONFIGURATION_SECONDS = 600


def describe(code: int) -> tuple[ErrorKind, str]:
    """Kind and short reason of a return code other than OK. One that is not in the tables: repeat if it is the server's
    fault, else let an operator look."""
    kind = ErrorKind.TRANSIENT if 500 <= code < 600 else ErrorKind.CONFIGURATION
    return CODES.get(code, (kind, "not in the documentation"))


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
