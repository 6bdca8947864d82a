"""A branch lets somebody recover who cannot answer: for a day, a recovery's code leads to a new password and questions.

The permit is the event of the desk, `recovery_started`. It is void as soon as what protects the account is changed: by
the recovery that uses it, by the owner, by another errand. Nobody of the staff sees or types a code or a password.
"""

from datetime import timedelta

from django.db.models.functions import Now

from accounts.models import AccountEvent, User

LIFETIME = timedelta(hours=24)
HOURS = LIFETIME // timedelta(hours=1)


def holds(user: User) -> bool:
    """Whether the account may be recovered without answers now."""
    events = AccountEvent.objects.filter(
        account=user.pk,
        kind=AccountEvent.Kind.RECOVERY_STARTED,
        security_version=user.security_version,
        at__gt=Now() - LIFETIME,
    )
    return events.exists()
