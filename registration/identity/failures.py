"""Why a service gave no answer: one exception with one word for each kind of failure, the same for every provider.

The request waits, and is asked about again; only `CAPPED` ends it. The kind decides what else happens: `AWAY` counts
for the breaker, those of `OPERATORS` need a person who knows the contract with the provider.
"""

from enum import StrEnum


class FailureKind(StrEnum):
    AWAY = "away"  # no connection, time-out, HTTP 5xx, a gateway's page: nothing of the service itself came back
    LIMITED = "limited"  # too many questions at once (HTTP 429 and the like)
    UNDECIDED = "undecided"  # the service itself cannot tell now, or what it asks in turn is away
    PAUSED = "paused"  # by our breaker: not asked at all
    CAPPED = "inquiry limit"  # by our own limit for a national code: not asked at all
    REFUSED = "credentials refused"
    FORBIDDEN = "not permitted"
    CREDIT = "no credit"
    QUOTA = "daily quota"
    INPUT = "input refused"  # our own checks had passed it: the contract wants it in another form
    ODD = "odd answer"  # an answer that says nothing we know how to read
    THIN = "answer too thin to compare"  # so little that a match of it would prove nothing
    DATABASE = "reference"  # our own registry's tables cannot be read
    EMPTY = "reference registry is empty"  # nothing was imported: nobody's absence says anything
    NO_BACKEND = "no such identity backend"  # IDENTITY_BACKEND names none


OPERATORS = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.FORBIDDEN,
        FailureKind.CREDIT,
        FailureKind.QUOTA,
        FailureKind.INPUT,
        FailureKind.ODD,
    }
)
WAITS = {  # seconds before the same question is worth another try
    FailureKind.LIMITED: 60,
    FailureKind.REFUSED: 600,
    FailureKind.FORBIDDEN: 600,
    FailureKind.CREDIT: 600,
    FailureKind.INPUT: 600,
    FailureKind.QUOTA: 3600,
}


class IdentityError(Exception):
    """A question was not answered, so nothing is decided.

    `kind` is what code decides by. `detail`: our own words, a status or a known code; never a text that the service
    wrote, never data of a person. `retry_after`: seconds before the question is worth another try, or None. `str()`
    gives kind and detail in at most 60 characters, for logs and `last_error` only.
    """

    def __init__(self, kind: FailureKind, detail: str = "", retry_after: int = 0) -> None:
        super().__init__(f"{kind}: {detail}"[:60] if detail else kind.value)
        self.kind = kind
        self.detail = detail
        self.retry_after = max(retry_after, WAITS.get(kind, 0)) or None
