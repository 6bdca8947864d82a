"""Which group of the identity does not agree with the registry: for who has shown to hold the request's mobile.

Groups, never fields, never what the registry has; of the dead and the unknown nothing at all. Looks are counted, so
that nobody finds a registry's entry by registering again and again (docs/decisions/0039).
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from infra import locks
from infra.limits import LimitReached, returns_limit
from registration.lifecycle import events
from registration.models import RegistrationRequest, RequestEvent
from sms.limits.windows import until_free

Kind = RequestEvent.Kind
DIFFERS = "mismatch"  # of registration.identity.base.Finding
NAMES, BIRTH, CERTIFICATE = "names", "birth", "certificate"
GROUPS: dict[str, tuple[str, ...]] = {
    NAMES: ("first_name", "last_name"),
    BIRTH: ("birth_date", "gender"),
    CERTIFICATE: (
        "certificate_number",
        "certificate_serial",
        "certificate_series_letter",
        "certificate_series_number",
    ),
}


def offered(request: RegistrationRequest) -> bool:
    """Whether its citizen may look."""
    return request.status == RegistrationRequest.Status.MISMATCH


@returns_limit
def look(request: RegistrationRequest, client_ip: str) -> None:
    """Note that the citizen looks. Returns infra.limits.LimitReached when this person's looks of a day are used up."""
    longest = max(seconds for _, seconds in settings.LIMIT_LOOKS)
    with transaction.atomic():
        locks.lock(f"looks {request.national_code}")
        looks = RequestEvent.objects.filter(
            kind=Kind.LOOKED,
            request__national_code=request.national_code,
            at__gt=Now() - timedelta(seconds=longest),
        )
        now = timezone.now()
        ages = [(now - at).total_seconds() for at in looks.values_list("at", flat=True)]
        if wait := until_free(ages, settings.LIMIT_LOOKS):
            raise LimitReached("looks", wait)
        events.note(request, Kind.LOOKED, client_ip=client_ip)


def differing(request: RegistrationRequest) -> list[str]:
    """The names of GROUPS in which something does not agree; none of who is dead or unknown to the registry."""
    if request.identity != RegistrationRequest.Identity.MISMATCH:
        return []
    return [
        group for group, fields in GROUPS.items() if any(request.findings.get(field) == DIFFERS for field in fields)
    ]
