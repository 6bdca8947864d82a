"""The desk's sign-in with the authenticator app, in Chromium: both pages, their errors, and the desk behind them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.accounts.helpers import PASSWORD, make_account
from tests.browser.test_accessibility import assert_accessible
from tests.registration.desk.factor import set_up_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]


def send(page: Page, **answers: str) -> None:
    for name, answer in answers.items():
        page.fill(f"main [name={name}]", answer)
    with page.expect_navigation():
        page.click("main button[type=submit]")


@pytest.mark.parametrize(("width", "script"), [(1280, True), (360, False)])
def test_the_password_and_then_the_code(
    live_server: LiveServer, open_page: OpenPage, settings: Settings, width: int, script: bool
) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    clerk, page = (
        make_account(500, is_staff=True, first_name="مینا", last_name="کارگر"),
        open_page(width=width, script=script),
    )

    def check(page: Page) -> None:
        if script:  # axe is one itself
            assert_accessible(page, dark=False)

    page.goto(f"{live_server.url}/desk/")
    check(page)
    send(page, username=clerk.national_code, password=PASSWORD)
    check(page)
    expect(page.locator("main .errornote")).to_have_count(1)  # no app yet
    shows = set_up_app(clerk)
    send(page, username=clerk.national_code, password=PASSWORD)
    expect(page).to_have_url(f"{live_server.url}/desk/login/code/?next=%2Fdesk%2F")
    check(page)
    send(page, code="12")
    check(page)
    expect(page.locator("main .errorlist")).to_have_count(1)
    send(page, code=shows(0))
    expect(page).to_have_url(f"{live_server.url}/desk/")
    check(page)
