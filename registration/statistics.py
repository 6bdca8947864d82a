"""How the work of this app stands, for the health page and the metrics."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q
from django.db.models.functions import Now

from infra.counting import by_indexes_alone, count_up_to, within
from infra.leases import overdue
from registration.identity import check
from registration.models import IdentityCheck, ProviderHealth, RegistrationRequest
from sms.statistics import CAP, NEWEST

Status = RegistrationRequest.Status


def oldest_waiting_request() -> int | None:
    """Seconds since the request that is longest overdue for its inquiry was due; None when none is."""
    return overdue(check.due())


def requests_by_status() -> dict[str, int]:
    """CAP + 1 stands for more than CAP."""
    with by_indexes_alone():
        return count_up_to(CAP, {status.value: RegistrationRequest.objects.filter(status=status) for status in Status})


def oldest_undecided() -> int | None:
    """Seconds since the request that waits longest for its decision was submitted; None when none waits.

    Looks at the CAP requests that were begun first: one that was submitted much later than begun must not hide others.
    """
    age = ExpressionWrapper(Now() - F("submitted_at"), output_field=DurationField())
    undecided = RegistrationRequest.objects.filter(status=Status.SUBMITTED).annotate(age=age).order_by("pk")
    longest = undecided[:CAP].aggregate(longest=Max("age"))["longest"]
    return None if longest is None else round(longest.total_seconds())


def open_breakers() -> dict[str, bool]:
    """Identity service → is it left alone, because it does not answer? The one in use is always there."""
    known = {} if settings.IDENTITY_BACKEND == "reference" else {settings.IDENTITY_BACKEND: False}
    rows = ProviderHealth.objects.order_by("pk").values_list("provider", "open_until")
    return known | {provider: open_until is not None for provider, open_until in rows}


def inquiries_of_the_hour() -> dict[tuple[str, str, str], int]:
    """(provider, operation, outcome) → questions of the last hour that cost money, among the NEWEST; outcome "open": no
    answer yet, or its worker died."""
    newest = IdentityCheck.objects.order_by("-pk").values("pk")[:NEWEST]
    fresh = IdentityCheck.objects.filter(pk__in=newest, at__gt=Now() - timedelta(hours=1))
    counted = fresh.values_list("provider", "operation", "outcome").annotate(count=Count("pk")).order_by()
    return {
        (provider, operation, outcome.replace(" ", "_") or "open"): count
        for provider, operation, outcome, count in counted
    }


DECISION_BUCKETS = (10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 172_800)


def decided_within() -> tuple[list[tuple[str, int]], float]:
    """Seconds from submission to decision of what was decided in the last hour, among the NEWEST requests; as
    infra.counting.within gives them."""
    decided = Q(decided_at__gt=Now() - timedelta(hours=1), submitted_at__isnull=False)
    rows = RegistrationRequest.objects.order_by("-pk")[:NEWEST]
    return within(rows, decided, "submitted_at", "decided_at", DECISION_BUCKETS)
