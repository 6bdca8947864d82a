"""What ends challenges: they are used up as a part of another statement, or what they were begun for is over."""

import pytest

from infra import statements
from infra.counting import by_indexes_alone
from infra.statements import Given
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp.challenge import CodeOutcome
from tests import clock
from tests.sms.otp.challenges import MOBILE, NATIONAL_CODE, begin, others, right_code

pytestmark = pytest.mark.django_db


def confirmed(**changes: str) -> OtpChallenge:
    challenge = begin(**changes)
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED
    return challenge


def test_a_statement_that_writes_more_uses_a_confirmed_challenge_up_once() -> None:
    challenge, other = confirmed(), confirmed(**others(2))
    used = statements.only_if(otp.consuming(otp.confirmed(challenge.pk)), "true RETURNING 1")
    answers = [statements.run({"used": used}, f"SELECT {statements.have_rows('used')}") for _ in range(2)]
    assert answers == [(True,), (False,)]
    assert OtpChallenge.objects.get(pk=challenge.pk).consumed_at is not None
    assert OtpChallenge.objects.get(pk=other.pk).consumed_at is None


def test_what_was_begun_for_these_purposes_is_over_for_this_person_alone() -> None:
    """Neither what waits for its code nor what has it; what was used up keeps its moment."""
    used = confirmed(purpose="device", mobile="+989120000011")
    assert otp.consume(used.pk)
    waiting, shown = begin(purpose="device"), confirmed(purpose="device", mobile="+989120000012")
    spared = [(begin(), confirmed(mobile="+989120000013"))]  # another purpose
    spared += [(begin(**others(2), purpose="device"), confirmed(**others(3), purpose="device"))]
    clock.advance(minutes=1)
    moment = OtpChallenge.objects.get(pk=used.pk).consumed_at

    otp.end(NATIONAL_CODE, ["device", "recovery"])

    assert otp.confirm(OtpChallenge.objects.get(pk=waiting.pk), right_code(waiting)) is CodeOutcome.DEAD
    assert not otp.consume(shown.pk)
    assert OtpChallenge.objects.get(pk=used.pk).consumed_at == moment
    for still_waiting, still_shown in spared:
        row = OtpChallenge.objects.get(pk=still_waiting.pk)
        assert otp.confirm(row, right_code(row)) is CodeOutcome.CONFIRMED
        assert otp.consume(still_shown.pk)


def test_what_was_begun_is_found_by_its_index_among_all_that_ever_registered() -> None:
    with by_indexes_alone():
        assert "challenge_person" in otp.begun(NATIONAL_CODE, ["device", "recovery"]).explain()


def test_what_is_in_the_way_is_said_before_any_limit_and_nothing_is_sent() -> None:
    in_the_way = OtpChallenge.objects.filter(
        mobile=Given("mobile"),
        national_code=Given("national_code"),
        purpose=Given("purpose"),
        confirmed_at__isnull=False,
    )
    unless = statements.select(in_the_way.values("pk"))
    first = otp.start(
        purpose="registration", mobile=MOBILE, national_code=NATIONAL_CODE, client_ip="192.0.2.1", unless=unless
    )
    otp.confirm(first, right_code(first))
    with pytest.raises(otp.Hindered):
        otp.start(
            purpose="registration", mobile=MOBILE, national_code=NATIONAL_CODE, client_ip="192.0.2.1", unless=unless
        )
    assert OtpChallenge.objects.get() == first
    assert Message.objects.count() == 1
