"""Abandoned drafts, old notes of paid questions and old searches of the staff are deleted; requests that were submitted
are kept, and so is what happened to them."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models.functions import Now

from registration.models import DeskSearch, IdentityCheck, RegistrationRequest

DRAFT_LIFETIME = timedelta(hours=24)
CHECK_LIFETIME = timedelta(days=30)  # until the provider's bill has been compared
SEARCH_LIFETIME = timedelta(days=730)  # the database lets nobody delete younger ones: infra.append_only


def purge() -> None:
    old_drafts = RegistrationRequest.objects.filter(
        status=RegistrationRequest.Status.DRAFT, created_at__lt=Now() - DRAFT_LIFETIME
    )
    old_drafts.delete()
    IdentityCheck.objects.filter(at__lt=Now() - CHECK_LIFETIME).delete()
    DeskSearch.objects.filter(at__lt=Now() - SEARCH_LIFETIME).delete()


def still_open(references: Collection[str]) -> list[str]:
    """Of references like "request:12" those whose request a clerk or an identity check must still settle."""
    open_ones = RegistrationRequest.objects.filter(
        pk__in=[
            int(reference.removeprefix("request:")) for reference in references if reference.startswith("request:")
        ],
        status__in=[RegistrationRequest.Status.SUBMITTED, *RegistrationRequest.OPEN],
    )
    return [f"request:{pk}" for pk in open_ones.values_list("pk", flat=True)]
