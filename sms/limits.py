"""How many text messages may be sent, and how many codes tried: counted in the rows themselves, in PostgreSQL.

The rows are the ledger, so a flushed Redis forgets nothing. Counting and sending happen under advisory locks of what
is counted, so parallel requests cannot all see the last free place.
"""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Now

from sms.models import Message, Verification

WRONG_CODES_PER_MOBILE = (15, 86_400)  # NIST SP 800-63B: a new code never gives new tries


class LimitReached(Exception):  # noqa: N818  a state of affairs, not a fault
    """A limit of CONTRACT §6. `retry_after` in seconds; `tell`: this wait may be shown (only between two codes)."""

    def __init__(self, rule: str, retry_after: int, *, tell: bool = False) -> None:
        super().__init__(rule)
        self.rule, self.retry_after, self.tell = rule, retry_after, tell


def address_key(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def lock(*keys: str) -> None:
    """Serialise everybody who names one of these keys, until the transaction ends. Sorted: no deadlocks."""
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def check_sends(mobile: str, subject: str, source: str) -> None:
    """Raise LimitReached when one more code for this mobile, subject or source would be too many. Takes the locks."""
    lock(f"mobile {mobile}", f"subject {subject}", f"source {source}")
    for rule, ledger, pairs in (
        ("sends-per-mobile", Q(recipient=mobile), settings.LIMIT_SENDS_PER_MOBILE),
        ("sends-per-national-code", Q(subject=subject), settings.LIMIT_SENDS_PER_NATIONAL_CODE),
        ("sends-per-ip", Q(source=source), settings.LIMIT_SENDS_PER_IP),
    ):
        _check(rule, Message.objects.filter(ledger, purpose__in=Message.CODES), pairs)


def _check(rule: str, ledger: models.QuerySet[Message], pairs: list[tuple[int, int]]) -> None:
    longest = max(seconds for _, seconds in pairs)
    counts = ledger.filter(created_at__gt=Now() - timedelta(seconds=longest)).aggregate(
        **{f"in_{seconds}": Count("pk", filter=Q(created_at__gt=Now() - timedelta(seconds=seconds))) for _, seconds in pairs}
    )
    for allowed, seconds in pairs:
        if counts[f"in_{seconds}"] >= allowed:
            wait = _until_free(ledger, allowed, seconds)
            raise LimitReached(rule, wait, tell=rule == "sends-per-mobile" and allowed == 1)


def _until_free(ledger: models.QuerySet[Message], allowed: int, seconds: int) -> int:
    """Seconds until the oldest of the last `allowed` sends leaves the window."""
    age = models.ExpressionWrapper(Now() - F("created_at"), output_field=models.DurationField())
    ages = ledger.annotate(age=age).order_by("-created_at").values_list("age", flat=True)
    return max(1, round(seconds - ages[allowed - 1].total_seconds()))


def seconds_until_resend(mobile: str) -> int:
    """How long this mobile must wait for its next code because of the shortest rule; 0 when it may be asked for now."""
    allowed, seconds = settings.LIMIT_SENDS_PER_MOBILE[0]
    ledger = Message.objects.filter(recipient=mobile, purpose__in=Message.CODES)
    recent = ledger.filter(created_at__gt=Now() - timedelta(seconds=seconds))
    return _until_free(ledger, allowed, seconds) if recent.count() >= allowed else 0


def check_wrong_codes(mobile: str) -> None:
    """Raise LimitReached when too many wrong codes were given for this mobile today, over all codes and sessions."""
    allowed, seconds = WRONG_CODES_PER_MOBILE
    lock(f"mobile {mobile}")
    recent = Verification.objects.filter(mobile=mobile, created_at__gt=Now() - timedelta(seconds=seconds))
    tried = recent.aggregate(all=Sum("attempts", default=0), right=Count("pk", filter=Q(confirmed_at__isnull=False)))
    if tried["all"] - tried["right"] >= allowed:
        raise LimitReached("wrong-codes", seconds)
