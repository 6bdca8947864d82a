"""Codes that nobody has confirmed (yet): by client IP, by the wider network, and over the whole portal.

Honest people confirm theirs, which gives the place back, however many they are behind one address; who pumps text
messages does not. Partial indexes hold the unconfirmed ones alone, and nothing is counted further than its limit
(docs/decisions/0020).
"""

import logging
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from infra import statements
from infra.counting import count_up_to
from infra.statements import Given, Sql
from sms.limits import ledger
from sms.limits.allowances import TYPED, together
from sms.limits.windows import Pairs, until_free
from sms.models import Message, OtpChallenge

log = logging.getLogger(__name__)

WHOLE_PORTAL = "unconfirmed"  # the rule's name
LAST_PLACES = 200  # of the portal's: given out one after the other. More than there are connections to the database
WARN_EVERY = 60  # seconds, in each process

_warned_at = -float(WARN_EVERY)  # process-local, monotonic seconds


class Rule(NamedTuple):
    """Of `rows` that nobody has confirmed at most so many in so many seconds, for every pair."""

    name: str
    rows: Q
    pairs: Pairs


def rules(purpose: str) -> list[Rule]:
    """The limits that a code of this purpose takes a place of, for a given `address` and `network` (infra.limits).

    What other allowances have spent does not count, but for the whole portal: there only codes for mobiles that the
    visitor types are refused, so that accounts' mobiles go on.
    """
    mine = Q(purpose__in=together(purpose))
    address, network = mine & Q(client_ip=Given("address")), mine & Q(client_network=Given("network"))
    found = [
        Rule("unconfirmed-per-ip", address, settings.LIMIT_UNCONFIRMED_PER_IP),
        Rule("unconfirmed-per-network", network, settings.LIMIT_UNCONFIRMED_PER_NETWORK),
    ]
    return [*found, _whole_portal()] if purpose in TYPED else found


def places(counted: Sequence[Rule]) -> Sql:
    """A part of a statement: `text`, a moment for each pair of each rule, or null. See `waits`."""
    deciding = [_nth_newest(rule.rows, pair[1], pair[0]) for rule in counted for pair in rule.pairs]
    listed = ", ".join(f"({sql})" for sql, _ in deciding)
    values = tuple(value for _, params in deciding for value in params)
    return f"SELECT json_build_array({listed})::text AS text", values


def waits(counted: Sequence[Rule], text: str, now: datetime) -> dict[str, int]:
    """Seconds that one more code must wait by each rule, 0 for none, by what `places` said."""
    found: dict[str, int] = {}
    moments = iter(ledger.parse(text))
    for rule in counted:
        ages = [(ledger.seconds_since(moment, now), pair) for pair in rule.pairs if (moment := next(moments))]
        found[rule.name] = max((max(1, until_free([age], [(1, pair[1])])) for age, pair in ages), default=0)
    return found


def alarms(purpose: str) -> dict[str, Sql]:
    """Parts of a statement: `near` has a row when one of the last places would be taken, `half` from the half on."""
    if purpose not in TYPED:
        return {}
    _, rows, pairs = _whole_portal()
    near = [_nth_newest(rows, seconds, max(1, allowed - LAST_PLACES)) for allowed, seconds in pairs]
    half = [_nth_newest(rows, seconds, -(-allowed // 2)) for allowed, seconds in pairs]
    return {"near": _any(near), "half": _any(half)}


def is_near(found: Collection[str]) -> bool:
    """By which of `alarms` had rows. A budget that is no larger than the last places is always near."""
    return "near" in found or any(allowed <= LAST_PLACES for allowed, _ in settings.LIMIT_UNCONFIRMED)


def warn() -> None:
    """`half` had a row: a line in the log, once a minute."""
    global _warned_at
    if time.monotonic() - _warned_at >= WARN_EVERY:
        _warned_at = time.monotonic()
        for (allowed, seconds), count in whole_portal().items():
            if 2 * count >= allowed:
                log.warning("codes that nobody has confirmed: %s in %s s, of %s", count, seconds, allowed)


def whole_portal() -> dict[tuple[int, int], int]:
    """Each pair of LIMIT_UNCONFIRMED → how many there are now, no further than the largest limit."""
    _, rows, pairs = _whole_portal()
    most = max(allowed for allowed, _ in pairs)
    counted = count_up_to(most - 1, {str(pair): _within(rows, pair[1]) for pair in pairs})
    return {pair: counted[str(pair)] for pair in pairs}


def _whole_portal() -> Rule:
    return Rule(WHOLE_PORTAL, ~Q(state=Message.State.CANCELLED), settings.LIMIT_UNCONFIRMED)


def _within(rows: Q, seconds: int) -> QuerySet[Message]:
    return Message.objects.filter(rows, unconfirmed=True, created_at__gt=Now() - timedelta(seconds=seconds))


def _nth_newest(rows: Q, seconds: int, nth: int) -> Sql:
    """When that one was asked for, if there are so many: read no further than the limit, by an index."""
    return statements.select(_within(rows, seconds).order_by("-created_at").values("created_at")[nth - 1 : nth])


def _any(queries: Sequence[Sql]) -> Sql:
    sql = " UNION ALL ".join(f"({sql})" for sql, _ in queries)
    return sql, tuple(value for _, params in queries for value in params)


def giving_back() -> Sql:
    """A part of a statement that confirms the given `challenge`: its codes, and those sent since for just the same
    (`purpose`, `mobile`, `national_code`), take no place any more."""
    began = OtpChallenge.objects.filter(pk=Given("challenge")).values("created_at")
    sent = Message.objects.filter(recipient=Given("mobile"), created_at__gte=began, unconfirmed=True)
    same = sent.filter(purpose=Given("purpose"), national_code=Given("national_code"))
    return statements.update(same, unconfirmed=False)
