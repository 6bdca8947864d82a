"""Tries of a challenge's code: what is known before one is spent, and the one statement that spends it."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from infra import statements
from sms.limits import ledger, unconfirmed, wrong_codes
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
    row = OtpChallenge.objects.filter(pk=challenge.pk)
    parts = {
        "tried": ledger.as_text(wrong_codes.rows(wanted(challenge))),
        "confirmed": statements.select(row.filter(confirmed_at__isnull=False).values("pk")),
        "alive": statements.select(_alive(row).values("pk")),
    }
    have_rows = statements.have_rows("confirmed", "alive")
    return Seen(*statements.run(parts, f"SELECT STATEMENT_TIMESTAMP(), text, {have_rows} FROM tried"))  # noqa: S608


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
    alive = _alive(OtpChallenge.objects.filter(pk=challenge.pk, confirmed_at=None))
    confirmed = {"confirmed_at": Now()} if right else {}
    spent = statements.update(alive, attempts=F("attempts") + 1, **confirmed)
    parts = {
        "tried": ledger.as_text(wrong_codes.rows(wanted(challenge))),
        "spent": statements.only_if(spent, "(SELECT text FROM tried) = %s RETURNING 1", before.tried),
    }
    if right:
        given_back = statements.update(unconfirmed.of(challenge), unconfirmed=False)
        parts["given_back"] = statements.only_if(given_back, "EXISTS (SELECT FROM spent)")
    locks = (f"mobile {challenge.mobile}",)
    [is_spent] = statements.run(parts, f"SELECT {statements.have_rows('spent')}", locks=locks)
    return bool(is_spent)


def _alive(rows: QuerySet[OtpChallenge]) -> QuerySet[OtpChallenge]:
    return rows.filter(attempts__lt=OtpChallenge.MAX_ATTEMPTS, expires_at__gt=Now())
