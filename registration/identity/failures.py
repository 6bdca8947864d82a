"""Why a service gave no answer: one word for each kind of trouble, the same for every provider.

The request waits in any case (`Unavailable`). The kind decides what else happens: `AWAY` counts for the breaker, those
of `OPERATORS` need a person who knows the contract with the provider.
"""

from enum import StrEnum

from registration.identity.base import Unavailable


class Trouble(StrEnum):
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


OPERATORS = frozenset({Trouble.REFUSED, Trouble.FORBIDDEN, Trouble.CREDIT, Trouble.QUOTA, Trouble.INPUT, Trouble.ODD})
WAITS = {  # seconds before the same question is worth another try
    Trouble.LIMITED: 60,
    Trouble.REFUSED: 600,
    Trouble.FORBIDDEN: 600,
    Trouble.CREDIT: 600,
    Trouble.INPUT: 600,
    Trouble.QUOTA: 3600,
}


class Failure(Unavailable):
    """`detail`: our own words, a status or a known code; never a text that the service wrote."""

    def __init__(self, trouble: Trouble, detail: str = "", retry_after: int = 0) -> None:
        super().__init__(f"{trouble}: {detail}"[:60] if detail else trouble.value)
        self.trouble = trouble
        self.retry_after = max(retry_after, WAITS.get(trouble, 0)) or None
