"""Sign-in where the account does not know the browser: the code after the password, and its wrong turns."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import BrowserSession as Session
from accounts.models import Device, User
from sms.models import Message, OtpChallenge
from sms.otp import codes
from tests.accounts.helpers import (
    LOGIN,
    LOGOUT,
    PASSWORD,
    PASSWORD_PAGE,
    PROFILE,
    WRONG,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
    told_to_wait,
)
from tests.accounts.recovery.recovering import code_on_phone, leads_to, phone, wrong_code
from tests.accounts.sign_in.new_device import CODE, NOTICE, RESEND, first_sign_in, give_code, give_password
from tests.clock import advance
from tests.sms.test_secrets import every_row

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]


def test_the_right_password_alone_opens_nothing(client: Client) -> None:
    user = make_account()
    give_password(client, user)
    assert not signed_in(client)
    assert leads_to(client.post(PROFILE), f"{LOGIN}?next={PROFILE}")
    assert Device.objects.count() == 0


def test_who_has_no_mobile_gets_no_code_and_does_not_come_in(client: Client) -> None:
    """As somebody who was staff, who come in by the app's code alone."""
    user = make_account(mobile="")
    page = client.post(LOGIN, {"national_code": user.national_code, "password": PASSWORD}, follow=True)
    assert "شمارهٔ تلفن همراهی ثبت نشده است" in text(page)
    assert not signed_in(client)
    assert not OtpChallenge.objects.exists()


def test_the_code_page_leads_to_the_sign_in_without_a_password(client: Client) -> None:
    assert leads_to(client.get(CODE), LOGIN)
    assert leads_to(client.post(CODE, {"code": "123456"}), LOGIN)
    assert leads_to(client.post(RESEND), LOGIN)
    sign_in(client, make_account(), WRONG)
    assert leads_to(client.get(CODE), LOGIN)
    assert not OtpChallenge.objects.exists()


def test_the_code_opens_and_the_device_is_known_from_then_on(client: Client, settings: Settings) -> None:
    user = make_account()
    give_password(client, user)
    page = text(client.get(CODE))
    assert "0997***0101" in page
    assert user.local_mobile not in page
    assert leads_to(give_code(client, user), PROFILE)
    assert signed_in(client)
    device = Device.objects.get()
    assert (device.user, device.name) == (user, "Firefox, Linux")
    morsel = client.cookies["device"]
    assert morsel.value not in every_row()
    assert morsel["httponly"]
    assert morsel["samesite"] == "Strict"
    assert morsel["max-age"] == 90 * 86_400
    client.post(LOGOUT)
    assert leads_to(give_password(client, user), PROFILE)
    assert signed_in(client)
    assert len(phone(user)) == 1  # one code, and no notice of the first device


def test_the_page_that_asked_is_reached_through_the_code(client: Client) -> None:
    user = make_account()
    give_password(client, user, next=PASSWORD_PAGE)
    assert leads_to(give_code(client, user), PASSWORD_PAGE)


def test_behind_https_the_cookie_is_bound_to_the_host(client: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    first_sign_in(client, make_account())
    assert client.cookies["__Host-device"]["secure"]
    assert client.cookies["__Host-device"]["path"] == "/"


def test_a_second_device_is_announced(new_client: NewClient) -> None:
    user, home, cafe = make_account(), new_client(), new_client()
    first_sign_in(home, user)
    advance(minutes=3)
    first_sign_in(cafe, user)
    assert phone(user)[2:] == [persian(NOTICE)]
    assert signed_in(home)


def test_wrong_codes_and_a_dead_one(client: Client) -> None:
    user = make_account()
    give_password(client, user)
    for step in range(1, 6):
        response = client.post(CODE, {"code": wrong_code(user, step)})
        assert persian("The code entered is not valid") in text(response)
    assert give_code(client, user).status_code == 200
    assert not signed_in(client)
    # The password again does not bring a fresh code before its time …
    assert leads_to(give_password(client, user), CODE)
    assert persian("The code has not been sent yet") in text(client.get(CODE))
    advance(minutes=3)
    # … and then it brings one.
    assert leads_to(client.post(RESEND), CODE)
    assert leads_to(give_code(client, user), PROFILE)


def test_the_password_twice_sends_one_code(client: Client) -> None:
    user = make_account()
    give_password(client, user)
    assert leads_to(give_password(client, user), CODE)
    assert Message.objects.count() == 1
    assert leads_to(give_code(client, user), PROFILE)


def test_the_code_again(client: Client) -> None:
    user = make_account()
    give_password(client, user)
    assert told_to_wait(client.post(RESEND, follow=True))
    advance(minutes=3)
    assert leads_to(client.post(RESEND), CODE)
    assert len(set(phone(user))) == 1
    advance(minutes=9)
    assert leads_to(client.post(RESEND), CODE)
    assert leads_to(give_code(client, user), PROFILE)


def test_a_code_belongs_to_its_browser_and_its_purpose(new_client: NewClient) -> None:
    user, mine, other = make_account(), new_client(), new_client()
    give_password(mine, user)
    assert leads_to(other.post(CODE, {"code": code_on_phone(user)}), LOGIN)
    challenge = OtpChallenge.objects.get()
    for purpose in ("recovery", "registration", "mobile_change", "desk"):
        code = codes.derive(purpose, bytes(challenge.nonce))
        if code != code_on_phone(user):
            OtpChallenge.objects.update(attempts=0)
            assert mine.post(CODE, {"code": code}).status_code == 200
    assert not signed_in(mine)


def test_a_challenge_is_good_for_one_sign_in(client: Client, settings: Settings) -> None:
    user = make_account()
    give_password(client, user)
    waiting = client.cookies[settings.SESSION_COOKIE_NAME].value
    data = client.session.load()
    code = code_on_phone(user)
    give_code(client, user)
    again = Client()
    again.cookies[settings.SESSION_COOKIE_NAME] = waiting
    assert leads_to(again.post(CODE, {"code": code}), LOGIN)
    session = Client().session  # even if the old session came back, from a backup
    session.update(data)
    session.save()
    again.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    assert leads_to(again.post(CODE, {"code": code}), LOGIN)
    assert not signed_in(again)


@pytest.mark.parametrize("change", ["password", "mobile", "is_active"])
def test_what_changes_meanwhile_ends_the_sign_in(client: Client, change: str) -> None:
    user = make_account()
    give_password(client, user)
    code = code_on_phone(user)
    values = {"password": make_account(2).password, "mobile": "+989970009999", "is_active": False}
    User.objects.filter(pk=user.pk).update(**{change: values[change]})
    assert leads_to(client.post(CODE, {"code": code}), LOGIN)
    assert not signed_in(client)


def test_half_an_hour_is_the_longest_wait(client: Client) -> None:
    user = make_account()
    give_password(client, user)
    advance(minutes=31)
    assert leads_to(client.get(CODE), LOGIN)


def test_the_sessions_hold_no_secret(client: Client) -> None:
    user = make_account()
    give_password(client, user)
    code = code_on_phone(user)
    data = [str(Session.objects.get().get_decoded())]
    give_code(client, user)
    data.append(str(Session.objects.get().get_decoded()))
    for secret in (code, PASSWORD, user.password, user.national_code, user.mobile, client.cookies["device"].value):
        assert not [kept for kept in data if re.search(f"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])", kept)]
