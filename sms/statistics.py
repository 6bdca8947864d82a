"""How the work stands: what is due, how long it has waited, when each queue's worker was last reached."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Now

from infra.counting import by_indexes_alone, count_up_to, within
from infra.leases import overdue
from sms.limits import unconfirmed
from sms.models import Heartbeat, Message, OtpChallenge
from sms.outbox import delivery

QUEUES = ("codes", "texts", "work")
CAP = 10_000  # rows; more of a kind are not counted
NEWEST = 20_000  # rows that are looked through for those of the last hour


def beat(queue: str) -> None:
    Heartbeat.objects.update_or_create(queue=queue, defaults={"at": Now()})


FIGURES = "figures"  # the row that says when the days were counted last (registration.figures.recount)


def figures_counted() -> None:
    beat(FIGURES)


def figures_counted_at() -> datetime | None:
    """When the days were counted last; None: never."""
    return Heartbeat.objects.filter(pk=FIGURES).values_list("at", flat=True).first()


def since_figures() -> int | None:
    """Seconds since the days were counted last; None: never."""
    age = models.ExpressionWrapper(Now() - F("at"), output_field=models.DurationField())
    found = Heartbeat.objects.filter(pk=FIGURES).annotate(age=age).values_list("age", flat=True).first()
    return None if found is None else round(found.total_seconds())


def since_beat(beats: Mapping[str, int | None]) -> int | None:
    """Of `heartbeats`: seconds since beat was last heard of, by whichever queue; None: never."""
    return min((age for age in beats.values() if age is not None), default=None)


def heartbeats() -> dict[str, int | None]:
    """Seconds since each queue's worker was last reached; None: never."""
    age = models.ExpressionWrapper(Now() - F("at"), output_field=models.DurationField())
    seen = dict(Heartbeat.objects.annotate(age=age).values_list("queue", "age"))
    return {queue: round(seen[queue].total_seconds()) if queue in seen else None for queue in QUEUES}


def oldest_waiting_message() -> int | None:
    """Seconds since the message that is longest overdue was due, to be sent or asked about; None when none is."""
    return overdue(Message.objects.filter(state__in=[Message.State.QUEUED, Message.State.UNKNOWN]))


def open_messages() -> dict[str, int]:
    """How many messages are not final, by state; CAP + 1 stands for more than CAP."""
    with by_indexes_alone():
        return count_up_to(CAP, {str(state): Message.objects.filter(state=state) for state in Message.MOVES})


def messages_of_the_hour() -> dict[str, int]:
    """State → how many of the last hour's messages are in it, among the NEWEST."""
    fresh = Q(created_at__gt=Now() - timedelta(hours=1))
    counts = {state: Count("pk", filter=fresh & Q(state=state)) for state in Message.State.values}
    return Message.objects.order_by("-pk")[:NEWEST].aggregate(**counts)


def due_by_queue() -> dict[str, int]:
    """Queue → seconds since its longest due message was due; 0: none is."""
    return {queue: overdue(delivery.due(queue)) or 0 for queue in ("codes", "texts")}


def sends_of_the_hour() -> dict[tuple[str, str, str], int]:
    """(provider or "none", "code" or "text", state) → messages of the last hour, among the NEWEST."""
    kind = Case(When(purpose__in=Message.CODES, then=Value("code")), default=Value("text"))
    newest = Message.objects.order_by("-pk").values("pk")[:NEWEST]
    fresh = Message.objects.filter(pk__in=newest, created_at__gt=Now() - timedelta(hours=1))
    counted = fresh.values_list("provider", kind, "state").annotate(count=Count("pk")).order_by()
    return {(provider or "none", of, state): count for provider, of, state, count in counted}


CODE_BUCKETS = (1, 2, 3, 5, 10, 30, 60, 120, 300, 600)


def codes_sent_within() -> tuple[list[tuple[str, int]], float]:
    """Seconds until a provider had each code that was made in the last hour, among the NEWEST messages: how many took
    at most so long, the last one all of them, and their sum."""
    codes = Q(created_at__gt=Now() - timedelta(hours=1), purpose__in=Message.CODES, accepted_at__isnull=False)
    return within(Message.objects.order_by("-pk")[:NEWEST], codes, "created_at", "accepted_at", CODE_BUCKETS)


def codes_of_the_hour() -> dict[str, int]:
    """How many codes have left (or wait to) of the last hour's, among the NEWEST messages, and how many are confirmed.

    Codes that only pretend to be sent do not count.
    """
    codes = Q(created_at__gt=Now() - timedelta(hours=1), purpose__in=Message.CODES) & ~Q(state=Message.State.CANCELLED)
    return Message.objects.order_by("-pk")[:NEWEST].aggregate(
        sent=Count("pk", filter=codes), confirmed=Count("pk", filter=codes & Q(unconfirmed=False))
    )


def confirmed_share(codes: Mapping[str, int]) -> float:
    """Confirmed ÷ sent, of `codes_of_the_hour`; 1 when none was sent. Low: somebody pumps text messages."""
    return codes["confirmed"] / codes["sent"] if codes["sent"] else 1.0


def unconfirmed_codes() -> dict[str, int]:
    """Window of LIMIT_UNCONFIRMED in seconds → codes of the whole portal that nobody has confirmed, up to the limit."""
    counts = unconfirmed.whole_portal()
    return {str(seconds): count for (_, seconds), count in counts.items()}


def unconfirmed_budget() -> dict[str, int]:
    return {str(seconds): allowed for allowed, seconds in settings.LIMIT_UNCONFIRMED}


def challenges_of_the_hour() -> dict[str, int]:
    """How many verifications were started in the last hour, among the NEWEST, and how many of those are confirmed."""
    fresh = Q(created_at__gt=Now() - timedelta(hours=1))
    confirmed = fresh & Q(confirmed_at__isnull=False)
    return OtpChallenge.objects.order_by("-pk")[:NEWEST].aggregate(
        started=Count("pk", filter=fresh), confirmed=Count("pk", filter=confirmed)
    )
