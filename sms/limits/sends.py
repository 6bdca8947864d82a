"""Whether one more code may be sent: to whom, for what, from where.

Some limits are told, and the visitor waits; they depend on nothing but what this visitor, or another one with the same
request, has typed. Those that depend on what a mobile got otherwise are kept without a word: the text leaves later or
not at all, and the page is the same (docs/decisions/0019).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now

from infra import security_log, statements
from infra.limits import LimitReached, client_ip_key, wide_network
from infra.statements import Given, Sql
from sms.limits import ledger, unconfirmed, wrong_codes
from sms.limits.allowances import TO_ANYBODY, TYPED, together, told_by
from sms.limits.ledger import RECOVERY, Wanted
from sms.limits.windows import caps, gap, over_all, until_free
from sms.limits.wrong_codes import Tried
from sms.models import Message, OtpChallenge

PER_MOBILE = "sends-per-mobile"
# Codes that surely never went out: refused, or not taken by any provider until they were over. Recoveries count always:
# whether a text failed would tell that there is an account to send it to.
_COUNTS_ALWAYS = Q(purpose=RECOVERY)
FAILED = ~_COUNTS_ALWAYS & (Q(state=Message.State.FAILED) | Q(state=Message.State.EXPIRED, first_attempt_at=None))
UNDELIVERED = ~_COUNTS_ALWAYS & Q(state=Message.State.UNDELIVERED)


class Sent(NamedTuple):
    """One code of the ledger. Seconds since it was asked for, and since it left; negative while it waits to leave.

    `is_text`: whether it may have gone out; `arrives`: whether it may have arrived.
    """

    purpose: str
    mobile: str
    national_code: str
    is_text: bool
    arrives: bool
    age: float
    left: float


@dataclass(frozen=True)
class Look:
    """What counts for one more code, as the database told it at `now`. `found`: the parts of `also` that have rows.

    `unchanged` is true in a statement with these `parts`, `given` these values, while nothing has changed, if the
    `locks` were taken before.
    """

    now: datetime
    sent: list[Sent]
    tried: list[Tried]
    unconfirmed: dict[str, int]
    found: frozenset[str]
    parts: dict[str, Sql]
    texts: tuple[str, ...]
    locks: tuple[str, ...]
    given: dict[str, Any]

    @property
    def unchanged(self) -> Sql:
        """A part of a statement: one row, or none."""
        told = "(sent.text, tried.text, places.text)"
        return f"SELECT FROM sent, tried, places WHERE {told} = (%s, %s, %s)", self.texts


class Grant(NamedTuple):
    """`leaves`: whether a text goes out; `delay`: how long after now."""

    leaves: bool
    delay: timedelta


def look(wanted: Wanted, client_ip: str, also: Mapping[str, Sql], **given: Any) -> Look:
    """Read all that counts, and whether the parts of `also` have rows, in one statement, without any lock.

    `also` is given what `wanted` has, and `given`.
    """
    security_log.concerns(wanted.national_code)
    address, network = client_ip_key(client_ip), wide_network(client_ip)
    every = {**wanted._asdict(), "address": address, "network": network, **given}
    parts, alarms = _shape(wanted.purpose, tuple(tuple(getattr(settings, name)) for name in _LIMITS))
    asked = {**alarms, **also}
    columns = ["STATEMENT_TIMESTAMP()", *(f"{part}.text" for part in parts), *map(statements.have_rows, asked)]
    answer = f"SELECT {', '.join(columns)} FROM {', '.join(parts)}"  # noqa: S608  names of ours
    now, sent, tried, places, *have_rows = statements.run(parts | asked, answer, given=every)
    found = frozenset(name for name, has_rows in zip(asked, have_rows, strict=True) if has_rows)
    if "half" in found:
        unconfirmed.warn()
    locks = [f"mobile {wanted.mobile}", f"national code {wanted.national_code}"]
    locks += [f"sender {address}", f"sender network {network}"]
    if wanted.purpose in TYPED and unconfirmed.is_near(found):
        locks.append("the last unconfirmed codes")
    waits = unconfirmed.waits(unconfirmed.rules(wanted.purpose), places, now)
    read = _read(sent, now), wrong_codes.read(tried, now)
    return Look(now, *read, waits, found, parts, (sent, tried, places), tuple(locks), every)


_LIMITS = (
    "LIMIT_SENDS_PER_MOBILE",
    "LIMIT_UNCONFIRMED_PER_IP",
    "LIMIT_UNCONFIRMED_PER_NETWORK",
    "LIMIT_UNCONFIRMED",
)


@lru_cache(maxsize=32)
def _shape(purpose: str, limits: tuple[tuple[tuple[int, int], ...], ...]) -> tuple[dict[str, Sql], dict[str, Sql]]:
    """What is read for a code of this purpose, and of what is asked only whether it is there; under these settings."""
    rules = unconfirmed.rules(purpose)
    parts = {"sent": ledger.as_text(_rows()), "tried": wrong_codes.part(), "places": unconfirmed.places(rules)}
    return parts, unconfirmed.alarms(purpose)


def check(wanted: Wanted, counted: Look) -> Grant:
    """Raise LimitReached when one more code is too many; else say what may leave.

    Of several limits that are reached the one that lasts longest is raised: who waits as long as he was told is not
    refused again.
    """
    waits = counted.unconfirmed | {PER_MOBILE: _told(wanted, counted.sent)}
    rule = max(waits, key=lambda rule: waits[rule])
    if waits[rule]:
        raise LimitReached(rule, waits[rule], busy=rule == unconfirmed.WHOLE_PORTAL)
    return Grant(*_untold(wanted, [sent for sent in counted.sent if sent.is_text and sent.mobile == wanted.mobile]))


def _told(wanted: Wanted, sent: list[Sent]) -> int:
    """Seconds that the visitor waits, and is told to, for what was asked for in the same way before."""
    pairs = settings.LIMIT_SENDS_PER_MOBILE
    same = ledger.alike(wanted, sent)
    counted = [one for one in same if one.arrives]
    if wanted.purpose == OtpChallenge.Purpose.REGISTRATION:
        counted = [one for one in counted if one.national_code == wanted.national_code]
    return max(
        until_free((one.age for one in same if not _has_failed(one)), [gap(pairs)]),
        until_free((one.age for one in counted), caps(pairs)),
        until_free((one.age for one in same), [over_all(pairs)]),  # whatever became of them
    )


def _has_failed(sent: Sent) -> bool:
    """A code that surely never went out. What only pretends to is none."""
    return not sent.is_text and not sent.arrives


def _untold(wanted: Wanted, texts: list[Sent]) -> tuple[bool, timedelta]:
    """Whether and when the text leaves, by all that this mobile got. Of texts that anybody may have asked for at most
    one waits: who asks for a code to the own mobile waits for no more than that one."""
    pairs = settings.LIMIT_SENDS_PER_MOBILE
    delay = until_free((sent.left for sent in texts), [gap(pairs)])
    leaves = True
    if wanted.purpose in TO_ANYBODY:
        spent = [sent for sent in texts if sent.purpose in together(wanted.purpose)]
        pair = [sent.age for sent in spent if sent.arrives and sent.national_code == wanted.national_code]
        full = until_free(pair, caps(pairs)) or until_free((sent.age for sent in spent), [over_all(pairs)])
        leaves = not full and not (delay and any(sent.left < 0 for sent in texts if sent.purpose in TO_ANYBODY))
    return leaves, timedelta(seconds=delay)


def _rows() -> Sql:
    """What counts: all codes to the given `mobile`, and all recoveries of the `national_code`."""
    whose = Q(recipient=Given("mobile")) | Q(national_code=Given("national_code"), purpose=RECOVERY)
    longest = max(seconds for _, seconds in settings.LIMIT_SENDS_PER_MOBILE)
    recent = Message.objects.filter(whose, purpose__in=Message.CODES, created_at__gt=Now() - timedelta(seconds=longest))
    # A first attempt that waits has its moment in `send_at`; what is tried again counts from when it was asked for.
    waiting = When(send_at__isnull=False, last_error="", then=F("send_at"))
    left = Case(waiting, default=Coalesce("accepted_at", "created_at"))
    names = ("purpose", "recipient", "national_code", "state", "created_at")
    fate = Case(When(FAILED, then=Value("failed")), When(UNDELIVERED, then=Value("undelivered")), default=Value(""))
    return statements.select(recent.order_by("pk").values(*names, left=left, fate=fate))


def _read(text: str, now: datetime) -> list[Sent]:
    return [
        Sent(
            row["purpose"],
            row["recipient"],
            row["national_code"],
            row["state"] != Message.State.CANCELLED and row["fate"] != "failed",
            not row["fate"],
            ledger.seconds_since(row["created_at"], now),
            ledger.seconds_since(row["left"], now),
        )
        for row in ledger.parse(text)
    ]


def seconds_until_resend(challenge: OtpChallenge) -> int:
    """How long the button waits after the last code that was asked for in the same way; 0 when it may be pressed."""
    return until_resend(age_that_decides(challenge.purpose, challenge.mobile, challenge.national_code).first())


def age_that_decides(purpose: str, mobile: Any, national_code: Any) -> QuerySet[Message, timedelta]:
    """The age of the code that the button waits for; no row when there is none. May be a part of another query."""
    columns = {"mobile": ("recipient", mobile), "national_code": ("national_code", national_code)}
    same = Message.objects.filter(purpose=purpose, **dict(columns[name] for name in told_by(purpose)))
    allowed, seconds = gap(settings.LIMIT_SENDS_PER_MOBILE)
    recent = same.filter(~FAILED, created_at__gt=Now() - timedelta(seconds=seconds)).order_by("-created_at")
    return recent.values_list(Now() - F("created_at"), flat=True)[allowed - 1 : allowed]


def until_resend(age: timedelta | None) -> int:
    """Seconds, by what `age_that_decides` says."""
    return 0 if age is None else until_free([age.total_seconds()], [(1, gap(settings.LIMIT_SENDS_PER_MOBILE)[1])])
