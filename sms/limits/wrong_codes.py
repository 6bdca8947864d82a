"""How many wrong codes may be given for a mobile in a day, over all codes and sessions of one allowance."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from infra import statements
from infra.limits import LimitReached
from infra.statements import Given, Sql
from sms.limits import ledger
from sms.limits.allowances import together
from sms.limits.ledger import RECOVERY, Wanted
from sms.limits.windows import until_free
from sms.models import OtpChallenge

WRONG_CODES_PER_MOBILE = (15, 86_400)  # NIST SP 800-63B: a new code never gives new tries


class Tried(NamedTuple):
    """A challenge for which codes were tried, `wrong` of them wrong ones; `age`: seconds since it began."""

    purpose: str
    mobile: str
    national_code: str
    wrong: int
    age: float


def check(wanted: Wanted, tried: Iterable[Tried]) -> bool:
    """Raise LimitReached when too many were given in the same way today; False: no code is right for now.

    The latter when too many were given for this mobile in other ways: that is not told, see sms.limits.sends. A
    challenge's wrong codes count from when it began.
    """
    known = list(tried)
    if wait := until_free(_ages(ledger.alike(wanted, known)), [WRONG_CODES_PER_MOBILE]):
        raise LimitReached("wrong-codes", wait)
    spent = [one for one in known if one.mobile == wanted.mobile and one.purpose in together(wanted.purpose)]
    return not until_free(_ages(spent), [WRONG_CODES_PER_MOBILE])


def _ages(tried: Iterable[Tried]) -> Iterator[float]:
    """One for each wrong code."""
    return (one.age for one in tried for _ in range(one.wrong))


@cache
def part() -> Sql:
    """A part of a statement that is given `mobile` and `national_code`: `text`, what counts for them."""
    return ledger.as_text(statements.select(_tried(Given("mobile"), Given("national_code"))))


def column(mobile: OuterRef, national_code: OuterRef) -> Subquery:
    """The same as a column of another query."""
    return ledger.AsText(_tried(mobile, national_code))


def _tried(mobile: Given | OuterRef, national_code: Given | OuterRef) -> QuerySet[OtpChallenge, Any]:
    """All challenges of this mobile, and all recoveries of this national code."""
    whose = Q(mobile=mobile) | Q(national_code=national_code, purpose=RECOVERY)
    since = Now() - timedelta(seconds=WRONG_CODES_PER_MOBILE[1])
    tried = OtpChallenge.objects.filter(whose, created_at__gt=since, attempts__gt=0).order_by("pk")
    return tried.values("purpose", "mobile", "national_code", "attempts", "confirmed_at", "created_at")


def read(text: str, now: datetime) -> list[Tried]:
    """What `text` says."""
    return [
        Tried(
            row["purpose"],
            row["mobile"],
            row["national_code"],
            row["attempts"] - (row["confirmed_at"] is not None),
            ledger.seconds_since(row["created_at"], now),
        )
        for row in ledger.parse(text)
    ]


def ask(wanted: Wanted) -> list[Tried]:
    answer = "SELECT STATEMENT_TIMESTAMP(), text FROM tried"
    now, text = statements.run({"tried": part()}, answer, given=wanted._asdict())
    return read(text, now)
