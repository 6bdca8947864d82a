"""What nobody needs any more is deleted: abandoned drafts, proofs that led nowhere, sessions that ended."""

from datetime import timedelta

from django.core.management import call_command
from django.db.models.functions import Now

from registration.models import Inquiry, RegistrationRequest
from sms.models import Verification

DRAFT_LIFETIME = timedelta(hours=24)
PROOF_LIFETIME = timedelta(hours=48)  # twice the day for which wrong codes count
INQUIRY_LIFETIME = timedelta(days=30)  # until the provider's bill has been compared


def purge() -> None:
    old_drafts = RegistrationRequest.objects.filter(
        status=RegistrationRequest.Status.DRAFT, created_at__lt=Now() - DRAFT_LIFETIME
    )
    old_drafts.delete()
    old_proofs = Verification.objects.filter(created_at__lt=Now() - PROOF_LIFETIME, registration_request=None)
    old_proofs.delete()
    Inquiry.objects.filter(at__lt=Now() - INQUIRY_LIFETIME).delete()
    call_command("clearsessions")
