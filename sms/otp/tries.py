"""Tries of a challenge's code: what is known before one is spent, and the one statement that spends it."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from infra import statements
from infra.statements import Given, Sql
from sms.limits import unconfirmed, wrong_codes
from sms.limits.ledger import Wanted
from sms.models import OtpChallenge


class Seen(NamedTuple):
    """A challenge at `now`, read without any lock. `tried`: the ledger of wrong codes (sms.limits.wrong_codes)."""

    now: datetime
    tried: str
    is_confirmed: bool
    is_alive: bool


def wanted(challenge: OtpChallenge) -> Wanted:
    return Wanted(challenge.purpose, challenge.mobile, challenge.national_code)


def look(challenge: OtpChallenge) -> Seen:
    answer = f"SELECT STATEMENT_TIMESTAMP(), text, {statements.have_rows('confirmed', 'alive')} FROM tried"  # noqa: S608
    return Seen(*statements.run(_look(), answer, given=_given(challenge)))


@cache
def _look() -> dict[str, Sql]:
    row = OtpChallenge.objects.filter(pk=Given("challenge"))
    return {
        "tried": wrong_codes.part(),
        "confirmed": statements.select(row.filter(confirmed_at__isnull=False).values("pk")),
        "alive": statements.select(_alive(row).values("pk")),
    }


def _given(challenge: OtpChallenge) -> dict[str, Any]:
    return {"challenge": challenge.pk, **wanted(challenge)._asdict()}


def columns(path: str) -> dict[str, Combinable]:
    """Columns for a query of rows that point to a challenge by the field `path`, which it reads too: see `seen`."""
    tried = wrong_codes.column(OuterRef(f"{path}__mobile"), OuterRef(f"{path}__national_code"))
    return {"seen_at": Now(), "seen_tried": tried}


def seen(challenge: OtpChallenge, row: Any) -> Seen | None:
    """What such a row, which points to `challenge`, tells; None if it was read without these columns."""
    if not hasattr(row, "seen_at"):
        return None
    is_alive = challenge.attempts < OtpChallenge.MAX_ATTEMPTS and challenge.expires_at > row.seen_at
    return Seen(row.seen_at, row.seen_tried, challenge.confirmed_at is not None, is_alive)


def spend(challenge: OtpChallenge, before: Seen, *, right: bool) -> bool:
    """Spend a try; with the right code, confirm the challenge and give back what its messages hold.

    False, and nothing is spent, when the ledger is not what it was `before`, or the challenge is not alive any more.
    """
    given = {"before": before.tried, **_given(challenge)}
    locks = (f"mobile {challenge.mobile}",)
    [is_spent] = statements.run(_spend(right), f"SELECT {statements.have_rows('spent')}", locks=locks, given=given)
    return bool(is_spent)


@cache
def _spend(right: bool) -> dict[str, Sql]:
    alive = _alive(OtpChallenge.objects.filter(pk=Given("challenge"), confirmed_at=None))
    confirmed = {"confirmed_at": Now()} if right else {}
    spent = statements.update(alive, attempts=F("attempts") + 1, **confirmed)
    parts = {
        "tried": wrong_codes.part(),
        "spent": statements.only_if(spent, "(SELECT text FROM tried) = %s RETURNING 1", Given("before")),
    }
    if right:
        parts["given_back"] = statements.only_if(unconfirmed.giving_back(), "EXISTS (SELECT FROM spent)")
    return parts


def _alive(rows: QuerySet[OtpChallenge]) -> QuerySet[OtpChallenge]:
    return rows.filter(attempts__lt=OtpChallenge.MAX_ATTEMPTS, expires_at__gt=Now())
