"""Codes that nobody has confirmed (yet): by client IP, by the wider network, and over the whole portal.

Honest people confirm theirs, which gives the place back, however many they are behind one address; who pumps text
messages does not. Partial indexes hold the unconfirmed ones alone, and nothing is counted further than its limit
(docs/decisions/0020).
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now

from infra.counting import count_up_to
from infra.locks import lock
from sms.limits.allowances import TYPED, together
from sms.limits.windows import Pairs, until_free
from sms.models import Message, OtpChallenge

log = logging.getLogger(__name__)

WHOLE_PORTAL = "unconfirmed"  # the rule's name
LAST_PLACES = 200  # of the portal's: given out one after the other. More than there are connections to the database
WARN_EVERY = 60  # seconds, in each process

_warned_at = -float(WARN_EVERY)  # process-local, monotonic seconds

Rule = tuple[str, Q, Pairs]
_AGE = ExpressionWrapper(Now() - F("created_at"), output_field=DurationField())


def waits(purpose: str, address: str, network: str) -> dict[str, int]:
    """Seconds that one more code must wait by each of these limits, 0 for none. `address`, `network`: infra.limits.

    What other allowances have spent does not count, but for the whole portal: there only codes for mobiles that the
    visitor types are refused, so that accounts' mobiles go on.
    """
    mine = Q(purpose__in=together(purpose))
    rules: list[Rule] = [
        ("unconfirmed-per-ip", mine & Q(client_ip=address), settings.LIMIT_UNCONFIRMED_PER_IP),
        ("unconfirmed-per-network", mine & Q(client_network=network), settings.LIMIT_UNCONFIRMED_PER_NETWORK),
    ]
    if purpose in TYPED:
        rules.append(_whole_portal())
    counts = _counts(rules)
    if purpose in TYPED and _is_near(counts):
        lock("the last unconfirmed codes")
        counts |= _counts([_whole_portal()])
    return {
        rule: max(_until_free(rows, pair) if counts[rule, pair] >= pair[0] else 0 for pair in pairs)
        for rule, rows, pairs in rules
    }


def whole_portal() -> dict[tuple[int, int], int]:
    """Each pair of LIMIT_UNCONFIRMED → how many there are now, no further than the largest limit."""
    return {pair: count for (_, pair), count in _counts([_whole_portal()]).items()}


def _whole_portal() -> Rule:
    return WHOLE_PORTAL, ~Q(state=Message.State.CANCELLED), settings.LIMIT_UNCONFIRMED


def _is_near(counts: dict[tuple[str, tuple[int, int]], int]) -> bool:
    """Whether one of the last places would be taken. Warns from the half on."""
    near = False
    for rule, pair in counts:
        if rule == WHOLE_PORTAL:
            count, (allowed, seconds) = counts[rule, pair], pair
            near = near or allowed - LAST_PLACES <= count < allowed
            if 2 * count >= allowed:
                _warn(count, allowed, seconds)
    return near


def _counts(rules: list[Rule]) -> dict[tuple[str, tuple[int, int]], int]:
    """How many there are in each window of each rule, in one statement, and no further than the largest limit."""
    sets = {(rule, pair): _within(rows, pair[1]) for rule, rows, pairs in rules for pair in pairs}
    most = max(allowed for _, (allowed, _) in sets)
    counted = count_up_to(most - 1, {f"{rule} {pair}": rows for (rule, pair), rows in sets.items()})
    return {(rule, pair): counted[f"{rule} {pair}"] for rule, pair in sets}


def _within(rows: Q, seconds: int) -> QuerySet[Message]:
    return Message.objects.filter(rows, unconfirmed=True, created_at__gt=Now() - timedelta(seconds=seconds))


def _until_free(rows: Q, pair: tuple[int, int]) -> int:
    allowed, seconds = pair
    newest = _within(rows, seconds).order_by("-created_at").values_list(_AGE, flat=True)
    deciding = newest[allowed - 1 : allowed].first()
    return 1 if deciding is None else max(1, until_free([deciding.total_seconds()], [(1, seconds)]))


def _warn(count: int, allowed: int, seconds: int) -> None:
    global _warned_at
    if time.monotonic() - _warned_at >= WARN_EVERY:
        _warned_at = time.monotonic()
        log.warning("codes that nobody has confirmed: %s in %s s, of %s", count, seconds, allowed)


def of(challenge: OtpChallenge) -> QuerySet[Message]:
    """What takes no place any more once the challenge is confirmed: its codes, and those sent since for just the same.

    Whoever confirms makes them `unconfirmed=False` with it.
    """
    began = OtpChallenge.objects.filter(pk=challenge.pk).values("created_at")
    sent = Message.objects.filter(recipient=challenge.mobile, created_at__gte=began, unconfirmed=True)
    return sent.filter(purpose=challenge.purpose, national_code=challenge.national_code)
