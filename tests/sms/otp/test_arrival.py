"""The page of a code says when its message surely did not arrive, and what did not arrive counts for nothing.

Over HTTP on both sides: a browser's client, and Kavenegar's stand-in.
"""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from infra.limits import LimitReached
from sms.backends.base import DeliveryState
from sms.models import Message, OtpChallenge
from sms.otp import asked
from sms.otp import challenge as otp
from sms.otp.asked import LATER, NOT_REACHED
from sms.outbox import delivery, reports
from tests import clock
from tests.registration.wizard.walking import RESEND, WIZARD, Citizen, contact, persian, text, to_activation
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, begin, refused
from tests.stand_ins import kavenegar
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db

NARGES = Citizen(471)
CALL = "/portal/registration/call/"
NOT_ARRIVED = persian("The text message did not arrive")
NOT_NOW = persian("The text message cannot be sent just now")
SENT_TO = "کد فعال‌سازی ۶ رقمی"


def sent(client: Client) -> str:
    delivery.drain("codes")
    return text(client.get(WIZARD))


@pytest.fixture
def at_the_code(client: Client, account: StandIn) -> Client:
    to_activation(client, NARGES)
    return client


@pytest.mark.parametrize("code", [411, 413, 422, 431])
def test_a_refusal_is_told_with_the_number_another_one_and_a_call(
    at_the_code: Client, account: StandIn, code: int
) -> None:
    assert NOT_ARRIVED not in text(at_the_code.get(WIZARD))
    account.codes.append(code)

    page = sent(at_the_code)

    assert NOT_ARRIVED in page
    assert SENT_TO not in page
    assert f"0{NARGES.mobile[3:]}" in page
    assert "?step=contact" in page
    assert CALL in page
    assert page.index(RESEND) < page.index("data-otp"), "the main thing to do"
    assert 'data-resend="0"' in page, "nothing went out, so nobody waits"
    assert at_the_code.post(CALL).status_code == 302
    delivery.drain("codes")
    assert Message.objects.filter(by_voice=True, state="accepted").count() == 1
    assert NOT_ARRIVED not in text(at_the_code.get(WIZARD))


@pytest.mark.parametrize("state", [kavenegar.FAILED, kavenegar.UNDELIVERED, kavenegar.CANCELLED, kavenegar.BLOCKED])
def test_what_the_operator_swallowed_is_told_as_soon_as_it_is_reported(
    at_the_code: Client, account: StandIn, state: int
) -> None:
    assert NOT_ARRIVED not in sent(at_the_code)
    account.messages[-1].state = state
    clock.advance(minutes=5)
    reports.poll()
    page = text(at_the_code.get(WIZARD))
    assert NOT_ARRIVED in page
    assert CALL in page


def test_a_delivered_code_says_nothing(at_the_code: Client, account: StandIn) -> None:
    sent(at_the_code)
    account.messages[-1].state = kavenegar.DELIVERED
    clock.advance(minutes=5)
    reports.poll()
    assert NOT_ARRIVED not in text(at_the_code.get(WIZARD))


@pytest.mark.parametrize("code", [418, 424, 403, 451])
def test_a_service_that_takes_nothing_is_told_as_such(at_the_code: Client, account: StandIn, code: int) -> None:
    account.codes.append(code)
    page = sent(at_the_code)
    assert NOT_NOW in page
    assert NOT_ARRIVED not in page


def test_where_nobody_reads_codes_out_no_call_is_offered(
    at_the_code: Client, account: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sms.backends.kavenegar.client.Kavenegar.reads_out", False)
    account.codes.append(411)
    page = sent(at_the_code)
    assert NOT_ARRIVED in page
    assert CALL not in page
    at_the_code.post(CALL)
    assert not Message.objects.filter(by_voice=True).exists()


def fail(account: StandIn, challenge: OtpChallenge) -> None:
    account.codes.append(411)
    delivery.drain("codes")
    assert asked.of(challenge).arrival == NOT_REACHED


@pytest.mark.parametrize("purpose", ["registration", "device", "mobile_change", "reauthentication", "request"])
def test_failed_sends_take_no_place_but_the_days_last_bound(account: StandIn, settings: Settings, purpose: str) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(1, 120), (3, 900), (5, 3600), (8, 86_400)]
    challenge = begin(purpose=purpose)
    for _ in range(15):
        fail(account, challenge)
        challenge = otp.resend(challenge, CLIENT_IP)
    fail(account, challenge)
    assert refused(lambda: otp.resend(challenge, CLIENT_IP)).retry_after == 86_400, "sixteen tries a day, all in all"


def test_what_was_swallowed_went_out_so_the_gap_holds(account: StandIn) -> None:
    challenge = begin()
    for _ in range(5):
        delivery.drain("codes")
        reports.record("kavenegar", {str(account.messages[-1].id): DeliveryState.BLOCKED})
        assert asked.of(challenge).resend_after == 120
        clock.advance(minutes=2, seconds=1)
        challenge = otp.resend(challenge, CLIENT_IP)
    assert asked.of(challenge).arrival == ""


def test_codes_that_no_provider_took_in_time_count_for_nothing(account: StandIn) -> None:
    for _ in range(4):
        account.codes.extend([418])
        challenge = begin()
        delivery.drain("codes")
        assert asked.of(challenge).arrival == LATER
        clock.advance(minutes=10, seconds=1)
        assert delivery.expire() == 1
    begin()


def test_a_recovery_tells_nothing_and_counts_as_ever(account: StandIn) -> None:
    """Else a text that fails would tell that there is an account to send it to."""
    challenge = begin(purpose="recovery")
    account.codes.append(411)
    delivery.drain("codes")
    assert Message.objects.get().state == "failed"
    assert asked.of(challenge) == (120, False, "")
    assert refused(lambda: otp.resend(challenge, CLIENT_IP)).retry_after == 120
    clock.advance(minutes=2, seconds=1)
    otp.call(challenge, CLIENT_IP)
    assert not Message.objects.filter(by_voice=True).exists()


@pytest.mark.parametrize(("mobile", "code"), [("+989979999998", NATIONAL_CODE), (MOBILE, "0019990482")])
def test_what_became_of_others_codes_is_not_told(account: StandIn, mobile: str, code: str) -> None:
    challenge = begin(mobile, national_code=code)
    fail(account, challenge)
    assert asked.of(begin()).arrival == ""


def test_an_older_failure_is_not_told_once_another_message_is_under_way(account: StandIn) -> None:
    challenge = begin()
    fail(account, challenge)
    challenge = otp.resend(challenge, CLIENT_IP)
    assert asked.of(challenge) == (120, False, "")


def test_the_limit_by_address_counts_failed_sends_too(account: StandIn, settings: Settings) -> None:
    """It bounds machines, not the person: nobody hammers the provider with numbers that do not exist."""
    settings.LIMIT_UNCONFIRMED_PER_IP = [(3, 300)]
    starts: list[Callable[[], OtpChallenge]] = [lambda n=n: begin(f"+98997000{n:04}") for n in range(4)]  # type: ignore[misc]
    for start in starts[:3]:
        fail(account, start())
    with pytest.raises(LimitReached):
        starts[3]()


def test_in_english_too(client: Client, account: StandIn) -> None:
    contact(client, NARGES)
    account.codes.append(411)
    delivery.drain("codes")
    client.post("/language/", {"language": "en", "next": WIZARD})
    assert "The text message did not arrive" in text(client.get(WIZARD))
