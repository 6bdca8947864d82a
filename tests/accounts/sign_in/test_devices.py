"""Browsers that an account knows: their own allowance, planted and shared cookies, how long they last, their names."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import Device
from accounts.sign_in import devices, gate
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp import codes
from tests.accounts.helpers import (
    LOGIN,
    LOGOUT,
    PASSWORD,
    PROFILE,
    WRONG,
    know_device,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
)
from tests.accounts.recovery.recovering import leads_to, phone
from tests.accounts.sign_in.new_device import CODE, FIREFOX, first_sign_in, give_password
from tests.clock import advance
from tests.people import national_code

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]


def test_who_burns_the_allowance_elsewhere_does_not_lock_a_known_device(new_client: NewClient) -> None:
    user, home, thief = make_account(), new_client(), new_client()
    know_device(home, user)
    for _ in range(5):
        assert sign_in(thief, user.national_code, WRONG).status_code == 200
    assert sign_in(thief, user.national_code, PASSWORD).status_code == 429
    assert sign_in(new_client(), user.national_code, PASSWORD).status_code == 429
    assert leads_to(sign_in(home, user), PROFILE)
    # Nor does the owner's success give the thief new tries.
    assert sign_in(thief, user.national_code, PASSWORD).status_code == 429


def test_not_even_from_the_same_address(client: Client, new_client: NewClient) -> None:
    user = make_account()
    know_device(client, user)
    for n in range(30):
        assert gate.prove(national_code(100 + n), WRONG, "192.0.2.1") is None
    assert sign_in(new_client(), make_account(2), known=False).status_code == 429
    assert leads_to(sign_in(client, user), PROFILE)


def test_a_known_device_has_the_same_allowance_for_itself(client: Client, new_client: NewClient) -> None:
    user = make_account()
    for _ in range(5):
        assert sign_in(client, user, WRONG).status_code == 200
    assert sign_in(client, user).status_code == 429
    assert leads_to(give_password(new_client(), user), CODE)


def test_a_device_of_one_account_is_a_stranger_to_another(client: Client) -> None:
    thief, user = make_account(1), make_account(2)
    know_device(client, thief)
    for _ in range(5):
        sign_in(client, user, WRONG, known=False)
    assert sign_in(client, user, known=False).status_code == 429
    assert leads_to(sign_in(client, thief), PROFILE)


def test_a_planted_cookie_is_replaced(client: Client, new_client: NewClient) -> None:
    user = make_account()
    planted = "planted-by-somebody-who-shared-the-computer"
    client.cookies["device"] = planted
    first_sign_in(client, user)
    assert client.cookies["device"].value != planted
    thief = new_client()
    thief.cookies["device"] = planted
    advance(minutes=3)
    assert leads_to(give_password(thief, user), CODE)


def test_a_household_shares_a_browser(client: Client) -> None:
    mother, son = make_account(1), make_account(2)
    first_sign_in(client, mother)
    first_sign_in(client, son)
    client.post(LOGOUT)
    assert leads_to(give_password(client, mother), PROFILE)
    assert leads_to(give_password(client, son), PROFILE)
    assert len(phone(mother)) == len(phone(son)) == 1


def test_after_ninety_days_without_a_sign_in_a_device_is_forgotten(client: Client) -> None:
    user = make_account()
    first_sign_in(client, user)
    advance(timedelta(days=80))
    assert leads_to(give_password(client, user), PROFILE)
    advance(timedelta(days=89))
    assert leads_to(give_password(client, user), PROFILE)
    advance(timedelta(days=91))
    assert leads_to(give_password(client, user), CODE)


def test_the_eleventh_device_takes_the_place_of_the_oldest() -> None:
    user = make_account()
    request = RequestFactory().get("/")
    made = []
    for _ in range(11):
        with transaction.atomic():
            made.append(devices.remember(user, request)[0].pk)
        advance(seconds=1)
    assert set(Device.objects.values_list("pk", flat=True)) == set(made[1:])


def test_the_session_of_a_device_ends_with_its_row(client: Client) -> None:
    user = make_account()
    first_sign_in(client, user)
    Device.objects.all().delete()
    assert not signed_in(client)
    assert persian("This device was signed out of your account.") in text(client.get(LOGIN))


def test_who_registered_or_recovered_here_just_now_is_not_asked_again(client: Client, new_client: NewClient) -> None:
    user = make_account()
    own, foreign = (
        OtpChallenge.objects.create(
            purpose="registration",
            mobile=mobile,
            national_code=user.national_code,
            nonce=codes.new_nonce(),
            expires_at=timezone.now() + timedelta(minutes=10),
            confirmed_at=timezone.now(),
            attempts=1,
        )
        for mobile in (user.mobile, "+989970009999")
    )
    for challenge, address in ((foreign, CODE), (own, PROFILE)):
        browser = new_client()
        session = browser.session
        devices.keep_challenge(session, challenge)
        session.save()
        assert leads_to(give_password(browser, user), address)
    assert browser.cookies["device"].value
    advance(minutes=31)
    late = new_client()
    session = late.session
    devices.keep_challenge(session, own)
    session.save()
    assert leads_to(give_password(late, user), CODE)


def test_an_unconfirmed_challenge_is_none(client: Client) -> None:
    user = make_account()
    challenge = otp.start(
        purpose="registration", mobile=user.mobile, national_code=user.national_code, client_ip="192.0.2.1"
    )
    session = client.session
    devices.keep_challenge(session, challenge)
    session.save()
    assert not devices.has_confirmed(session, user)


def test_a_session_holds_the_newest_three_and_what_an_older_release_kept_counts_for_nothing(client: Client) -> None:
    session = client.session
    session[devices.CHALLENGES] = [7, 0]
    for pk in (1, 2, 3, 4, 4):
        devices.keep_challenge(session, OtpChallenge(pk=pk))
    assert session[devices.CHALLENGES] == [[2, 0], [3, 0], [4, 0]]
    session.modified = False
    devices.keep_challenge(session, OtpChallenge(pk=3))
    assert not session.modified


def test_a_challenge_counts_with_the_version_it_was_kept_for(client: Client) -> None:
    user = make_account()
    challenge = otp.start(
        purpose="registration", mobile=user.mobile, national_code=user.national_code, client_ip="192.0.2.1"
    )
    otp.confirm(challenge, codes.derive(challenge.purpose, bytes(challenge.nonce)))
    for version, counts in ((user.security_version, True), (user.security_version + 1, False)):
        session = client.session
        session.clear()
        devices.keep_challenge(session, OtpChallenge(pk=challenge.pk + 1), user.security_version)
        devices.keep_challenge(session, challenge, version)
        assert devices.has_confirmed(session, user) is counts


def test_an_account_that_is_not_active_gets_no_code(client: Client) -> None:
    assert give_password(client, make_account(is_active=False)).status_code == 200
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130 Safari/537", "Samsung Internet, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari, macOS"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_the_name_of_a_browser(user_agent: str, name: str) -> None:
    assert devices.browser_name(user_agent) == name
