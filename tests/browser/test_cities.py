"""Choosing country and city in Chromium: with the list that the script fetches, without it, and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.models import RegistrationRequest
from registration.pages.places import CITY_GROUPS, COUNTRIES
from tests.browser.forms import fill, list_cities, list_countries, send, to_identity
from tests.registration.wizard.walking import Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NARGES = Citizen(423)
PROVINCE, CITY = "[name=identity-province]", "[name=identity-city]"
FARS = dict(CITY_GROUPS)["فارس"]


def at_identity(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, NARGES)


def chosen(page: Page) -> tuple[str, str]:
    """What the form would send: the province and the city."""
    return page.input_value(PROVINCE), page.input_value(CITY)


def test_the_city_is_chosen_in_one_box_by_keyboard(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    at_identity(page, live_server)
    box, listed = page.get_by_role("combobox", name="شهر"), page.locator("#city-list [role=option]")
    expect(page.locator("[data-plain]")).to_have_count(0)
    expect(page.locator(PROVINCE)).to_be_hidden()
    box.press_sequentially("شي")  # Arabic yeh, as some keyboards write it
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(listed.first).to_contain_text("شی")
    box.press_sequentially("راز")
    expect(listed.first).to_contain_text("شیراز")
    expect(listed.first).to_contain_text("فارس")
    page.keyboard.press("ArrowDown")
    first = listed.first
    expect(first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert chosen(page) == ("", "")
    page.keyboard.press("Enter")
    assert chosen(page) == ("فارس", "شیراز")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("شیراز")
    expect(page.locator("[data-field=city]")).to_have_class("field right")
    page.keyboard.press("Backspace")
    assert chosen(page) == ("", ""), "another text is another city"
    expect(page.locator("[data-field=city]")).to_have_class("field")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(listed.first).to_be_hidden()
    box.fill("تهران")
    box.blur()
    assert chosen(page) == ("تهران", "تهران"), "a name written out is chosen"
    page.reload()
    expect(page.get_by_role("combobox", name="شهر")).to_have_value("تهران")
    assert chosen(page) == ("تهران", "تهران")


def test_what_a_phones_keyboard_composes_is_searched(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    at_identity(page, live_server)
    box = page.get_by_role("combobox", name="شهر")
    expect(box).to_be_visible()
    keyboard = page.context.new_cdp_session(page)
    box.focus()
    for text in ("ش", "شی", "شیرا"):  # a word that is not finished: no key is told, only what stands there
        composition = {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        for _ in range(100):  # Chromium drops it, and says nothing, while the focus has not reached its window yet
            keyboard.send("Input.imeSetComposition", composition)
            if box.input_value() == text:
                break
            page.wait_for_timeout(50)
        expect(box).to_have_value(text)
    option = page.locator("[role=option][data-value='شیراز']")
    expect(option).to_be_visible()
    keyboard.send("Input.insertText", {"text": "شیراز"})
    option.tap() if page.evaluate("'ontouchstart' in window") else option.click()
    assert chosen(page) == ("فارس", "شیراز")
    expect(box).to_be_focused()


def test_the_list_opens_by_its_button_and_says_how_many_there_are(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    at_identity(page, live_server)
    page.get_by_role("button", name="نمایش فهرست شهرها").click()
    expect(page.locator("#city-list [role=option]")).to_have_count(60)
    box = page.get_by_role("combobox", name="شهر")
    expect(box).to_be_focused()
    expect(page.locator("[data-field=city] [role=status]")).to_contain_text("شهر پیدا شد")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#city-list [role=option]").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    box.fill("ناکجاآباد")
    expect(page.locator("[data-field=city] [role=status]")).to_contain_text("پیدا نشد")
    page.keyboard.press("Enter")
    send(page)
    link = page.locator("[data-summary] a", has_text="شهر محل سکونت را انتخاب کنید")
    link.click()
    expect(page.get_by_role("combobox", name="شهر")).to_be_focused()


def test_without_the_list_the_button_of_the_page_does(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/cities*.json", lambda route: route.fulfill(status=404))
    at_identity(page, live_server)
    page.fill("[name=identity-last_name]", NARGES.last_name)
    list_cities(page, "فارس")
    expect(page.locator(f"{CITY} option")).to_have_count(len(FARS) + 1)
    assert page.input_value("[name=identity-last_name]") == NARGES.last_name


def test_without_a_script_the_listed_cities_come_into_view(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360, script=False)
    at_identity(page, live_server)
    fill(page, "identity", {"last_name": NARGES.last_name, "first_name": NARGES.first_name})
    list_cities(page, "فارس")
    expect(page.locator(CITY)).to_be_in_viewport()
    assert page.input_value(PROVINCE) == "فارس"
    assert page.input_value("[name=identity-first_name]") == NARGES.first_name
    send(page)
    expect(page.locator("[data-summary]")).to_be_in_viewport()


def test_without_a_script_enter_sends_the_form(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(script=False)
    at_identity(page, live_server)
    fill(page, "identity", NARGES.identity, script=False)
    with page.expect_navigation():
        page.press("[name=identity-answer_1]", "Enter")
    expect(page).to_have_url(f"{live_server.url}/portal/registration/received/")
    assert RegistrationRequest.objects.get().city == "تهران"


def test_all_countries_come_by_themselves_and_a_reload_keeps_the_chosen_one(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(width=360)
    at_identity(page, live_server)
    country, outside = page.locator("[name=identity-country]"), page.locator("[name=identity-foreign_city]")
    list_countries(page, script=True)
    expect(country.locator("option")).to_have_count(len(COUNTRIES))
    expect(country).to_have_value("IR")
    expect(outside).to_be_hidden()
    country.select_option("JP")
    expect(outside).to_be_visible()
    expect(page.locator(CITY)).to_be_hidden()
    page.reload()
    list_countries(page, script=True)
    expect(country).to_have_value("JP")
    expect(outside).to_be_visible()


def test_without_their_list_or_a_script_a_button_shows_all_countries(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(width=360, script=False)
    at_identity(page, live_server)
    fill(page, "identity", {"last_name": NARGES.last_name, "first_name": NARGES.first_name})
    fill(page, "identity", {"country": "JP", "foreign_city": "توکیو"}, script=False)
    expect(page.locator("[name=identity-country]")).to_be_in_viewport()
    assert page.input_value("[name=identity-last_name]") == NARGES.last_name
    send(page)
    expect(page.locator("[data-summary]")).to_be_in_viewport()
    expect(page.locator("[name=identity-country]")).to_have_value("JP")
