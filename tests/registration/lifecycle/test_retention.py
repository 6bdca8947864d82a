"""How long drafts, requests and notes of paid questions are kept, and the messages about a request."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from registration.lifecycle import retention
from registration.models import IdentityCheck, RegistrationRequest, Status
from sms.models import Message
from sms.outbox import retention as messages
from tests import clock
from tests.people import national_code
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db


def test_abandoned_drafts_are_deleted_after_a_day_and_nothing_that_was_submitted() -> None:
    for number, status in enumerate(Status.values, 41):
        make_request(number, status)
    clock.advance(hours=23, minutes=59)
    retention.purge()
    assert RegistrationRequest.objects.count() == len(Status)

    clock.advance(minutes=2)
    young = make_request(60, Status.DRAFT)
    clock.advance(hours=23)
    retention.purge()

    assert RegistrationRequest.objects.get(status=Status.DRAFT) == young
    assert RegistrationRequest.objects.count() == len(Status)


def test_notes_of_paid_questions_are_kept_for_thirty_days() -> None:
    IdentityCheck.objects.create(national_code=national_code(41), provider="jibit", operation="identity", at=Now())
    clock.advance(timedelta(days=29))
    retention.purge()
    assert IdentityCheck.objects.exists()
    clock.advance(timedelta(days=2))

    retention.purge()

    assert not IdentityCheck.objects.exists()


def test_messages_about_a_request_stay_while_somebody_must_settle_it() -> None:
    for number, status in enumerate(Status.values, 41):
        request = make_request(number, status)
        for reference in (f"request:{request.pk}", f"account:{request.pk}"):
            Message.objects.create(
                recipient=request.mobile,
                purpose="notice",
                template="password_changed",
                reference=reference,
                state="failed",
                send_at=None,
            )
    clock.advance(timedelta(days=31))

    messages.purge()

    kept = RegistrationRequest.objects.filter(status__in=[Status.SUBMITTED, Status.BRANCH, Status.MISMATCH])
    assert set(Message.objects.values_list("reference", flat=True)) == {f"request:{row.pk}" for row in kept}
    assert Message.objects.count() == 3
