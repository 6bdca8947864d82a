"""How many text messages may be sent, and how many codes tried: counted in the rows themselves, in PostgreSQL.

The rows are the ledger, so a flushed Redis forgets nothing. Counting and sending happen under advisory locks of what
is counted, so parallel requests cannot all see the last free place.
"""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from infra import security_log
from infra.limits import LimitReached
from infra.locks import lock
from sms.models import Message, OtpChallenge

WRONG_CODES_PER_MOBILE = (15, 86_400)  # NIST SP 800-63B: a new code never gives new tries
AGE = Now() - F("created_at")


def check_sends(mobile: str, national_code: str, client_ip: str) -> datetime:
    """Raise LimitReached when one more code for this mobile, national code or client IP is too many.

    Takes the locks; returns the database's time under them. `client_ip` is what `client_ip_key` made. Of several limits
    that are reached the one that lasts longest is raised: who waits as long as he was told is not refused again.
    """
    security_log.concerns(national_code)
    now = lock(f"mobile {mobile}", f"subject {national_code}", f"source {client_ip}")
    rules: list[tuple[str, Q, list[tuple[int, int]]]] = [
        ("sends-per-mobile", Q(recipient=mobile), settings.LIMIT_SENDS_PER_MOBILE),
        ("sends-per-national-code", Q(national_code=national_code), settings.LIMIT_SENDS_PER_NATIONAL_CODE),
        ("sends-per-ip", Q(client_ip=client_ip), settings.LIMIT_SENDS_PER_IP),
    ]
    counted = _counts(rules)
    reached = [
        LimitReached(rule, _until_free(ledger, allowed, seconds), tell=(allowed, seconds) == _between_two_codes(rule))
        for rule, ledger, pairs in rules
        for allowed, seconds in pairs
        if counted[f"{rule}-{seconds}"] >= allowed
    ]
    if reached:
        raise max(reached, key=lambda limit: limit.retry_after)
    return now


def _counts(rules: list[tuple[str, Q, list[tuple[int, int]]]]) -> dict[str, int]:
    """Codes sent under every rule in every one of its windows, in one statement over the three indexes."""
    whose = Q()
    for _, ledger, _ in rules:
        whose |= ledger
    longest = max(seconds for _, _, pairs in rules for _, seconds in pairs)
    windows = {
        f"{rule}-{seconds}": Count("pk", filter=ledger & Q(created_at__gt=Now() - timedelta(seconds=seconds)))
        for rule, ledger, pairs in rules
        for _, seconds in pairs
    }
    sent = _codes().filter(whose, created_at__gt=Now() - timedelta(seconds=longest))
    counted: dict[str, int] = sent.aggregate(**windows)
    return counted


def _codes() -> models.QuerySet[Message]:
    return Message.objects.filter(purpose__in=Message.CODES)


def _between_two_codes(rule: str) -> tuple[int, int] | None:
    """The shortest window of a mobile, whose countdown stands beside the button; other waits are not told."""
    return min(settings.LIMIT_SENDS_PER_MOBILE, key=lambda pair: pair[1]) if rule == "sends-per-mobile" else None


def _until_free(ledger: Q, allowed: int, seconds: int) -> int:
    """Seconds until the oldest of the last `allowed` sends leaves the window; 0 when there are fewer in it."""
    recent = _codes().filter(ledger, created_at__gt=Now() - timedelta(seconds=seconds)).order_by("-created_at")
    deciding = recent.values_list(AGE, flat=True)[allowed - 1 :].first()
    return 0 if deciding is None else math.ceil(seconds - deciding.total_seconds())


def seconds_until_resend(mobile: str) -> int:
    """How long this mobile must wait for its next code because of the shortest rule; 0 when it may be asked for now."""
    allowed, seconds = min(settings.LIMIT_SENDS_PER_MOBILE, key=lambda pair: pair[1])
    return _until_free(Q(recipient=mobile), allowed, seconds)


def check_wrong_codes(mobile: str) -> None:
    """Raise LimitReached when too many wrong codes were given for this mobile today, over all codes and sessions.

    The caller holds the mobile's lock. A challenge's wrong codes count from when it began.
    """
    allowed, seconds = WRONG_CODES_PER_MOBILE
    recent = OtpChallenge.objects.filter(mobile=mobile, created_at__gt=Now() - timedelta(seconds=seconds))
    wrong = 0
    for attempts, confirmed_at, age in recent.order_by("-created_at").values_list("attempts", "confirmed_at", AGE):
        wrong += attempts - (confirmed_at is not None)
        if wrong >= allowed:  # when this one leaves the window, there is room again
            raise LimitReached("wrong-codes", math.ceil(seconds - age.total_seconds()))
