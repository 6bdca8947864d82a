"""OTP challenges that nobody needs any more are deleted."""

from datetime import timedelta

from django.db.models import Exists, ForeignObjectRel, OuterRef
from django.db.models.functions import Now

from sms.models import OtpChallenge

CHALLENGE_LIFETIME = timedelta(hours=48)  # wrong codes count for a day (sms.limits)


def purge() -> None:
    """Delete challenges of more than 48 hours to which no row refers: who needs one for longer keeps a row about it."""
    old = OtpChallenge.objects.filter(created_at__lt=Now() - CHALLENGE_LIFETIME)
    for relation in OtpChallenge._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            referring = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            old = old.exclude(Exists(referring))
    old.delete()
