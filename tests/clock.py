"""Time travel for tests: the rows grow older, the database's clock stays the only clock and nobody waits.

What Redis counts (infra.throttle) and what sessions keep as Unix seconds does not move; `time_machine` moves the
clock of this process for those.
"""

from datetime import timedelta

from django.apps import apps
from django.db.models import DateTimeField, F

OURS = ("sms", "registration", "accounts")


def advance(time: timedelta | None = None, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
    """Let time pass: every moment in our rows (due, expired, created, leased until, …) moves into the past by it."""
    passed = (time or timedelta()) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            moments = [field.name for field in model._meta.concrete_fields if isinstance(field, DateTimeField)]
            if moments:
                model._base_manager.update(**{name: F(name) - passed for name in moments})
