"""The registration in Chromium: with script and without, on a wide screen and on a small phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.models import RegistrationRequest
from tests.browser.forms import fill, send, to_identity
from tests.registration.wizard.walking import PASSWORD, Citizen, code_on_phone, texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Drain = Callable[[], int]
NARGES = Citizen(421)


@pytest.mark.parametrize(("width", "script"), [(1280, True), (360, True), (360, False)])
def test_three_steps_from_the_home_page_to_the_profile(
    live_server: LiveServer, open_page: OpenPage, drain: Drain, width: int, script: bool
) -> None:
    NARGES.enter_registry()
    page = open_page(width=width, script=script)
    page.goto(live_server.url)
    page.click("a.start")
    expect(page.locator("h1")).to_have_text("مشخصات تماس")
    to_identity(page, NARGES)
    fill(page, "identity", NARGES.identity, script=script)
    send(page)
    expect(page).to_have_url(f"{live_server.url}/portal/registration/received/")
    tracking_code = RegistrationRequest.objects.get().tracking_code
    expect(page.locator("main")).to_contain_text(str(tracking_code))

    drain()
    assert "حساب کاربری شما ایجاد گردید" in texts(NARGES)[-1]
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=national_code]", NARGES.national_code)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]:not(.secondary)")
    page.wait_for_load_state()
    if "code" in page.url:  # a device that was not seen before
        page.fill("[name=code]", code_on_phone(NARGES))
        page.click("main form button[type=submit]:not(.secondary) >> nth=0")
        page.wait_for_load_state()
    page.click("text=پروفایل")
    expect(page.locator("h1")).to_have_text("حساب من")


@pytest.mark.parametrize("script", [True, False])
def test_four_steps_with_a_change_from_the_review(live_server: LiveServer, open_page: OpenPage, script: bool) -> None:
    page = open_page(width=360, script=script)
    page.goto(f"{live_server.url}/eservices/registration/")
    to_identity(page, NARGES)
    person = {name: value for name, value in NARGES.identity.items() if name not in ("email", "question_1", "answer_1")}
    fill(page, "identity", {name: value for name, value in person.items() if "password" not in name}, script=script)
    send(page)
    secrets = {"password1": PASSWORD, "password2": PASSWORD, "question_1": "", "question_2": "", "question_3": ""}
    fill(page, "account", secrets | {"answer_1": "آقای نیکوکار", "answer_2": "پروانهٔ آبی", "answer_3": "شیراز و یزد"})
    send(page)
    expect(page.locator("h1")).to_have_text("پیش از ارسال، اطلاعات خود را بازبینی کنید")
    page.click("a:has-text('تغییر سریال')")
    page.fill("[name=identity-certificate_serial]", "۱۲۳۴۵۶")
    send(page)
    expect(page.locator("main")).to_contain_text("123456")
    send(page)
    expect(page).to_have_url(f"{live_server.url}/eservices/registration/received/")


def test_errors_are_listed_focused_and_linked_to_their_fields(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    send(page)
    summary = page.locator("[data-summary]")
    expect(summary).to_be_focused()
    assert page.title().startswith("خطا: ")
    for link in summary.locator("a").all():
        target = page.locator(str(link.get_attribute("href")))
        field = page.locator("[data-field]", has=target)
        assert link.inner_text() in field.inner_text()
        link.click()
        expect(target).to_be_focused()


def test_what_was_typed_stays_but_for_the_passwords(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, NARGES)
    fill(page, "identity", NARGES.identity | {"email": "not an address", "birth_date_day": "۳۱"})
    send(page)
    assert page.input_value("[name=identity-last_name]") == NARGES.last_name
    assert page.input_value("[name=identity-email]") == "not an address"
    assert page.input_value("[name=identity-birth_date_day]") == "۳۱"
    assert page.input_value("[name=identity-city]") == "تهران"
    assert page.input_value("[name=identity-password1]") == ""
    assert not RegistrationRequest.objects.exclude(status="draft").exists()


def test_back_refresh_and_a_second_tab_lose_nothing_and_send_nothing(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/portal/registration/")
    fill(page, "contact", NARGES.contact)
    send(page)
    assert len(texts(NARGES)) == 1
    page.reload()
    page.go_back()
    page.go_forward()
    second = page.context.new_page()
    second.goto(f"{live_server.url}/portal/registration/")
    expect(second.locator("[name=activation-code]")).to_be_visible()
    assert len(texts(NARGES)) == 1
    page.click("text=تغییر شمارهٔ تلفن همراه")
    assert page.input_value("[name=contact-national_code]") == NARGES.national_code


def test_persian_digits_typed_on_a_phone_are_a_code(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    fill(page, "contact", NARGES.contact)
    send(page)
    persian = code_on_phone(NARGES).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    page.locator("[name=activation-code]").focus()
    page.keyboard.insert_text(f" {persian[:3]}-{persian[3:]} ")
    send(page)
    expect(page.locator("[name=identity-last_name]")).to_be_visible()
