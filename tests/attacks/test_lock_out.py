"""What strangers spend never uses up what the owner has."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from infra.limits import LimitReached
from registration.identity import check
from registration.models import RegistrationRequest
from sms.models import Message
from sms.otp import challenge as otp
from tests import clock
from tests.accounts import acts
from tests.accounts.helpers import PASSWORD, PROFILE, age_limits, make_account, sign_in
from tests.accounts.recovery.recovering import CODE as RECOVERY_CODE
from tests.accounts.recovery.recovering import begin as begin_recovery
from tests.accounts.recovery.recovering import code_on_phone as phone_of
from tests.accounts.recovery.recovering import make_protected, wrong_code
from tests.people import national_code
from tests.registration.identity.checking import MARYAM, jibit
from tests.registration.rows import make_request
from tests.registration.wizard.walking import CONTACT, IDENTITY, WIZARD, Citizen, contact, open_step, send, to_identity
from tests.sms.otp import challenges
from tests.stand_ins.jibit import Jibit

__all__ = ["jibit"]  # a fixture

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
LOGIN_CODE = "/accounts/login/code/"


def enters_on_a_new_device(browser: Client, user: User) -> bool:
    response = sign_in(browser, user, PASSWORD, known=False)
    assert (response.status_code, response.headers.get("Location")) == (302, LOGIN_CODE)
    browser.post(LOGIN_CODE, {"code": phone_of(user)})
    return bool(browser.get(PROFILE).status_code == 200)


def test_six_foreign_mobiles_do_not_close_the_registration_of_a_national_code(new_client: NewClient) -> None:
    owner, stranger = Citizen(701), new_client()
    for number in range(6):
        answer = contact(stranger, owner, mobile=f"0997000020{number}")
        assert answer.status_code == 302
        clock.advance(minutes=3)

    to_identity(browser := new_client(), owner)

    assert open_step(browser) == IDENTITY


def test_fifteen_wrong_recovery_codes_do_not_refuse_the_right_password_on_a_new_device(new_client: NewClient) -> None:
    user = make_protected(702)
    for _ in range(3):
        stranger = new_client()
        begin_recovery(stranger, user.national_code)
        for step in range(1, 6):
            stranger.post(RECOVERY_CODE, {"code": wrong_code(user, step)})
        clock.advance(minutes=16)

    assert enters_on_a_new_device(new_client(), user)


def test_wrong_codes_of_one_allowance_leave_the_others_alone() -> None:
    for _ in range(3):
        challenge = challenges.begin(purpose="device")
        for step in range(1, 6):
            otp.confirm(challenge, challenges.wrong_code(challenge, step))
        clock.advance(minutes=16)

    for purpose in ("mobile_change", "reauthentication", "registration"):
        challenge = challenges.begin(purpose=purpose)
        assert otp.confirm(challenge, challenges.right_code(challenge)) is otp.CodeOutcome.CONFIRMED
        clock.advance(minutes=3)
    with pytest.raises(LimitReached, match="wrong-codes"):
        challenges.begin(purpose="device")


def test_all_that_strangers_can_send_leaves_the_codes_of_right_passwords_and_sessions() -> None:
    for number in range(20):
        for purpose in ("registration", "recovery"):
            with_somebody = challenges.others(number) | {"mobile": challenges.MOBILE, "purpose": purpose}
            clock.advance(minutes=3)
            try:
                challenges.begin(**with_somebody)
            except LimitReached:
                continue
    assert Message.objects.exclude(state="cancelled").count() == 16

    for purpose in ("device", "mobile_change"):
        clock.advance(minutes=3)
        assert challenges.begin(purpose=purpose).nonce
        assert Message.objects.latest("pk").state == "queued"


def test_a_code_for_a_new_device_waits_for_the_gap_and_no_longer(new_client: NewClient) -> None:
    """A stranger who knows the mobile sends a text just before the owner signs in: the owner is not turned away."""
    user = make_account(703)
    contact(new_client(), Citizen(704), mobile=user.local_mobile)
    browser = new_client()

    assert sign_in(browser, user, known=False).status_code == 302
    phone = phone_of(user)
    assert Message.objects.filter(purpose="device", state="queued").exists()
    clock.advance(seconds=119)
    assert phone_of(user) == phone
    clock.advance(seconds=1)

    browser.post(LOGIN_CODE, {"code": phone_of(user)})
    assert browser.get(PROFILE).status_code == 200


@pytest.mark.parametrize("wrong", [0, 5])
def test_a_stranger_who_asks_for_the_owners_mobile_leaves_the_owners_codes_alone(
    new_client: NewClient, wrong: int
) -> None:
    """With an account of his own: the day's codes of a change, and all wrong ones that it takes."""
    owner, home = make_account(708), new_client()
    for number in range(2):
        sign_in(stranger := new_client(), make_account(709 + number))
        for _ in range(8):
            stranger.post(acts.MOBILE, acts.PROVED | {"mobile": owner.local_mobile})
            for step in range(1, wrong + 1):
                stranger.post(acts.MOBILE_CODE, {"code": wrong_code(national_code(709 + number), step)})
            clock.advance(minutes=61)

    sign_in(home, owner, confirmed=False)
    assert home.post(f"{PROFILE}confirm/send/").headers.get("Location") == f"{PROFILE}confirm/"
    assert home.post(f"{PROFILE}confirm/", {"code": phone_of(owner)}).status_code == 302
    assert home.get(acts.MOBILE).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_person_asked_about_too_often_is_not_blocked(
    client: Client, new_client: NewClient, jibit: Jibit, settings: Settings, drain: Callable[[], int], sms_outbox: Any
) -> None:
    for number in range(5):  # ten questions
        make_request(321, "submitted", **vars(MARYAM) | {"mobile": f"+98997000030{number}"})
        check.drain()
    assert len(jibit.asked) == 10

    request = make_request(321, "submitted", **vars(MARYAM))
    drain()

    request.refresh_from_db()
    assert (request.status, len(jibit.asked)) == ("expired", 10)
    assert list(request.events.values_list("kind", "to_status")) == [("capped", "expired")]
    assert "بررسی ثبت‌نام شما در زمان مقرر ممکن نشد" in sms_outbox[-1].text
    assert sms_outbox[-1].recipient == request.mobile
    answer = contact(client, Citizen(705), national_code=request.national_code)
    assert (answer.status_code, answer.headers.get("Location")) == (302, WIZARD)
    assert RegistrationRequest.objects.filter(national_code=request.national_code, status="draft").exists()


def test_a_stranger_uses_up_no_look_at_ones_own_request(client: Client) -> None:
    request = make_request(1, "submitted")
    answers = {"national_code": request.national_code, "tracking_code": request.tracking_code}
    for _ in range(11):
        assert "در حال بررسی" in client.post("/registration/track/", answers).content.decode()


def test_guesses_elsewhere_leave_a_known_device_alone(new_client: NewClient) -> None:
    user, stranger = make_account(706), new_client()
    for _ in range(20):
        sign_in(stranger, user.national_code, "Wrong12345", address="198.51.100.9")
        age_limits(30)

    assert sign_in(new_client(), user.national_code, address="198.51.100.10").status_code == 429
    assert sign_in(new_client(), user).status_code == 302


def test_a_limit_in_a_flow_keeps_the_page_and_what_was_typed(client: Client, new_client: NewClient) -> None:
    me = Citizen(707)
    contact(client, me)
    answer = contact(new_client(), me)
    page = answer.content.decode()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "120"
    assert "۱۲۰ ثانیه" in page
    assert f'value="{me.national_code}"' in page
    assert f'name="{CONTACT}-mobile"' in page
    assert send(new_client(), CONTACT, {**me.contact, "national_code": national_code(708)}).status_code == 429
