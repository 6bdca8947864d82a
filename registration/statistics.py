"""How the work of this app stands, for the health page and the metrics."""

from django.conf import settings
from django.db.models import DurationField, ExpressionWrapper, F, Max
from django.db.models.functions import Now

from infra.counting import by_indexes_alone, count_up_to
from infra.leases import overdue
from registration.identity import check
from registration.models import ProviderHealth, RegistrationRequest
from sms.statistics import CAP

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
