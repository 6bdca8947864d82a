"""Signing in at home, in a café, on a stolen password: the devices of an account, read as stories."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Device, User
from tests.accounts.helpers import LOGIN, PASSWORD, PROFILE, WRONG, make_account, persian, sign_in, signed_in, text
from tests.accounts.recovery.recovering import leads_to, phone
from tests.accounts.sign_in.new_device import CODE, NOTICE, first_sign_in
from tests.clock import advance

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def sign_in_with_code(browser: Client, user: User) -> None:
    advance(minutes=16)
    first_sign_in(browser, user, WINDOWS)


def sign_out(browser: Client, device: Device) -> object:
    return browser.post(f"{PROFILE}devices/{device.pk}/sign-out/", {"current_password": PASSWORD})


def test_who_sat_in_a_cafe_signs_it_out_from_home(new_client: NewClient) -> None:
    sara, home, cafe = make_account(), new_client(), new_client()
    sign_in_with_code(home, sara)
    sign_in_with_code(cafe, sara)
    assert phone(sara)[-1] == persian(NOTICE)

    page = text(home.get(PROFILE))
    assert page.count("Chrome, Windows") >= 2
    assert page.count(persian("(this device)")) == 1
    _, in_cafe = Device.objects.order_by("pk")
    assert leads_to(sign_out(home, in_cafe), PROFILE)
    assert not signed_in(cafe)
    assert signed_in(home)

    # There the password alone is not enough any more.
    advance(minutes=16)
    assert leads_to(sign_in(cafe, sara, known=False), CODE)


def test_signing_out_this_very_device_ends_this_session(new_client: NewClient) -> None:
    sara, home = make_account(), new_client()
    sign_in_with_code(home, sara)
    assert leads_to(sign_out(home, Device.objects.get()), LOGIN)
    assert not signed_in(home)
    assert not Device.objects.exists()


def test_nobody_signs_out_the_devices_of_others(new_client: NewClient) -> None:
    sara, reza = make_account(1), make_account(2)
    hers, his = new_client(), new_client()
    sign_in(hers, sara)
    sign_in(his, reza)
    device = Device.objects.get(user=sara)
    assert sign_out(his, device).status_code == 404  # type: ignore[attr-defined]
    assert his.get(f"{PROFILE}devices/{device.pk}/sign-out/").status_code == 404
    assert signed_in(hers)
    stranger = new_client()
    sign_out(stranger, device)
    assert Device.objects.filter(pk=device.pk).exists()


def test_a_stolen_password_opens_nothing_and_the_owner_is_not_locked_out(new_client: NewClient) -> None:
    sara, home, thief = make_account(), new_client(), new_client()
    sign_in_with_code(home, sara)
    advance(minutes=16)
    assert leads_to(sign_in(thief, sara, known=False), CODE)
    for guess in range(5):
        thief.post(CODE, {"code": f"{guess:06}"})
    assert not signed_in(thief)
    for _ in range(6):
        sign_in(thief, sara.national_code, WRONG)
    assert sign_in(thief, sara.national_code).status_code == 429
    assert leads_to(sign_in(home, sara), PROFILE)
    assert signed_in(home)
