"""The registration without a mouse, on a small phone's width: every stop can be seen, and the keys alone are enough."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.models import RegistrationRequest
from tests.registration.wizard.walking import Citizen, code_on_phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NARGES = Citizen(425)
MOST_STOPS = 60
# Of the element that has the focus: where it can be seen, and that something around it shows the focus.
FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const shown = at.matches('[type=radio]') ? getComputedStyle(at.closest('label')) : style;
  const seen = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return { seen, ringed: shown.outlineStyle !== 'none' || shown.boxShadow !== 'none', what: at.outerHTML.slice(0, 90) };
}"""


def tab_to(page: Page, selector: str) -> None:
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["seen"], focus["what"]
        assert focus["ringed"], focus["what"]
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} was not reached")


def answer(page: Page, name: str, text: str) -> None:
    tab_to(page, f"[name$='-{name}']")
    page.keyboard.type(text)


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_three_steps_by_keys_alone(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(live_server.url)
    tab_to(page, "a.start")
    enter(page)
    answer(page, "national_code", NARGES.contact["national_code"])
    tab_to(page, "[name=contact-operator]")
    answer(page, "mobile", NARGES.contact["mobile"])
    enter(page)
    answer(page, "code", code_on_phone(NARGES))
    enter(page)
    said = NARGES.identity
    for name in ("last_name", "first_name", "certificate_number", "certificate_serial"):
        answer(page, name, said[name])
    tab_to(page, "[name=identity-certificate_series_letter]")
    page.keyboard.press("ArrowDown")
    for name in ("certificate_series_number", "birth_date_day", "birth_date_month", "birth_date_year"):
        answer(page, name, said[name])
    tab_to(page, "[name=identity-gender]")
    page.keyboard.press("Space")
    expect(page.locator("[role=combobox]")).to_be_visible()  # its list is fetched after the page
    tab_to(page, "[role=combobox]")
    page.keyboard.type("شیراز")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    for name in ("email", "password1", "password2"):
        answer(page, name, said[name])
    tab_to(page, "[name=identity-question_1]")
    page.keyboard.press("ArrowDown")
    answer(page, "answer_1", said["answer_1"])
    enter(page)
    expect(page).to_have_url(f"{live_server.url}/portal/registration/received/")
    request = RegistrationRequest.objects.get()
    assert (request.city, request.certificate_series_letter, request.gender) == ("شیراز", "الف", "female")
    tab_to(page, "[data-print]")
