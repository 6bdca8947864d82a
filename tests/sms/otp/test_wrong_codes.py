import pytest
from django.utils import timezone

from infra.limits import LimitReached
from sms.limits import wrong_codes
from sms.limits.ledger import Wanted
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp.challenge import CodeOutcome
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, begin, right_code, wrong_code
from tests.threads import behind, together

pytestmark = pytest.mark.django_db


def attempts(challenge: OtpChallenge) -> int:
    return OtpChallenge.objects.get(pk=challenge.pk).attempts


def use_up_wrong_codes() -> OtpChallenge:
    """Fifteen wrong codes, from three sessions in a row; returns the last challenge."""
    for _ in range(3):
        challenge = begin()
        for step in range(1, 6):
            assert otp.confirm(challenge, wrong_code(challenge, step)) is CodeOutcome.WRONG
        clock.advance(minutes=16)
    return challenge


def test_fifteen_wrong_codes_a_day_stop_every_further_code_for_the_mobile() -> None:
    last = use_up_wrong_codes()

    with pytest.raises(LimitReached) as caught:
        begin()
    assert (caught.value.rule, caught.value.busy) == ("wrong-codes", False)
    with pytest.raises(LimitReached, match="wrong-codes"):
        begin(national_code=national_code(2), client_ip="203.0.113.9")
    with pytest.raises(LimitReached, match="wrong-codes"):
        otp.resend(last, CLIENT_IP)
    assert OtpChallenge.objects.count() == Message.objects.count() == 3
    assert begin(mobile="+989120000002").pk  # nobody else is concerned


def test_right_code_of_another_session_is_refused_after_fifteen_wrong_ones() -> None:
    for _ in range(2):
        dead = begin()
        for step in range(1, 6):
            otp.confirm(dead, wrong_code(dead, step))
        clock.advance(minutes=3)
    third = begin()
    clock.advance(minutes=3, seconds=1)
    Message.objects.all().delete()  # the limit of sends is not the matter here
    fourth = begin(national_code=national_code(2))
    for step in range(1, 6):
        otp.confirm(third, wrong_code(third, step))

    with pytest.raises(LimitReached, match="wrong-codes"):
        otp.confirm(fourth, right_code(fourth))
    assert attempts(fourth) == 0


def test_wrong_codes_are_forgotten_after_a_day_as_announced() -> None:
    use_up_wrong_codes()  # the third challenge began 16 minutes ago; with it gone, there is room for five
    with pytest.raises(LimitReached) as caught:
        begin()

    first_began_ago = 3 * 16 * 60
    assert caught.value.retry_after == 86_400 - first_began_ago
    clock.advance(seconds=caught.value.retry_after)
    assert begin().pk


def test_right_codes_are_not_counted_as_wrong() -> None:
    for number in range(8):
        challenge = begin(national_code=national_code(number))
        otp.confirm(challenge, wrong_code(challenge))
        assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED
        clock.advance(hours=2)

    wanted = Wanted("registration", MOBILE, NATIONAL_CODE)
    assert wrong_codes.check(wanted, wrong_codes.ask(wanted))


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_at_several_codes_of_a_mobile_get_fifteen_together() -> None:
    challenges = []
    for _ in range(4):
        challenges.append(begin())
        Message.objects.all().delete()  # the limit of sends is not the matter here
    guesses = iter([(challenge, step) for step in range(1, 13) for challenge in challenges])

    def guess() -> CodeOutcome:
        challenge, step = next(guesses)
        return otp.confirm(challenge, wrong_code(challenge, step))

    answers = together(guess, 48)

    assert answers.count(CodeOutcome.WRONG) == 15
    assert sum(OtpChallenge.objects.values_list("attempts", flat=True)) == 15
    assert {str(answer) for answer in answers if isinstance(answer, Exception)} == {"wrong-codes"}


@pytest.mark.django_db(transaction=True)
def test_a_try_sees_the_tries_that_are_committed_while_it_waits() -> None:
    """Each sees a ledger with room for one more; the second is asked again after the first is committed."""
    use_up_wrong_codes()
    Message.objects.all().delete()
    last = OtpChallenge.objects.latest("pk")
    OtpChallenge.objects.filter(pk=last.pk).update(attempts=4)
    other = OtpChallenge.objects.create(
        purpose="registration",
        mobile=MOBILE,
        national_code=NATIONAL_CODE,
        nonce=last.nonce,
        expires_at=timezone.now() + otp.CODE_LIFETIME,
    )

    def guess() -> object:
        return otp.confirm(other, right_code(other))

    def wrong() -> None:
        OtpChallenge.objects.filter(pk=last.pk).update(attempts=5)

    with pytest.raises(LimitReached, match="wrong-codes"):
        behind(f"mobile {MOBILE}", guess, wrong)
    assert attempts(other) == 0


def use_up(purpose: str) -> None:
    for _ in range(3):
        begin(purpose=purpose)
        clock.advance(minutes=16)
    OtpChallenge.objects.update(attempts=5)


def test_wrong_codes_of_recoveries_count_for_the_person_at_any_mobile() -> None:
    use_up("recovery")
    with pytest.raises(LimitReached, match="wrong-codes"):
        begin(purpose="recovery", mobile="+989120000002")
    other = begin(purpose="recovery", mobile="+989120000002", national_code=national_code(2))
    assert otp.confirm(other, right_code(other)) is CodeOutcome.CONFIRMED


def test_wrong_codes_of_another_allowance_leave_a_right_one_right() -> None:
    use_up("device")
    challenge = begin()
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED
