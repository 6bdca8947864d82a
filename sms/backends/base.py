"""What a way of sending text messages has to offer, and how it says what happened."""

import enum
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, repr=False)
class Outgoing:
    """One message on its way out. Its `repr` is safe for logs."""

    recipient: str  # E.164: "+989…"
    text: str  # whole, as the citizen reads it
    idempotency_key: int  # random 62 bits, kept on the message's row: the provider's check for duplicates
    code: str | None = None  # six ASCII digits when this is a one-time code, which has a channel of its own
    voice: bool = False  # the code is to be read out by telephone, where the provider can do that

    def __repr__(self) -> str:
        return f"<Outgoing to {mask(self.recipient)}>"


@dataclass(frozen=True)
class Receipt:
    """The provider has taken the message over. It may still fail to reach the phone."""

    provider: str  # name of the backend
    provider_id: str  # "" where the provider gives none


class SmsError(Exception):
    """The message was not, or perhaps not, taken over.

    reason: fixed words and a return code; never a number, a text, a key or a URL.
    retryable: sending it again later, or by another provider now, may succeed.
    unknown: it may have been taken over in spite of the error.
    configuration: nobody's messages pass until an operator acts.
    bug: our request was wrong, a programmer must look.
    retry_after: seconds to wait at least, where the provider or its documentation says so.
    """

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool,
        unknown: bool = False,
        configuration: bool = False,
        bug: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.unknown = unknown
        self.configuration = configuration
        self.bug = bug
        self.retry_after = retry_after


class DeliveryState(enum.StrEnum):
    """What became of a message that a provider has taken over."""

    QUEUED = "queued"
    SENT = "sent"  # handed to the operator
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # phone off or out of reach
    FAILED = "failed"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"  # the owner of the phone refuses messages of this line
    UNKNOWN = "unknown"  # the provider does not know the message (any more)

    @property
    def final(self) -> bool:
        return self not in (DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.UNKNOWN)


class SmsBackend(Protocol):
    """`send` returns once the provider has the message, or raises SmsError. It never repeats by itself.

    `name`: at most 16 characters, unique. A message whose outcome is unknown is sent again with its `local_id`: the
    provider must know that number again, or the backend must be Traceable. This does not hold for codes, which are not
    repeated.
    """

    @property
    def name(self) -> str: ...

    def send(self, outgoing: Outgoing) -> Receipt: ...


@runtime_checkable
class Traceable(SmsBackend, Protocol):
    """A provider that can be asked what became of a message. Both raise SmsError."""

    def status(self, provider_ids: list[str]) -> dict[str, DeliveryState]: ...

    def status_by_idempotency_key(self, idempotency_key: int) -> tuple[str, DeliveryState] | None: ...


@runtime_checkable
class Prepaid(SmsBackend, Protocol):
    """A provider whose account runs dry."""

    def credit(self) -> int:
        """Rial. Raises SmsError."""


def mask(recipient: str) -> str:
    """For logs: +989121234567 → +98912***4567, anything else → ***"""
    return f"{recipient[:6]}***{recipient[-4:]}" if len(recipient) == 13 else "***"
