"""OTP challenges that nobody needs any more are deleted, and so is what was counted while Redis was away."""

from datetime import timedelta

from django.db.models import Exists, ForeignObjectRel, OuterRef
from django.db.models.functions import Now

from sms.models import LimitEvent, OtpChallenge

CHALLENGE_LIFETIME = timedelta(hours=48)  # wrong codes count for a day (sms.limits)
EVENT_LIFETIME = timedelta(days=30)  # the longest window of what is counted in Redis, and here while that is away


def purge_all() -> None:
    purge()
    purge_limit_events()


def purge() -> None:
    """Delete challenges of more than 48 hours to which no row refers: who needs one for longer keeps a row about it."""
    old = OtpChallenge.objects.filter(created_at__lt=Now() - CHALLENGE_LIFETIME)
    for relation in OtpChallenge._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            referring = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            old = old.exclude(Exists(referring))
    old.delete()


def purge_limit_events() -> None:
    LimitEvent.objects.filter(at__lt=Now() - EVENT_LIFETIME).delete()
