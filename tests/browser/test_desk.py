"""The decision at the desk, in Chromium: the verdict, the ticks, a correction with errors, and the second person."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.desk import roles
from registration.models import RegistrationRequest, Status
from tests.accounts.helpers import PASSWORD
from tests.browser.forms import press
from tests.browser.test_accessibility import assert_accessible
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST, record
from tests.registration.rows import make_request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
ACTIVATE = 'form[action$="/activate/"]'
BOXES = ("[name=documents][value=passport]", "[name=compared]", "[name=documents_seen]")


def without_code(page: Page) -> None:
    page.click(".no-code > summary")
    page.check("[name=no_code][value=no_signal]")


def at_the_desk(page: Page, address: str, number: int, role: roles.Role, **fields: Any) -> Page:
    user = member(number, role, first_name="مینا", last_name="کارگر", **fields)
    page.goto(address + DESK)
    page.fill("main [name=username]", user.national_code)
    page.fill("main [name=password]", PASSWORD)
    press(page, "main button[type=submit]")
    expect(page).to_have_url(address + DESK)
    return page


def test_one_corrects_two_activate(live_server: LiveServer, open_page: OpenPage) -> None:
    findings = dict.fromkeys(RegistrationRequest.IDENTITY_FIELDS, "match")
    row = make_request(7, Status.MISMATCH, identity="deceased", findings=findings)
    clerk = at_the_desk(open_page(), live_server.url, 700, roles.CLERK)
    clerk.goto(live_server.url + record(row))
    expect(clerk.locator(".verdict")).to_contain_text("فوت کرده است")
    assert_accessible(clerk, dark=False)

    press(clerk, f'a[href="{LIST}{row.pk}/correct/"]')
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=first_name]", "Sara")
    clerk.fill("[name=birth_date_day]", "32")
    press(clerk, ".desk-actions button")
    expect(clerk.locator(".errornote li")).to_have_count(3)
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=first_name]", "ساره")
    clerk.fill("[name=birth_date_day]", "27")
    clerk.check("[name=documents][value=passport]")
    press(clerk, ".desk-actions button")
    expect(clerk.locator("#events")).to_be_visible()
    assert_accessible(clerk, dark=False)

    for box in BOXES:
        clerk.check(f".decision {box}")
    without_code(clerk)
    press(clerk, f"{ACTIVATE} button:not([form])")
    expect(clerk.locator(ACTIVATE)).to_have_count(0)
    assert_accessible(clerk, dark=False)

    supervisor = at_the_desk(open_page(width=390), live_server.url, 701, roles.SUPERVISOR)
    assert_accessible(supervisor, dark=False)
    press(supervisor, ".tile.second")
    press(supervisor, "#result_list th a")
    assert_accessible(supervisor, dark=False)
    for box in BOXES:
        supervisor.check(f".decision {box}")
    without_code(supervisor)
    press(supervisor, f"{ACTIVATE} button:not([form])")
    row.refresh_from_db()
    assert (row.status, row.first_name) == (Status.ACTIVATED, "ساره")


def test_a_result_that_did_not_arrive_is_found_and_taken_off_the_list(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    row = make_request(7, Status.ACTIVATED, undelivered=True)
    clerk = at_the_desk(open_page(width=390), live_server.url, 700, roles.CLERK)
    clerk.goto(f"{live_server.url}{LIST}?status=undelivered")
    assert_accessible(clerk, dark=False)
    press(clerk, "#result_list th a")
    assert_accessible(clerk, dark=False)
    press(clerk, f'form[action="{LIST}{row.pk}/told/"] button')
    expect(clerk.locator("#events")).to_be_visible()
    row.refresh_from_db()
    assert not row.undelivered
