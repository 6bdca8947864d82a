"""A code that is read out by telephone: offered after two repetitions, limited like every code."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from sms.backends.base import Outgoing
from sms.models import Message, OtpChallenge
from sms.otp import asked
from sms.otp import challenge as otp
from sms.outbox import delivery
from tests import clock
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, begin, others, refused, right_code
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> OtpChallenge:
    """Somebody whose three text messages did not come, fifteen minutes after the first."""
    challenge = begin()
    for _ in range(2):
        clock.advance(minutes=3)
        challenge = otp.resend(challenge, CLIENT_IP)
    delivery.drain("codes")
    clock.advance(minutes=10)
    return challenge


def calls() -> list[bool]:
    return list(Message.objects.order_by("pk").values_list("by_voice", flat=True))


def test_third_time_a_call_brings_a_code_that_works(waiting: OtpChallenge, sms_outbox: list[Outgoing]) -> None:
    assert asked.of(waiting).may_call
    sms_outbox.clear()

    challenge = otp.call(waiting, CLIENT_IP)
    delivery.drain("codes")

    assert calls() == [False, False, False, True]
    [called] = sms_outbox
    assert (called.voice, called.code, called.recipient) == (True, right_code(challenge), MOBILE)
    assert otp.confirm(challenge, str(called.code)) is otp.CodeOutcome.CONFIRMED


def test_call_brings_the_code_of_the_text_messages_while_that_lives(settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(1, 120), (8, 86_400)]
    challenge = begin()
    Message.objects.bulk_create([repetition(), repetition()])
    clock.advance(minutes=6)

    assert otp.call(challenge, CLIENT_IP) == challenge
    assert calls() == [False, False, False, True]


def repetition(**changes: str) -> Message:
    values: dict[str, str] = {
        "recipient": MOBILE,
        "purpose": "registration",
        "template": "code",
        "national_code": NATIONAL_CODE,
        **changes,
    }
    return Message(state="cancelled", send_at=None, **values)


def test_call_before_its_time_is_a_text() -> None:
    challenge = begin()
    for expected in ([False, False], [False, False, False]):
        clock.advance(minutes=3)
        challenge = otp.call(challenge, CLIENT_IP)
        assert calls() == expected


def test_calls_are_counted_like_texts(waiting: OtpChallenge) -> None:
    otp.call(waiting, CLIENT_IP)

    limit = refused(lambda: otp.call(waiting, CLIENT_IP))
    assert limit.rule == "sends-per-mobile"
    assert refused(lambda: otp.resend(waiting, CLIENT_IP)).rule == "sends-per-mobile"


def test_call_is_refused_while_three_texts_fill_the_quarter_of_an_hour(waiting: OtpChallenge) -> None:
    Message.objects.update(created_at=Now() - timedelta(minutes=14))
    assert refused(lambda: otp.call(waiting, CLIENT_IP)).rule == "sends-per-mobile"


def test_only_messages_of_the_same_challenge_count() -> None:
    challenge = begin()
    begin(**others(7))
    Message.objects.bulk_create(
        [
            repetition(purpose="recovery"),
            repetition(national_code=others(8)["national_code"]),
            repetition(recipient="+989120000009"),
        ]
    )
    assert not asked.of(challenge).may_call
    Message.objects.bulk_create([repetition(), repetition()])
    assert asked.of(challenge).may_call
    clock.advance(minutes=61)
    assert not asked.of(challenge).may_call


def test_challenge_that_was_given_is_not_called_about(waiting: OtpChallenge) -> None:
    challenge = otp.resend(waiting, CLIENT_IP)
    assert otp.confirm(challenge, right_code(challenge)) is otp.CodeOutcome.CONFIRMED
    clock.advance(minutes=16)

    assert otp.call(challenge, CLIENT_IP) == challenge
    assert calls() == [False] * 4


def test_nobody_is_called_for_a_pretended_challenge() -> None:
    challenge = otp.pretend(purpose="recovery", national_code=NATIONAL_CODE, client_ip=CLIENT_IP)
    for minutes in (3, 3, 10):
        clock.advance(minutes=minutes)
        challenge = otp.call(challenge, CLIENT_IP)

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
