"""What nobody needs any more is deleted: abandoned drafts, proofs that led nowhere, sessions that ended."""

from collections.abc import Collection
from datetime import timedelta

from django.core.management import call_command
from django.db.models.functions import Now

from registration.models import IdentityCheck, RegistrationRequest
from sms.models import OtpChallenge
from sms.outbox import retention as sms_purging

DRAFT_LIFETIME = timedelta(hours=24)
CHALLENGE_LIFETIME = timedelta(hours=48)  # twice the day for which wrong codes count
CHECK_LIFETIME = timedelta(days=30)  # until the provider's bill has been compared


def purge() -> None:
    old_drafts = RegistrationRequest.objects.filter(
        status=RegistrationRequest.Status.DRAFT, created_at__lt=Now() - DRAFT_LIFETIME
    )
    old_drafts.delete()
    old_proofs = OtpChallenge.objects.filter(created_at__lt=Now() - CHALLENGE_LIFETIME, registration_request=None)
    old_proofs.delete()
    IdentityCheck.objects.filter(at__lt=Now() - CHECK_LIFETIME).delete()
    sms_purging.purge(_still_open)
    call_command("clearsessions")


def _still_open(references: Collection[str]) -> list[str]:
    """Of references like "request:12" those whose request a clerk or an inquiry must still settle."""
    open_ones = RegistrationRequest.objects.filter(
        pk__in=[
            int(reference.removeprefix("request:")) for reference in references if reference.startswith("request:")
        ],
        status__in=[RegistrationRequest.Status.SUBMITTED, *RegistrationRequest.OPEN],
    )
    return [f"request:{pk}" for pk in open_ones.values_list("pk", flat=True)]
