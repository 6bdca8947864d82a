import pytest
from django.db.models.functions import Now

from infra.limits import LimitReached
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp.challenge import CodeOutcome
from tests import clock
from tests.sms.otp.challenges import CLIENT_IP, begin, right_code, wrong_code
from tests.threads import behind

pytestmark = pytest.mark.django_db


def attempts(challenge: OtpChallenge) -> int:
    return OtpChallenge.objects.get(pk=challenge.pk).attempts


def test_resend_sends_the_same_code_while_it_lives() -> None:
    challenge = begin()
    otp.confirm(challenge, wrong_code(challenge))
    clock.advance(minutes=3)
    challenge.refresh_from_db()

    again = otp.resend(challenge, CLIENT_IP)

    assert again.pk == challenge.pk
    assert OtpChallenge.objects.count() == 1
    first, second = Message.objects.order_by("pk")
    assert bytes(first.code_nonce or b"") == bytes(second.code_nonce or b"") == bytes(challenge.nonce)
    assert first.expires_at == second.expires_at
    assert first.idempotency_key != second.idempotency_key
    assert attempts(challenge) == 1  # a new message never gives new tries
    assert otp.confirm(again, right_code(challenge)) is CodeOutcome.CONFIRMED


@pytest.mark.parametrize(("minutes", "same"), [(7.9, True), (8.1, False), (10.1, False), (60, False)])
def test_code_that_would_die_on_the_way_is_replaced(minutes: float, same: bool) -> None:
    challenge = begin()
    clock.advance(minutes=minutes)
    challenge.refresh_from_db()

    again = otp.resend(challenge, CLIENT_IP)

    assert (again.pk == challenge.pk) is same
    assert (bytes(again.nonce) == bytes(challenge.nonce)) is same
    assert (again.purpose, again.mobile, again.national_code) == (
        challenge.purpose,
        challenge.mobile,
        challenge.national_code,
    )
    assert otp.confirm(again, right_code(again)) is CodeOutcome.CONFIRMED


def test_code_whose_tries_are_spent_is_replaced() -> None:
    challenge = begin()
    for step in range(1, 6):
        otp.confirm(challenge, wrong_code(challenge, step))
    clock.advance(minutes=3)

    again = otp.resend(challenge, CLIENT_IP)

    assert again.pk != challenge.pk
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.DEAD
    assert otp.confirm(again, right_code(again)) is CodeOutcome.CONFIRMED


def test_resend_keeps_to_the_limits() -> None:
    challenge = begin()

    with pytest.raises(LimitReached) as caught:
        otp.resend(challenge, CLIENT_IP)
    assert caught.value.retry_after == 120
    assert Message.objects.count() == 1


def test_resend_after_the_challenge_was_given_sends_nothing_and_keeps_it() -> None:
    """The button of another tab, pressed while this one confirms, must not take the challenge away."""
    challenge = begin()
    otp.confirm(OtpChallenge.objects.get(), right_code(challenge))
    clock.advance(minutes=3)

    assert otp.resend(challenge, CLIENT_IP).pk == challenge.pk
    assert Message.objects.count() == OtpChallenge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_resend_waits_for_a_code_that_is_just_being_confirmed() -> None:
    challenge = begin()
    clock.advance(minutes=3)

    def confirm() -> None:  # in another tab
        OtpChallenge.objects.update(attempts=1, confirmed_at=Now())

    assert behind(f"mobile {challenge.mobile}", lambda: otp.resend(challenge, CLIENT_IP), confirm) == challenge
    assert Message.objects.count() == 1, "nobody needs a code any more"


@pytest.mark.parametrize("minutes", [0, 3, 12])
def test_what_was_ended_is_not_begun_anew(minutes: float) -> None:
    """Neither while its code lived nor afterwards."""
    challenge = begin(purpose="device")
    clock.advance(minutes=minutes)
    otp.end(challenge.national_code, ["device"])
    clock.advance(minutes=3)

    assert otp.resend(challenge, CLIENT_IP) == challenge
    assert OtpChallenge.objects.count() == Message.objects.count() == 1
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.DEAD
