"""A request opened on the tracking page, and codes that did not arrive, as a phone and a desktop show them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Branch
from registration.models import RegistrationRequest, Status
from sms.outbox import delivery
from tests.browser.forms import fill, send
from tests.browser.test_accessibility import assert_accessible
from tests.registration.pages.opening import CODE, PAGE, TRACK, code_of
from tests.registration.rows import make_request
from tests.registration.wizard.walking import Citizen, persian

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
REFUSED = Citizen(1)  # a mobile that the provider of the tests refuses
NOT_ARRIVED = persian("The text message did not arrive")
REGISTER = "/portal/registration/"


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=persian(words), exact=True).click()


def follow(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=persian(words), exact=True).click()


def show_state(page: Page, live_server: LiveServer, request: RegistrationRequest) -> None:
    page.goto(live_server.url + TRACK)
    page.fill("[name=national_code]", request.national_code)
    page.fill("[name=tracking_code]", str(request.tracking_code))
    press(page, "Show the state")


def opens(page: Page, request: RegistrationRequest) -> None:
    press(page, "Send the code")
    page.fill("[name=code]", code_of(request))
    press(page, "Confirm code")
    assert page.url.endswith(PAGE)


@pytest.mark.parametrize("script", [True, False])
def test_withdrawing_on_a_phone(live_server: LiveServer, open_page: OpenPage, script: bool) -> None:
    request, page = make_request(51, Status.SUBMITTED), open_page(width=360, script=script)
    show_state(page, live_server, request)
    opens(page, request)
    follow(page, "Withdraw the request")
    follow(page, "Keep the request")
    follow(page, "Withdraw the request")
    press(page, "Withdraw the request")
    expect(page.locator("main")).to_contain_text(persian("This request was withdrawn at its applicant’s wish"))
    request.refresh_from_db()
    assert request.status == Status.WITHDRAWN
    follow(page, "Register again")
    expect(page.locator("[name=contact-national_code]")).to_be_visible()


def test_every_state_of_an_opened_request_can_be_used_by_everybody(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    Branch.objects.create(code="7", name="شعبهٔ هفت", province="تهران", city="تهران", phone="02112345678")
    findings = {"last_name": "mismatch", "birth_date": "mismatch", "certificate_serial": "mismatch"}
    request = make_request(51, Status.MISMATCH, findings=findings, undelivered=True)
    page = open_page()
    show_state(page, live_server, request)
    assert_accessible(page)
    press(page, "Send the code")
    assert_accessible(page)
    page.fill("[name=code]", "12")
    press(page, "Confirm code")
    assert_accessible(page)
    page.fill("[name=code]", code_of(request))
    press(page, "Confirm code")
    assert_accessible(page)
    press(page, "Show what does not agree")
    expect(page.locator("main")).to_contain_text(persian("Date of birth or gender"))
    assert_accessible(page)
    follow(page, "Withdraw the request")
    assert_accessible(page)
    press(page, "Withdraw the request")
    assert_accessible(page)


def to_the_code(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + REGISTER)
    fill(page, "contact", REFUSED.contact)
    send(page)
    expect(page.locator("[name=activation-code]")).to_be_visible()


def test_the_page_says_by_itself_that_the_message_did_not_arrive(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.clock.install(time="2026-11-21T08:00:00")
    to_the_code(page, live_server)
    expect(page.locator("[data-look]")).to_have_count(0)  # the link is for who has no script
    page.clock.fast_forward(6_000)
    expect(page.get_by_text(NOT_ARRIVED)).to_have_count(0)
    delivery.drain("codes")

    page.clock.fast_forward(10_000)

    expect(page.get_by_role("heading", name=NOT_ARRIVED)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text(NOT_ARRIVED)
    expect(page.locator("[data-sent]")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(f"0{REFUSED.mobile[3:]}")
    expect(page.get_by_role("button", name=persian("Send the code again"))).to_be_visible()
    expect(page.get_by_role("link", name=persian("Change the mobile phone number"))).to_be_visible()
    assert_accessible(page)
    press(page, "Call me and read the code out")
    expect(page.locator("[name=activation-code]")).to_be_visible()


def test_who_is_typing_a_code_is_left_alone(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.clock.install(time="2026-11-21T08:00:00")
    to_the_code(page, live_server)
    page.fill("[name=activation-code]", "123")
    delivery.drain("codes")
    for seconds in (6, 10):  # at the second look what the first one has found would stand on the page
        with page.expect_response(lambda answer: answer.url.endswith(REGISTER)):
            page.clock.fast_forward(seconds * 1000)
    expect(page.locator("[name=activation-code]")).to_have_value("123")
    expect(page.get_by_text(NOT_ARRIVED)).to_have_count(0)


def test_without_a_script_a_link_looks_again(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360, script=False)
    to_the_code(page, live_server)
    delivery.drain("codes")
    follow(page, "See whether the message could be sent")
    expect(page.get_by_role("heading", name=NOT_ARRIVED)).to_be_visible()
    follow(page, "Change the mobile phone number")
    expect(page.locator("[name=contact-mobile]")).to_be_visible()


def test_the_code_of_a_request_that_did_not_arrive(live_server: LiveServer, open_page: OpenPage) -> None:
    request, page = make_request(1, Status.SUBMITTED), open_page()
    show_state(page, live_server, request)
    press(page, "Send the code")
    delivery.drain("codes")
    page.goto(live_server.url + CODE)
    expect(page.get_by_role("heading", name=NOT_ARRIVED)).to_be_visible()
    assert_accessible(page)
