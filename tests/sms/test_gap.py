"""The gap between two texts to one phone: over all allowances, and kept without a word."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import MOBILE, begin

pytestmark = pytest.mark.django_db

OTHER_NATIONAL_CODE = national_code(2)


def waits(message: Message) -> float:
    """Seconds until a text leaves."""
    assert message.send_at
    return (message.send_at - message.created_at).total_seconds()


def test_texts_of_different_purposes_keep_the_gap_without_a_word() -> None:
    begin(purpose="registration")
    clock.advance(seconds=30)
    for purpose, delay in (("recovery", 90), ("device", 210), ("reauthentication", 330)):
        begin(purpose=purpose)
        assert (waits(Message.objects.latest("pk")), purpose) == (delay, purpose)


def test_a_text_that_leaves_at_this_moment_waits_no_more() -> None:
    begin(purpose="registration")
    begin(purpose="recovery")
    message = Message.objects.latest("pk")
    assert (message.state, waits(message)) == ("queued", 120)


def test_results_make_no_code_wait() -> None:
    Message.objects.create(recipient=MOBILE, purpose="result", template="activated_portal", reference="request:1")
    begin()
    assert waits(Message.objects.latest("pk")) == 0


def test_only_one_text_that_needs_nothing_shown_waits_for_its_turn() -> None:
    begin(purpose="device")
    begin(purpose="recovery")
    clock.advance(seconds=10)

    begin(purpose="registration")
    begin(purpose="recovery", national_code=OTHER_NATIONAL_CODE)

    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == [
        *["queued"] * 2,
        *["cancelled"] * 2,
    ]
    begin(purpose="mobile_change")  # anybody may ask for a code to that mobile
    assert Message.objects.latest("pk").state == "cancelled"
    begin(purpose="reauthentication")
    assert waits(Message.objects.latest("pk")) == 230


def test_the_gap_is_counted_from_when_a_text_left() -> None:
    begin(purpose="device")
    begin(purpose="recovery")
    clock.advance(seconds=121)
    delivery.drain("codes")
    clock.advance(seconds=50)

    begin(purpose="mobile_change")

    assert waits(Message.objects.latest("pk")) == 70


def test_a_text_that_the_provider_did_not_take_makes_nobody_wait() -> None:
    """It waits to be tried again, perhaps for minutes; that is no turn."""
    begin(purpose="device")
    Message.objects.update(last_error="configuration", send_at=Now() + timedelta(minutes=9))
    clock.advance(seconds=121)

    begin(purpose="recovery")

    assert waits(Message.objects.latest("pk")) == 0
