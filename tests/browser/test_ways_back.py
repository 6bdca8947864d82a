"""What a thumb does on a phone: Back after a corrected mistake, Back after the end, a tap while a tick appears."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from sms.models import OtpChallenge
from tests.browser.forms import fill, send, to_identity
from tests.registration.wizard.walking import Citizen, code_on_phone, wrong_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NARGES = Citizen(424)


def test_back_after_a_corrected_mistake_does_not_ask_to_send_a_form_again(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    fill(page, "contact", NARGES.contact | {"mobile": "0997"})
    send(page)
    expect(page.locator("[data-summary]")).to_be_visible()
    to_identity(page, NARGES)
    for _ in range(3):  # of a page that answers a POST, Chromium shows an error page here
        page.go_back()
        expect(page.locator("[name=identity-last_name]")).to_be_visible()


def test_a_reload_after_a_wrong_code_costs_no_second_try(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    fill(page, "contact", NARGES.contact)
    send(page)
    page.fill("[name=activation-code]", wrong_code(NARGES))
    send(page)
    page.reload()
    expect(page.locator("[name=activation-code]")).to_be_visible()
    assert OtpChallenge.objects.get().attempts == 1
    page.fill("[name=activation-code]", code_on_phone(NARGES))
    send(page)
    expect(page.locator("[name=identity-last_name]")).to_be_visible()


def test_back_after_the_end_leads_to_the_tracking_code(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, NARGES)
    fill(page, "identity", NARGES.identity)
    send(page)
    page.go_back()
    page.click("main a[href$='/received/']")
    expect(page).to_have_url(f"{live_server.url}/portal/registration/received/")


@pytest.mark.parametrize("width", [320, 360])
def test_a_tap_reaches_what_stands_below_a_tick(live_server: LiveServer, open_page: OpenPage, width: int) -> None:
    page = open_page(width=width)
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, NARGES)
    fill(page, "identity", {name: NARGES.identity[name] for name in NARGES.identity if name.startswith("birth")})
    page.click("[name=identity-gender][value=female]")  # leaving the date ticks it
    expect(page.locator("[data-field=birth_date]")).to_contain_class("right")
    expect(page.locator("[name=identity-gender][value=female]")).to_be_checked()
