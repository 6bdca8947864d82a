"""What became of made-up requests: how many of a thousand went which way, and what happened to each on it."""

from datetime import timedelta
from typing import NamedTuple

from accounts.models import AccountEvent
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message

Status, Kind = RegistrationRequest.Status, RequestEvent.Kind
Identity, Ownership = RegistrationRequest.Identity, RegistrationRequest.Ownership
State = Message.State
AGE = timedelta(days=365)  # of the oldest request
UNDECIDED = timedelta(hours=20)  # of those that are newer every second one is still being checked
MESSAGES_KEPT = timedelta(days=30)
NOBODY, CLERK, SUPERVISOR = "", "clerk", "supervisor"  # who did it; the portal or the citizen, else one of the branch


class Step(NamedTuple):
    """One event; `hours` after the request was sent."""

    kind: str
    hours: float
    by: str = NOBODY
    before: str = ""
    after: str = ""
    words: str = ""


class History(NamedTuple):
    """`share`: of a thousand requests. `decided`: hours until the status was reached; None: it has not been."""

    share: int
    status: str
    identity: str
    ownership: str
    decided: float | None
    steps: tuple[Step, ...]
    account: bool = False
    undelivered: bool = False

    @property
    def awaits_second(self) -> bool:
        return self.status == Status.MISMATCH and any(step.kind == Kind.FIRST_WORD for step in self.steps)

    @property
    def capped(self) -> bool:
        return any(step.kind == Kind.CAPPED for step in self.steps)


def _came(to: str, *more: Step) -> tuple[Step, ...]:
    return (
        Step(Kind.SUBMITTED, 0, before=Status.DRAFT, after=Status.SUBMITTED),
        Step(Kind.DECIDED, 0.01, before=Status.SUBMITTED, after=to),
        *more,
    )


SENT = Step(Kind.SUBMITTED, 0, before=Status.DRAFT, after=Status.SUBMITTED)
LOOKED = Step(Kind.LOOKED, 2)
SEEN, SEEN_AGAIN = Step(Kind.VIEWED, 30, CLERK), Step(Kind.VIEWED, 52, SUPERVISOR)
TAKEN = Step(Kind.TAKEN, 30, CLERK)
FIRST = Step(Kind.FIRST_WORD, 50, CLERK, Status.MISMATCH, Status.MISMATCH, "شناسنامه و کارت ملی دیده شد")
NOTE = Step(Kind.NOTED, 31, CLERK, words="اصل شناسنامه همراهش نبود؛ فردا می‌آید")
MATCH, MISMATCH = (Identity.MATCH, Ownership.OWNED), (Identity.MISMATCH, "")
NOT_OWN = (Identity.MATCH, Ownership.NOT_OWNED)
NO_ANSWER = ("", "")

HISTORIES = (
    History(690, Status.ACTIVATED, *MATCH, 0.01, _came(Status.ACTIVATED), account=True),
    History(
        *(90, Status.ACTIVATED, *NOT_OWN, 50.0),
        _came(Status.BRANCH, SEEN, TAKEN, Step(Kind.DOCUMENTS_SEEN, 50, CLERK, Status.BRANCH, Status.ACTIVATED)),
        account=True,
    ),
    History(
        *(36, Status.ACTIVATED, *MISMATCH, 50.0),
        _came(Status.MISMATCH, LOOKED, SEEN, Step(Kind.DOCUMENTS_SEEN, 50, CLERK, Status.MISMATCH, Status.ACTIVATED)),
        account=True,
    ),
    History(
        *(4, Status.ACTIVATED, Identity.NOT_FOUND, "", 53.0),
        _came(
            *(Status.MISMATCH, SEEN, FIRST, SEEN_AGAIN),
            Step(Kind.SECOND_WORD, 53, SUPERVISOR, Status.MISMATCH, Status.ACTIVATED),
        ),
        account=True,
    ),
    History(45, Status.BRANCH, *NOT_OWN, 0.01, _came(Status.BRANCH, SEEN, NOTE)),
    History(2, Status.BRANCH, *NOT_OWN, 0.01, _came(Status.BRANCH), undelivered=True),
    History(47, Status.MISMATCH, *MISMATCH, 0.01, _came(Status.MISMATCH, LOOKED, SEEN)),
    History(2, Status.MISMATCH, Identity.DECEASED, "", 0.01, _came(Status.MISMATCH, SEEN, FIRST)),
    History(1, Status.MISMATCH, Identity.NOT_FOUND, "", 0.01, _came(Status.MISMATCH), undelivered=True),
    History(
        *(18, Status.REJECTED, *MISMATCH, 55.0),
        _came(
            *(Status.MISMATCH, SEEN),
            Step(Kind.REJECTED, 55, CLERK, Status.MISMATCH, Status.REJECTED, "عکس کارت ملی با مراجعه‌کننده یکی نیست"),
        ),
    ),
    History(
        *(30, Status.EXPIRED, *NO_ANSWER, 48.0),
        (SENT, Step(Kind.EXPIRED, 48, before=Status.SUBMITTED, after=Status.EXPIRED)),
    ),
    History(
        *(5, Status.EXPIRED, *NO_ANSWER, 1.0),
        (SENT, Step(Kind.CAPPED, 1, before=Status.SUBMITTED, after=Status.EXPIRED)),
    ),
    History(
        *(22, Status.SUPERSEDED, *MISMATCH, 70.0),
        _came(Status.MISMATCH, LOOKED, Step(Kind.SUPERSEDED, 70, before=Status.MISMATCH, after=Status.SUPERSEDED)),
    ),
    History(
        *(8, Status.WITHDRAWN, *NOT_OWN, 20.0),
        _came(Status.BRANCH, Step(Kind.WITHDRAWN, 20, before=Status.BRANCH, after=Status.WITHDRAWN)),
    ),
)
CHECKED = History(0, Status.SUBMITTED, *NO_ANSWER, None, (SENT,))  # of the newest ones
EVERY = (*HISTORIES, CHECKED)
CHECKED_AT = len(HISTORIES)  # its place among EVERY
# Place among HISTORIES of each of a thousand requests.
PLACES = [place for place, history in enumerate(HISTORIES) for _ in range(history.share)]

# What became of a result's text, of a hundred.
ARRIVED = [State.DELIVERED] * 92 + [State.DELIVERY_UNKNOWN] * 4 + [State.UNDELIVERED] * 3 + [State.FAILED]

# What a desk did with an account, of a hundred accounts: the first ones.
ERRANDS = (
    *((AccountEvent.Kind.VIEWED, ""), (AccountEvent.Kind.LOCKED, "گوشی‌اش را گم کرده است")),
    (AccountEvent.Kind.UNLOCKED, "گوشی پیدا شد"),
)
ERRANDS_OF = 50  # of so many accounts one had all of them
CHANGES_OF = 1_000  # of so many accounts one has a change of its identity that waits for the second person
NEW_NUMBER = "شناسنامهٔ نو را آورد"
