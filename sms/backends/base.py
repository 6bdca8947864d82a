"""What a way of sending text messages has to offer, and how it says what happened."""

import abc
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Advice = tuple[str | Promise, str | Promise]  # what happened, and what to do: two sentences without their full stops


@dataclass(frozen=True, repr=False)
class Outgoing:
    """One message on its way out. Its `repr` is safe for logs."""

    recipient: str  # E.164: "+989…"
    text: str  # whole, as the citizen reads it
    idempotency_key: int  # random 62 bits, kept on the message's row: the provider's check for duplicates
    code: str | None = None  # six ASCII digits when this is a one-time code, which has a channel of its own
    voice: bool = False  # the code is to be read out by telephone, where the provider can do that
    purpose: str = ""  # of a code, an OtpChallenge.Purpose: for a provider whose panel has the texts of codes
    result_of: str = ""  # tracking code: only that a result is there is to be told, in a text of the provider's panel

    def __repr__(self) -> str:
        return f"<Outgoing to {mask(self.recipient)}>"


@dataclass(frozen=True)
class Receipt:
    """The provider has taken the message over. It may still fail to reach the phone."""

    provider: str  # name of the backend
    provider_id: str  # at most 40 characters; "" where the provider gives none
    state: "DeliveryState | None" = None  # what the provider says of it at once, if it does


class ErrorKind(enum.StrEnum):
    """Who must act on an error, and whether the message can still be sent."""

    BUG = "bug"  # our request was wrong: repeating it is useless, a programmer must look
    CONFIGURATION = "configuration"  # nobody's messages pass until an operator acts; meanwhile repeat slowly
    PERMANENT = "permanent"  # this message cannot be sent
    TRANSIENT = "transient"  # later, or by another provider now, it may pass


class SmsError(Exception):
    """The message was not, or perhaps not, taken over.

    code: the provider's return code, if it gave one.
    detail: fixed words of ours; never a number, a text, a key or a URL.
    unknown: the message may have been taken over in spite of the error.
    retry_after: seconds to wait at least, where the provider or its documentation says so.

    `str()` is for logs and operators, "configuration 418: credit too low"; nothing reads it.
    """

    def __init__(
        self,
        kind: ErrorKind,
        code: int | None = None,
        detail: str = "",
        *,
        unknown: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.code = code
        self.detail = detail
        self.unknown = unknown
        self.retry_after = retry_after

    def __str__(self) -> str:
        if self.code is not None:
            return f"{self.kind} {self.code}: {self.detail}"
        return f"{'unknown' if self.unknown else self.kind}: {self.detail}"

    @property
    def retryable(self) -> bool:
        """May the message pass later, or by another provider now?"""
        return self.kind in (ErrorKind.CONFIGURATION, ErrorKind.TRANSIENT)

    @property
    def alarming(self) -> bool:
        """Must a person act, for this message or for all?"""
        return self.kind in (ErrorKind.BUG, ErrorKind.CONFIGURATION)


class KeyTakenError(SmsError):
    """The provider knows the idempotency key as another recipient's message: this one was not sent, and never will be
    under its key. An operator must find out who else uses the account."""

    def __init__(self) -> None:
        super().__init__(ErrorKind.CONFIGURATION, detail="record of another recipient")

    @property
    def retryable(self) -> bool:
        return False


class UnexpectedError(SmsError):
    """A bug on the way out. Its text may hold anything, so the name of its class is all that is told."""

    def __init__(self, error: Exception, *, unknown: bool = False) -> None:
        super().__init__(ErrorKind.TRANSIENT, detail=type(error).__name__, unknown=unknown)

    def __str__(self) -> str:
        return f"unexpected {self.detail}"


UNKNOWN: Advice = (
    _("Nobody knows whether the message was sent: the answer got lost"),
    _("Look at the phone. Then check the network between this server and the provider"),
)
ADVICE: dict[ErrorKind, Advice] = {
    ErrorKind.CONFIGURATION: (
        _("The account or its settings do not allow this"),
        _("Look up the number above in the provider's documentation; messages wait meanwhile"),
    ),
    ErrorKind.BUG: (
        _("The portal asked in a way that the provider does not understand"),
        _("Tell the developers the line above"),
    ),
    ErrorKind.PERMANENT: (
        _("The provider does not send this message to this number"),
        _("Check the number. If it is right, tell the developers the line above"),
    ),
    ErrorKind.TRANSIENT: (
        _("The message was not sent: the provider is away or busy"),
        _("Check the address in the settings, the name server and the firewall; try again in a minute"),
    ),
}


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


class SmsBackend(abc.ABC):
    """A way of sending text messages. The values below hold where a backend sets no others.

    A message whose outcome is unknown is sent again, under its idempotency key, while `remembers_keys` lasts: for so
    long the provider must know the key again and not send a second message, or be Traceable and find the message by its
    key. A backend that says nothing knows no keys: such a message then fails instead of being sent twice. This does not
    hold for codes, which are not repeated.
    """

    name: str  # at most 16 characters, unique
    address: str = ""  # where messages go, for operators; no key is part of it
    callback_urls: str = ""  # module with `urlpatterns` for the reports that the provider sends of itself
    needed_settings: Mapping[str, str] = {}  # name → what it takes; while one is empty, the portal does not start
    trial: bool = False  # shows messages to whoever asks, or sends nothing: never for citizens
    reads_out: bool = False  # can call and read a code out (Outgoing.voice); a call is offered where one can
    own_text_of_codes: bool = False  # the provider's panel has the text of codes, and gets only the six digits
    longest_text: int = 255 * 67  # UTF-16 units; what a telephone puts together (3GPP TS 23.040)
    remembers_keys: timedelta = timedelta(0)  # since the first attempt; later, a repeat may come as a second SMS
    remembers_states: timedelta = timedelta(hours=48)  # since acceptance; later, no report of the delivery comes

    def tells_results(self) -> bool:
        """Whether it has another way, past what swallows texts, to tell that a result is there (Outgoing.result_of).

        This way has no idempotency key: what may have been sent is not sent again.
        """
        return False

    @abc.abstractmethod
    def send(self, outgoing: Outgoing) -> Receipt:
        """Return once the provider has the message, or raise SmsError. It never repeats by itself.

        Ask by infra.http, within sms.outbox.delivery.SEND_SECONDS of the message's queue. Raise outside of `except`, so
        that no error has another one, with an address or a key in it, as its context. An error after which the message
        may have been taken over (infra.http.HttpError.sent) says `unknown=True`.
        """

    def explain(self, error: SmsError) -> Advice:
        """What an error of this provider means, and what to do, for the operator."""
        return UNKNOWN if error.unknown else ADVICE[error.kind]


@runtime_checkable
class Traceable(Protocol):
    """A provider that can be asked what became of a message. Both methods raise SmsError.

    `report_windows`: when to ask for the delivery, counted from acceptance, ascending, all within `remembers_states`.
    `most_ids`: how many `status` is given at once.
    """

    name: str
    remembers_states: timedelta
    report_windows: Sequence[timedelta]
    most_ids: int

    def status(self, provider_ids: list[str]) -> dict[str, DeliveryState]: ...

    def status_by_idempotency_key(self, idempotency_key: int) -> tuple[str, DeliveryState] | None:
        """The provider's id and the state; None: it has no such message, which holds for `remembers_keys`."""


@runtime_checkable
class Prepaid(Protocol):
    """A provider whose account runs dry."""

    name: str

    def credit(self) -> int:
        """Rial. Raises SmsError."""

    def is_low(self, credit: int) -> bool:
        """Must an operator top the account up? Rial."""


def mask(recipient: str) -> str:
    """For logs: +989121234567 → +98912***4567, anything else → ***"""
    return f"{recipient[:6]}***{recipient[-4:]}" if len(recipient) == 13 else "***"
