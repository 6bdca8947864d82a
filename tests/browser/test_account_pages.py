"""The account's pages in Chromium: the recovery from end to end, with and without a script, and axe on every state."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Device
from tests.accounts.helpers import NEW_PASSWORD, PROFILE
from tests.accounts.recovery.recovering import ANSWERS, NEW, RIGHT, WRONG_ANSWERS, code_on_phone, make_protected
from tests.browser.test_accessibility import assert_accessible
from tests.clock import advance

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]


def send(page: Page, **answers: str) -> None:
    for name, answer in answers.items():
        page.fill(f"[name={name}]", answer)
    with page.expect_navigation():
        page.click("main form:not([action]) button[type=submit]")


def give_answers(page: Page, answers: tuple[str, ...]) -> None:
    send(page, **{f"answer_{number}": answer for number, answer in enumerate(answers, 1)})


@pytest.mark.parametrize(("width", "script"), [(320, False), (1280, True)])
def test_the_recovery_and_the_sign_in_after_it(
    live_server: LiveServer, open_page: OpenPage, width: int, script: bool
) -> None:
    sara, page = make_protected(), open_page(width=width, script=script)
    check = assert_accessible if script else lambda _: None  # axe is a script itself
    page.goto(f"{live_server.url}/accounts/login/")
    page.click("a[href='/accounts/recover/']")
    send(page)
    check(page)
    send(page, national_code=sara.national_code)
    check(page)
    send(page, code="12")
    check(page)
    send(page, code=code_on_phone(sara))
    check(page)
    give_answers(page, WRONG_ANSWERS)
    check(page)
    expect(page).to_have_url(f"{live_server.url}{ANSWERS}")
    give_answers(page, RIGHT)
    expect(page).to_have_url(f"{live_server.url}{NEW}")
    send(page, password1="short", password2="other")
    check(page)
    send(page, password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    check(page)
    page.click("main a.button")
    send(page, national_code=sara.national_code, password=NEW_PASSWORD)
    expect(page).to_have_url(f"{live_server.url}{PROFILE}")
    assert Device.objects.get().user == sara


def test_the_code_of_a_new_device_and_the_pages_of_the_profile(live_server: LiveServer, open_page: OpenPage) -> None:
    sara, page = make_protected(), open_page()
    page.goto(f"{live_server.url}/accounts/login/")
    send(page, national_code=sara.national_code, password="Zangule21")
    assert_accessible(page)
    send(page, code=code_on_phone(sara))
    assert_accessible(page)
    for name in ("password", "questions", "mobile", "email"):
        page.goto(f"{live_server.url}{PROFILE}{name}/")
        assert_accessible(page)
        send(page)
        assert_accessible(page)
    advance(minutes=3)
    page.goto(f"{live_server.url}{PROFILE}mobile/")
    send(page, current_password="Zangule21", mobile="09970077777")
    assert_accessible(page)
