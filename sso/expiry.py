"""When keys end: those of services, as the desk was told, and the portal's own, a year after they began to sign.

Nothing stops on that day. Whoever must make new ones is told WARNED days before: at the desk, by an alarm, and of the
portal's own keys by `check --deploy`.
"""

from datetime import date

from django.db.models import Min
from django.utils import timezone

from sso import keys
from sso.models import Service

WARNED = 30
FAR = float("inf")


def days_to(day: date) -> int:
    return (day - timezone.localdate()).days


def is_near(day: date | None) -> bool:
    """Whether it has come, or comes within WARNED days."""
    return day is not None and days_to(day) <= WARNED


def own() -> date | None:
    """The day on which the first of the keys that sign is to be replaced; None without keys."""
    held = keys.current()
    ends = held.ends if held else None
    return timezone.localdate(ends) if ends else None


def days_left() -> dict[str, float]:
    """Days to the first end, of the portal's own keys and of those of services in use; FAR: none ends."""
    first = Service.objects.filter(state__in=Service.alive()).aggregate(day=Min("keys_end_on"))["day"]
    return {whose: days_to(day) if day else FAR for whose, day in {"portal": own(), "services": first}.items()}
