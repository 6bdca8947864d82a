"""How the work stands: what is due, how long it has waited, when each queue's worker was last reached."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from sms import providers
from sms.leases import LeasedWork
from sms.models import Heartbeat, Message, ProviderState

QUEUES = ("codes", "sms", "work")


def waiting(work: models.QuerySet[LeasedWork] | models.QuerySet[Message]) -> bool:
    """Is there a row due that nobody holds?"""
    return work.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), due_at__lte=Now()).exists()


def beat(queue: str) -> None:
    Heartbeat.objects.update_or_create(queue=queue, defaults={"at": Now()})


def heartbeats() -> dict[str, int | None]:
    """Seconds since each queue's worker was last reached; None: never."""
    age = models.ExpressionWrapper(Now() - F("at"), output_field=models.DurationField())
    seen = dict(Heartbeat.objects.annotate(age=age).values_list("queue", "age"))
    return {queue: round(seen[queue].total_seconds()) if queue in seen else None for queue in QUEUES}


def oldest_waiting_message() -> int | None:
    """Seconds since the message that is longest overdue was due; None when none is."""
    return overdue(Message.objects.filter(state=Message.State.QUEUED))


def overdue(work: models.QuerySet[LeasedWork] | models.QuerySet[Message]) -> int | None:
    """Seconds since the longest due row was due; None when none is."""
    age = models.ExpressionWrapper(Now() - F("due_at"), output_field=models.DurationField())
    late = work.filter(due_at__lte=Now()).annotate(age=age).order_by("due_at").values_list("age", flat=True).first()
    return None if late is None else round(late.total_seconds())


def configuration_problem() -> str | None:
    """What an operator must mend, as "kavenegar: configuration 418: credit too low"; None: nothing."""
    return next((f"{provider}: {reason}" for (provider, _), reason in providers.problems().items()), None)


def messages_blocked() -> bool:
    """Can codes, or other messages, leave by no provider at all before an operator acts?"""
    return providers.blocked()


def credit_level() -> str | None:
    """ "low", "ok", or None where no provider has told yet. The sum itself is nobody's business."""
    credits = ProviderState.objects.filter(credit__isnull=False).values_list("credit", flat=True)
    if not credits:
        return None
    return "low" if any(credit < settings.KAVENEGAR_MIN_CREDIT for credit in credits if credit is not None) else "ok"
