"""Who found somebody's browser signed in: the account can be looked at there, but not taken away. Read as stories."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import Device, User
from accounts.sign_in import session_store
from tests.accounts import acts
from tests.accounts.acts import BY_THE_OWNER, Act
from tests.accounts.helpers import (
    LOGIN,
    PASSWORD,
    PASSWORD_PAGE,
    PROFILE,
    WRONG,
    know_device,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
    told_to_wait,
)
from tests.accounts.recovery.recovering import code_on_phone, leads_to, make_protected, phone, wrong_code
from tests.accounts.sign_in import new_device
from tests.clock import advance

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
CONFIRM, SEND = f"{PROFILE}confirm/", f"{PROFILE}confirm/send/"
ALL_OTHERS = f"{PROFILE}sessions/end/"


@pytest.fixture
def sara() -> User:
    return make_protected(email="old@example.com")


@pytest.fixture
def home(new_client: NewClient, sara: User) -> Client:
    """Signed in on a known device, by the password alone."""
    browser = new_client()
    sign_in(browser, sara, confirmed=False)
    return browser


def key_of(browser: Client, settings: Settings) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def pages(user: User) -> list[str]:
    device = Device.objects.filter(user=user).latest("pk")
    own = [PASSWORD_PAGE, acts.QUESTIONS, acts.MOBILE, acts.EMAIL, acts.DATA]
    return [*own, f"{PROFILE}devices/{device.pk}/sign-out/"]


def confirm(browser: Client, user: User) -> Any:
    assert leads_to(browser.post(SEND), CONFIRM)
    return browser.post(CONFIRM, {"code": code_on_phone(user)})


def test_a_session_that_began_without_a_code_changes_and_takes_nothing(home: Client, sara: User) -> None:
    before = User.objects.values().get(pk=sara.pk)
    for page in pages(sara):
        for response in (home.get(page), home.post(page, acts.PROVED | {"mobile": acts.NEW_MOBILE, "email": "a@b.ir"})):
            assert leads_to(response, CONFIRM), page
    assert User.objects.values().get(pk=sara.pk) == before
    assert phone(sara) == []  # to open a page sends nothing
    assert mail.outbox == []


def test_the_code_is_asked_once_and_leads_to_the_page_that_asked(home: Client, sara: User, settings: Settings) -> None:
    home.get(acts.EMAIL)
    assert persian("A code is needed") in text(home.get(CONFIRM))
    assert leads_to(home.post(SEND), CONFIRM)
    assert home.post(CONFIRM, {"code": wrong_code(sara)}).status_code == 200
    assert told_to_wait(home.post(SEND, follow=True))
    advance(minutes=3)
    assert leads_to(home.post(SEND), CONFIRM)
    [first, again] = phone(sara)
    assert first == again
    assert first.startswith(persian("Change in your account: %(code)s Tell it to nobody") % {"code": first[-6:]})
    key = key_of(home, settings)
    assert leads_to(home.post(CONFIRM, {"code": code_on_phone(sara)}), acts.EMAIL)
    assert key_of(home, settings) != key
    for page in pages(sara):
        assert home.get(page).status_code == 200
    assert leads_to(home.get(CONFIRM), PROFILE)
    assert leads_to(home.post(SEND), PROFILE)
    assert len(phone(sara)) == 2


@pytest.mark.parametrize("act", BY_THE_OWNER)
def test_after_the_code_everything_can_be_changed(home: Client, sara: User, act: Act) -> None:
    assert leads_to(confirm(home, sara), PROFILE)
    advance(minutes=3)
    act(home, sara)
    assert signed_in(home)


@pytest.mark.parametrize("act", BY_THE_OWNER)
def test_each_change_gives_the_session_a_new_key(
    new_client: NewClient, sara: User, act: Act, settings: Settings
) -> None:
    home = new_client()
    new_device.first_sign_in(home, sara)
    key = key_of(home, settings)
    act(home, sara)
    assert key_of(home, settings) != key
    replayed = new_client()
    replayed.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not signed_in(replayed)


@pytest.mark.parametrize("act", BY_THE_OWNER)
def test_the_old_addresses_are_told_and_what_to_do(new_client: NewClient, sara: User, act: Act) -> None:
    home = new_client()
    new_device.first_sign_in(home, sara)
    act(home, sara)
    assert "1420" in phone(sara)[-1]
    notice = mail.outbox[-1]
    assert notice.to == ["old@example.com"]
    assert phone(sara)[-1] in notice.body
    assert persian("2. If you can still sign in, change your password. That signs out everybody else.") in notice.body
    assert "http" not in notice.body


def test_mail_that_is_away_stops_no_change(new_client: NewClient, sara: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> int:
        raise ConnectionRefusedError

    home = new_client()
    new_device.first_sign_in(home, sara)
    monkeypatch.setattr("django.core.mail.send_mail", away)
    acts.password(home, sara)
    assert signed_in(home)


def test_the_password_is_asked_where_nothing_is_changed_too(new_client: NewClient, sara: User) -> None:
    home = new_client()
    new_device.first_sign_in(home, sara)
    device = Device.objects.get()
    for page in (acts.DATA, acts.EMAIL, f"{PROFILE}devices/{device.pk}/sign-out/", ALL_OTHERS):
        for password in ("", WRONG):
            response = home.post(page, {"current_password": password, "email": "a@example.com"})
            assert response.status_code == 200
            assert set(response.context["form"].errors) == {"current_password"}
    assert Device.objects.exists()
    assert mail.outbox == []


def test_a_code_of_another_session_is_none_here(home: Client, sara: User, new_client: NewClient) -> None:
    other = new_client()
    sign_in(other, sara, confirmed=False)
    assert leads_to(home.post(SEND), CONFIRM)
    assert persian("Send the code") in text(other.post(CONFIRM, {"code": code_on_phone(sara)}))
    assert leads_to(other.get(acts.DATA), CONFIRM)


def test_own_sessions_are_listed_and_ended_one_by_one(new_client: NewClient, sara: User) -> None:
    home, cafe, work = (new_client() for _ in range(3))
    for browser, agent in ((home, "Firefox/140.0 Linux"), (cafe, "Chrome/140.0 Windows"), (work, "OPR/99 Windows")):
        know_device(browser, sara)
        browser.post(LOGIN, {"national_code": sara.national_code, "password": PASSWORD}, headers={"user-agent": agent})
    page = text(home.get(PROFILE))
    assert page.count(persian("(this browser)")) == 1
    assert "Chrome, Windows" in page
    assert "Opera, Windows" in page
    in_cafe = session_store.hash_of(str(cafe.session.session_key))
    end = f"{PROFILE}sessions/{in_cafe}/end/"
    assert end in page
    assert "Chrome, Windows" in text(home.get(end))
    assert leads_to(home.post(end, acts.PROVED), PROFILE)
    assert [signed_in(browser) for browser in (home, cafe, work)] == [True, False, True]
    assert leads_to(home.post(ALL_OTHERS, acts.PROVED), PROFILE)
    assert [signed_in(browser) for browser in (home, work)] == [True, False]


def test_nobody_ends_the_sessions_of_others(new_client: NewClient, home: Client, sara: User) -> None:
    thief = new_client()
    sign_in(thief, make_account(2))
    hers = session_store.hash_of(str(home.session.session_key))
    assert hers not in text(thief.get(PROFILE))
    thief.post(f"{PROFILE}sessions/{hers}/end/", acts.PROVED)
    thief.post(ALL_OTHERS, acts.PROVED)
    assert signed_in(home)


def test_staff_come_in_at_the_desk_alone(new_client: NewClient, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    for number, mobile in ((1, ""), (2, "+989970000102")):
        clerk, browser = make_account(number, mobile=mobile, is_staff=True), new_client()
        response = sign_in(browser, clerk)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(f"/{settings.ADMIN_PATH}login/?next=%2Faccounts%2Fprofile%2F")
        assert not signed_in(browser)
        browser.force_login(clerk)
        assert not signed_in(browser)


def test_a_citizen_who_becomes_a_clerk_is_signed_out(home: Client, sara: User) -> None:
    User.objects.filter(pk=sara.pk).update(is_staff=True)
    assert not signed_in(home)
    User.objects.filter(pk=sara.pk).update(is_staff=False)
    assert not signed_in(home)
