"""Leaving the page of the identity in every way that a browser has: what was typed stands there again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.models import RegistrationRequest
from tests.accounts.helpers import persian
from tests.browser.forms import fill, send, to_identity
from tests.registration.wizard.walking import ANSWER, PASSWORD, Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NARGES = Citizen(425)
SECRET = {"password1", "password2", "answer_1"}
TYPED = {"last_name": "بهر", "first_name": "نرگس", "birth_date_day": "۳۱", "certificate_number": "صفر", "email": "na"}


def at_identity(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, NARGES)
    fill(page, "identity", {**TYPED, "password1": PASSWORD, "answer_1": ANSWER})


def assert_shown(page: Page) -> None:
    for name, value in TYPED.items():
        expect(page.locator(f"[name=identity-{name}]")).to_have_value(value)
    for name in SECRET:
        expect(page.locator(f"[name=identity-{name}]")).to_have_value("")


def assert_no_secret_rests() -> None:
    typed = str(RegistrationRequest.objects.get().typed)
    assert PASSWORD not in typed
    assert ANSWER not in typed


def test_a_reload_and_back_and_another_tab(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    at_identity(page, live_server)
    page.reload()
    assert_shown(page)
    page.fill("[name=identity-first_name]", "نر")
    page.fill("[name=identity-first_name]", TYPED["first_name"])
    page.goto(f"{live_server.url}/branches/")
    page.go_back()
    assert_shown(page)
    second = page.context.new_page()
    second.goto(f"{live_server.url}/portal/registration/")
    assert_shown(second)
    assert_no_secret_rests()


def test_a_tab_that_the_phone_drops(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    at_identity(page, live_server)
    with page.expect_response(lambda answer: answer.request.method == "POST"):  # its owner looks at a text message
        page.evaluate(
            """Object.defineProperty(document, "hidden", { value: true });
            document.dispatchEvent(new Event("visibilitychange"))"""
        )
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(f"{live_server.url}/portal/registration/")
    assert_shown(again)
    assert_no_secret_rests()


@pytest.mark.parametrize(("width", "script"), [(1280, True), (360, False)])
def test_the_ways_out_of_the_page_keep_it(
    live_server: LiveServer, open_page: OpenPage, width: int, script: bool
) -> None:
    page = open_page(width=width, script=script)
    at_identity(page, live_server)
    with page.expect_navigation():
        page.click(".back button")
    expect(page.locator("[name=contact-national_code]")).to_have_value(NARGES.national_code)
    page.click(f"main a:has-text('{persian('Keep these details and go on with the registration')}')")
    assert_shown(page)
    with page.expect_navigation():
        page.click(".language button")
    expect(page.locator("h1")).to_have_text("Identity and password")
    assert_shown(page)
    assert_no_secret_rests()


def test_what_came_back_with_errors_is_kept_as_well(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    at_identity(page, live_server)
    send(page)
    expect(page.locator("[data-summary]")).to_be_visible()
    page.goto(f"{live_server.url}/branches/")
    page.goto(f"{live_server.url}/portal/registration/")
    assert_shown(page)


def test_the_warning_comes_before_the_form_closes_and_one_may_stay(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(width=360)
    page.clock.install(time="2026-11-21T08:00:00")
    page.clock.pause_at("2026-11-21T08:00:01")
    at_identity(page, live_server)
    dialog = page.locator("dialog")
    page.clock.fast_forward(26 * 60_000)
    expect(dialog).to_be_hidden()
    page.clock.fast_forward(2 * 60_000)
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(persian("Your time is running out"))
    told: list[int] = []
    page.on("response", lambda answer: told.append(answer.status))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("fetch('/health/live').then((answer) => answer.status)") == 200  # after the other's answer
    assert told[0] == 200
    page.clock.fast_forward(26 * 60_000)
    expect(dialog).to_be_hidden()


def test_who_types_is_not_warned(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install(time="2026-11-21T08:00:00")
    page.clock.pause_at("2026-11-21T08:00:01")
    at_identity(page, live_server)
    told: list[str] = []
    page.on("request", lambda sent: told.append(sent.post_data or "") if sent.method == "POST" else None)
    for letter in "abcdef":
        page.clock.fast_forward(2 * 60_000)
        page.fill("[name=identity-email]", letter)
    page.clock.fast_forward(20 * 60_000)
    expect(page.locator("dialog")).to_be_hidden()
    assert len(told) == 3, "at most one in three minutes"
    assert not any(PASSWORD in body for body in told)
