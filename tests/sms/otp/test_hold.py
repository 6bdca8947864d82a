"""A code that must wait for the gap is held back, and its page is the same; what lasts longer is told."""

import pytest
from pytest_django import Settings

from infra.limits import LimitReached
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp.challenge import CodeOutcome
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, right_code

pytestmark = pytest.mark.django_db


def hold(reached: LimitReached | None = None, *, mobile: str = MOBILE, client_ip: str = CLIENT_IP) -> OtpChallenge:
    gap = reached or LimitReached("sends-per-mobile", 120)
    return otp.hold(gap, purpose="recovery", mobile=mobile, national_code=NATIONAL_CODE, client_ip=client_ip)


def test_what_is_held_back_leaves_when_it_is_asked_for() -> None:
    held = hold()
    assert held.is_held
    assert not Message.objects.exists()
    row = OtpChallenge.objects.get()
    assert (row.pk, row.purpose, row.mobile, row.national_code) == (held.pk, "recovery", MOBILE, NATIONAL_CODE)

    assert otp.resend(row, CLIENT_IP) == row
    assert bytes(Message.objects.get().code_nonce or b"") == bytes(row.nonce)
    assert otp.confirm(row, right_code(row)) is CodeOutcome.CONFIRMED


def test_for_who_has_no_mobile_here_the_row_is_the_same_and_no_code_is_right() -> None:
    hold(mobile="")
    row = OtpChallenge.objects.get()
    assert (row.purpose, row.national_code, bytes(row.nonce)) == ("recovery", NATIONAL_CODE, b"")
    assert row.mobile == otp.nobodys_mobile(NATIONAL_CODE)


@pytest.mark.parametrize(("rule", "seconds"), [("sends-per-mobile", 121), ("unconfirmed-per-ip", 120)])
def test_a_limit_that_is_more_than_the_gap_is_told(rule: str, seconds: int) -> None:
    reached = LimitReached(rule, seconds)
    with pytest.raises(LimitReached) as told:
        hold(reached)
    assert told.value is reached
    assert not OtpChallenge.objects.exists()


@pytest.mark.parametrize(
    ("setting", "rule", "near", "far"),
    [
        ("LIMIT_UNCONFIRMED_PER_IP", "held-ip", CLIENT_IP, "198.51.100.8"),
        ("LIMIT_UNCONFIRMED_PER_NETWORK", "held-network", "198.51.100.8", "198.51.101.7"),
    ],
)
def test_one_address_holds_only_so_many(setting: str, rule: str, near: str, far: str, settings: Settings) -> None:
    setattr(settings, setting, [(2, 300)])
    hold()
    hold()
    with pytest.raises(LimitReached, match=f"^{rule}$"):
        hold(client_ip=near)
    hold(client_ip=far)
    assert OtpChallenge.objects.count() == 3
