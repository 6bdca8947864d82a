"""A code that is read out by telephone: offered after two repetitions, limited like every code."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from sms.backends.base import Outgoing
from sms.models import Message, Verification
from sms.otp import challenge as otp
from sms.outbox import delivery
from tests import clock
from tests.sms.otp.challenges import MOBILE, SOURCE, SUBJECT, begin, others, refused, right_code
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> Verification:
    """Somebody whose three text messages did not come, fifteen minutes after the first."""
    proof = begin()
    for _ in range(2):
        clock.advance(minutes=3)
        proof = otp.resend(proof, SOURCE)
    delivery.drain("codes")
    clock.advance(minutes=10)
    return proof


def calls() -> list[bool]:
    return list(Message.objects.order_by("pk").values_list("by_voice", flat=True))


def test_third_time_a_call_brings_a_code_that_works(waiting: Verification, sms_outbox: list[Outgoing]) -> None:
    assert otp.sends(waiting) == 3
    sms_outbox.clear()

    proof = otp.call(waiting, SOURCE)
    delivery.drain("codes")

    assert calls() == [False, False, False, True]
    [called] = sms_outbox
    assert (called.voice, called.code, called.recipient) == (True, right_code(proof), MOBILE)
    assert otp.confirm(proof, str(called.code)) is otp.Answer.CONFIRMED


def test_call_brings_the_code_of_the_text_messages_while_that_lives(settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(1, 120), (8, 86_400)]
    proof = begin()
    Message.objects.bulk_create([repetition(), repetition()])
    clock.advance(minutes=6)

    assert otp.call(proof, SOURCE) == proof
    assert calls() == [False, False, False, True]


def repetition(**changes: str) -> Message:
    values: dict[str, str] = {
        "recipient": MOBILE,
        "purpose": "registration",
        "template": "code",
        "subject": SUBJECT,
        **changes,
    }
    return Message(state="cancelled", **values)


def test_call_before_its_time_is_a_text() -> None:
    proof = begin()
    for expected in ([False, False], [False, False, False]):
        clock.advance(minutes=3)
        proof = otp.call(proof, SOURCE)
        assert calls() == expected


def test_calls_are_counted_like_texts(waiting: Verification) -> None:
    otp.call(waiting, SOURCE)

    assert otp.sends(waiting) == 4
    limit = refused(lambda: otp.call(waiting, SOURCE))
    assert limit.rule == "sends-per-mobile"
    assert refused(lambda: otp.resend(waiting, SOURCE)).rule == "sends-per-mobile"


def test_call_is_refused_while_three_texts_fill_the_quarter_of_an_hour(waiting: Verification) -> None:
    Message.objects.update(created_at=Now() - timedelta(minutes=14))
    assert refused(lambda: otp.call(waiting, SOURCE)).rule == "sends-per-mobile"


def test_only_messages_of_the_same_proof_count() -> None:
    proof = begin()
    begin(**others(7))
    Message.objects.bulk_create(
        [
            repetition(purpose="recovery"),
            repetition(subject=others(8)["subject"]),
            repetition(recipient="+989120000009"),
        ]
    )
    assert otp.sends(proof) == 1
    clock.advance(minutes=61)
    assert otp.sends(proof) == 0


def test_proof_that_was_given_is_not_called_about(waiting: Verification) -> None:
    proof = otp.resend(waiting, SOURCE)
    assert otp.confirm(proof, right_code(proof)) is otp.Answer.CONFIRMED
    clock.advance(minutes=16)

    assert otp.call(proof, SOURCE) == proof
    assert calls() == [False] * 4


def test_nobody_is_called_for_a_pretended_proof() -> None:
    proof = otp.pretend(purpose="recovery", subject=SUBJECT, source=SOURCE)
    for minutes in (3, 3, 10):
        clock.advance(minutes=minutes)
        proof = otp.call(proof, SOURCE)

    assert calls() == [False, False, False, True], "in rows it looks like any other"
    assert delivery.drain("codes") == 0


def test_provider_reads_the_code_out(account: StandIn) -> None:
    begin()
    Message.objects.update(by_voice=True)
    delivery.drain("codes")

    assert account.received[0].form["type"] == "call"
    assert account.messages[0].channel == "lookup"


def test_number_that_cannot_be_called_fails_alone(account: StandIn) -> None:
    account.codes.append(428)
    begin()
    Message.objects.update(by_voice=True)
    delivery.drain("codes")

    assert Message.objects.get().state == "failed"
