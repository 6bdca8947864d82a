"""The budget of the whole portal: when its last places are given out one after the other, and who hears of its half."""

from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from sms.limits import sends, unconfirmed
from sms.limits.ledger import Wanted
from sms.models import Message
from sms.otp import challenge as otp
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, begin, right_code, wrong_code

pytestmark = pytest.mark.django_db

LAST = "the last unconfirmed codes"


def sent(count: int, state: str = "expired") -> None:
    """Codes to as many people from as many networks, which nobody has confirmed."""
    before = Message.objects.count()
    for number in range(before, before + count):
        Message.objects.create(
            recipient=f"+98913{number:07}",
            purpose="registration",
            template="code",
            state=state,
            first_attempt_at=None if state == "cancelled" else Now(),
            send_at=None,
            national_code=national_code(number),
            client_ip=f"10.0.{number}.7",
            client_network=f"10.0.{number}.0",
            unconfirmed=True,
        )


def look(purpose: str = "registration") -> sends.Look:
    return sends.look(Wanted(purpose, "+989120000001", national_code(900)), "192.0.2.1", {})


@pytest.mark.parametrize(
    ("budget", "before", "near"), [(203, 2, False), (203, 3, True), (201, 0, False), (200, 0, True)]
)
def test_the_last_two_hundred_places_are_given_out_one_after_the_other(
    budget: int, before: int, near: bool, settings: Settings
) -> None:
    settings.LIMIT_UNCONFIRMED = [(budget, 300)]
    sent(before)
    assert (LAST in look().locks) is near
    assert LAST not in look("recovery").locks, "not refused by it"


def test_one_of_several_windows_is_enough(settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED = [(2000, 300), (202, 3600)]
    sent(1)
    assert LAST not in look().locks
    sent(1)
    assert LAST in look().locks


def test_what_only_pretends_takes_no_place(settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED = [(3, 300), (2, 3600)]
    sent(2, "cancelled")
    assert unconfirmed.whole_portal() == {(3, 300): 0, (2, 3600): 0}
    sent(2)
    assert unconfirmed.whole_portal() == {(3, 300): 2, (2, 3600): 2}


def test_nobody_counts_further_than_the_largest_limit(settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED = [(3, 300), (2, 3600)]
    sent(5)
    assert unconfirmed.whole_portal() == {(3, 300): 3, (2, 3600): 3}


def test_each_window_that_is_half_full_is_told_once_a_minute(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    moments = iter([0.0, 0.0, 59.9, 60.0, 60.0])
    monkeypatch.setattr(unconfirmed, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    monkeypatch.setattr(unconfirmed, "_warned_at", -60.0)
    settings.LIMIT_UNCONFIRMED = [(9, 300), (13, 3600)]
    sent(4)
    look()
    assert caplog.messages == []
    sent(1)
    for _ in range(3):
        look()
    assert caplog.messages == ["codes that nobody has confirmed: 5 in 300 s, of 9"] * 2


def test_a_confirmed_code_gives_back_its_places_and_those_taken_since_for_just_the_same() -> None:
    begin()  # before the one that is confirmed
    clock.advance(minutes=3)
    challenge = begin()
    begin(mobile="+989120000002")
    clock.advance(minutes=3)
    otp.resend(challenge, CLIENT_IP)
    begin(purpose="reauthentication")
    clock.advance(minutes=3)
    begin(national_code=national_code(2))

    otp.confirm(challenge, wrong_code(challenge))
    assert all(taken())
    otp.confirm(challenge, right_code(challenge))
    assert taken() == [True, False, True, False, True, True]


def taken() -> list[bool]:
    return list(Message.objects.order_by("pk").values_list("unconfirmed", flat=True))
