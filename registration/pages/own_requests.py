"""The requests of a signed-in person, for the profile. Nothing but what the tracking page tells as well."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now

from accounts.models import User
from accounts.profile.history import Entry
from registration.models import RegistrationRequest
from registration.pages.status_words import MEANINGS

SHOWN = 20
LEADS_BACK = timedelta(days=30)  # since the decision


def entries(user: User) -> Iterator[Entry]:
    """The newest ones. Whoever else may have used this national code, no mobile or name of a request is shown."""
    submitted = RegistrationRequest.objects.exclude(status=RegistrationRequest.Status.DRAFT)
    for request in submitted.filter(national_code=user.national_code).order_by("-pk")[:SHOWN]:
        yield Entry(
            number=str(request.tracking_code),
            began_at=request.submitted_at or request.created_at,
            changed_at=request.decided_at,
            state=str(MEANINGS[request.status][0]),
        )


def origin(user: User) -> str:
    """The mark of who has sent the person here for the request that opened the account, not long ago; or nothing."""
    opened = RegistrationRequest.objects.filter(
        national_code=user.national_code,
        status=RegistrationRequest.Status.ACTIVATED,
        decided_at__gt=Now() - LEADS_BACK,
    )
    return opened.order_by("-pk").values_list("came_from", flat=True).first() or ""
