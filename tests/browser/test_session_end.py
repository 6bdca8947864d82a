"""The warning before a session ends, with the page's clock moved instead of waiting."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.accounts.helpers import LOGIN, PASSWORD, PROFILE, know_device, make_account, persian
from tests.accounts.recovery.recovering import CODE, START, make_protected
from tests.browser.conftest import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MINUTES = persian("To keep you safe, you will be signed out in {n} minutes.")
SOON = persian("To keep you safe, you will be signed out in less than a minute.")


@pytest.fixture
def page(open_page: OpenPage, live_server: LiveServer) -> Page:
    """A page of somebody who has signed in on a known device, which needs no code."""
    user, known = make_account(), Client()
    know_device(known, user)
    page = open_page()
    page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in known.cookies.items()]
    )
    page.clock.install(time="2026-11-21T08:00:00")
    page.clock.pause_at("2026-11-21T08:00:01")  # only `run_for` lets it pass
    page.goto(f"{live_server.url}/accounts/login/?next={PROFILE}")
    page.fill("[name=national_code]", user.national_code)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"**{PROFILE}")
    return page


def test_it_comes_in_time_counts_down_and_goes_when_one_stays(page: Page) -> None:
    dialog = page.locator("dialog")
    page.clock.run_for(12 * 60_000)
    expect(dialog).to_be_hidden()
    page.clock.run_for(60_000)
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(MINUTES.replace("{n}", "۲"))
    page.clock.run_for(75_000)
    expect(dialog).to_contain_text(SOON)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.clock.run_for(12 * 60_000)
    expect(dialog).to_be_hidden()


def test_who_works_in_another_tab_is_not_warned_here(page: Page) -> None:
    dialog = page.locator("dialog")
    page.clock.run_for(13 * 60_000)
    expect(dialog).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    expect(dialog).to_be_hidden()


def test_signing_out_from_the_warning(page: Page, live_server: LiveServer) -> None:
    page.clock.run_for(13 * 60_000)
    page.locator("dialog").get_by_role("button", name=persian("Sign out")).click()
    page.wait_for_url(f"{live_server.url}/")


def test_at_the_end_the_page_asks_the_server(page: Page) -> None:
    page.context.clear_cookies()  # what an ended session is to the server
    with page.expect_navigation(url="**/accounts/login/?next=/accounts/profile/"):
        page.clock.run_for(16 * 60_000)


@pytest.mark.parametrize(("start", "code_page"), [(START, CODE), (LOGIN, f"{LOGIN}code/")], ids=["recovery", "sign-in"])
def test_who_waits_for_a_code_is_warned_and_may_stay(
    open_page: OpenPage, live_server: LiveServer, start: str, code_page: str
) -> None:
    page, user = open_page(width=360), make_protected()
    page.clock.install(time="2026-11-21T08:00:00")
    page.clock.pause_at("2026-11-21T08:00:01")
    page.goto(live_server.url + start)
    page.fill("[name=national_code]", user.national_code)
    if start == LOGIN:
        page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"**{code_page}")
    dialog = page.locator("dialog.ending")
    page.clock.run_for(27 * 60_000)
    expect(dialog).to_be_hidden()
    page.clock.run_for(60_000)
    expect(dialog).to_be_visible()
    text = persian("To keep you safe, this ends in {n} minutes, and you would have to begin again.")
    expect(dialog).to_contain_text(text.replace("{n}", "۲"))
    dialog.get_by_role("button", name=persian("I am staying")).click()
    expect(dialog).to_be_hidden()
    page.clock.run_for(27 * 60_000)
    expect(dialog).to_be_hidden()
    page.context.clear_cookies()  # what an ended one is to the server
    with page.expect_navigation(url=f"**{start}"):
        page.clock.run_for(4 * 60_000)
