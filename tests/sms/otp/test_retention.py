"""How long OTP challenges are kept."""

import pytest

from accounts.models import RecoveryRun
from infra.limits import LimitReached
from sms.limits import wrong_codes
from sms.limits.ledger import Wanted
from sms.models import OtpChallenge
from sms.otp import retention
from tests import clock
from tests.people import national_code
from tests.registration.rows import make_request
from tests.sms.otp.challenges import MOBILE, NATIONAL_CODE, begin

pytestmark = pytest.mark.django_db


def test_challenges_that_nobody_refers_to_go_after_two_days() -> None:
    begin()
    clock.advance(hours=47, minutes=59)
    retention.purge()
    assert OtpChallenge.objects.exists()
    clock.advance(minutes=2)
    young = begin()

    retention.purge()

    assert OtpChallenge.objects.get() == young


def test_challenges_stay_while_a_row_refers_to_them() -> None:
    draft, recovered = make_request(41, "draft").challenge, begin()
    run = RecoveryRun.objects.create(challenge=recovered)
    begin(mobile="+989120000002", national_code=national_code(2), purpose="device")
    clock.advance(hours=24 * 365)

    retention.purge()

    assert set(OtpChallenge.objects.all()) == {draft, recovered}
    assert RecoveryRun.objects.get() == run
    run.delete()
    retention.purge()
    assert OtpChallenge.objects.get() == draft


def test_wrong_codes_are_kept_for_as_long_as_they_count() -> None:
    allowed, seconds = wrong_codes.WRONG_CODES_PER_MOBILE
    for _ in range(allowed // OtpChallenge.MAX_ATTEMPTS):
        begin()
        clock.advance(minutes=16)
    OtpChallenge.objects.update(attempts=OtpChallenge.MAX_ATTEMPTS)
    clock.advance(seconds=seconds - 3600)

    retention.purge()

    wanted = Wanted("registration", MOBILE, NATIONAL_CODE)
    with pytest.raises(LimitReached):
        wrong_codes.check(wanted, wrong_codes.ask(wanted))
