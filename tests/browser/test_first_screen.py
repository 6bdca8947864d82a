"""What a phone shows first, and what its owner is told of an answer: the form, its steps, its errors."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.forms import fill, send, to_identity
from tests.registration.wizard.walking import Citizen, code_on_phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
SCREEN = 640  # pixels of a small phone below its address bar
LEILA = Citizen(432)


def top(field: Locator) -> float:
    box = field.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("script", [True, False])
def test_each_step_shows_its_first_field_in_the_first_screen(
    live_server: LiveServer, open_page: OpenPage, script: bool
) -> None:
    page = open_page(width=360, script=script)
    page.goto(f"{live_server.url}/portal/registration/")
    notice = page.locator(".notice li").first
    assert top(page.locator("[name=contact-national_code]")) < SCREEN
    expect(notice).to_be_hidden()
    page.click(".notice summary")
    expect(notice).to_be_visible()
    fill(page, "contact", LEILA.contact)
    send(page)
    assert top(page.locator("[name=activation-code]")) < SCREEN
    page.fill("[name=activation-code]", code_on_phone(LEILA))
    send(page)
    assert top(page.locator("[name=identity-last_name]")) < SCREEN


def test_on_a_wide_screen_the_notices_stand_beside_the_form(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=1280)
    page.goto(f"{live_server.url}/portal/registration/")
    notice = page.locator(".notice li").first
    expect(notice).to_be_visible()
    field, words = page.locator("[name=contact-mobile]").bounding_box(), notice.bounding_box()
    assert field
    assert words
    assert words["x"] + words["width"] < field["x"]


def test_the_present_step_is_named_and_the_number_can_be_changed_where_it_is_shown(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    expect(page.locator("[aria-current=step]")).to_have_text("مشخصات تماس")
    fill(page, "contact", LEILA.contact)
    send(page)
    expect(page.locator("[aria-current=step]")).to_have_text("کد فعال‌سازی")
    expect(page.locator("p", has_text=LEILA.contact["mobile"]).get_by_role("link")).to_have_text(
        "تغییر شمارهٔ تلفن همراه"
    )


def test_a_corrected_field_has_no_tick_beside_its_error(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    send(page)
    fill(page, "contact", LEILA.contact)
    page.locator("[name=contact-mobile]").blur()
    wrong = page.locator("[data-field=mobile], [data-field=national_code]")
    expect(wrong).to_have_count(2)
    for field in wrong.all():
        expect(field).to_have_class("field wrong")
    expect(page.locator("[data-field=operator]")).to_have_class("field")


def test_what_must_be_answered_says_so(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, LEILA)
    for label in ("نام خانوادگی", "شمارهٔ شناسنامه", "روز", "شهر محل سکونت", "تکرار گذرواژه", "پاسخ"):
        expect(page.get_by_label(label, exact=True).first).to_have_attribute("aria-required", "true")
    expect(page.get_by_role("radiogroup")).to_have_attribute("aria-required", "true")
    expect(page.get_by_label("نام کاربری (کد ملی)")).to_have_value(LEILA.national_code)
    rules = page.locator("[name=identity-password1]").get_attribute("passwordrules")
    assert rules == "minlength: 8; required: lower; required: upper; required: digit; allowed: [!%$#&];"
