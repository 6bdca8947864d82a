"""Choosing the city in Chromium: with the list that the script fetches, without it, and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.models import RegistrationRequest
from registration.pages.places import CITIES, CITY_GROUPS
from tests.browser.forms import fill, list_cities, send, to_identity
from tests.registration.wizard.walking import Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NARGES = Citizen(423)
PROVINCE, CITY = "[name=identity-province]", "[name=identity-city]"
FARS = dict(CITY_GROUPS)["فارس"]


def at_identity(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, NARGES)


def test_a_script_lists_all_cities_and_the_province_narrows_them(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    at_identity(page, live_server)
    options = page.locator(f"{CITY} option")
    expect(options).to_have_count(len(CITIES) + 1)
    expect(page.locator("[data-plain]")).to_have_count(0)
    page.select_option(PROVINCE, "فارس")
    expect(options).to_have_count(len(FARS) + 1)
    page.select_option(CITY, "شیراز")
    page.select_option(PROVINCE, "گیلان")
    assert page.input_value(CITY) == "", "a city of another province is no choice any more"
    page.fill("#city-filter", "شيراز")
    page.select_option(CITY, "شیراز")
    assert page.input_value(PROVINCE) == "فارس"
    expect(page.locator("[data-field=province]")).to_have_class("field right")
    expect(page.locator("[data-field=city]")).to_have_class("field right")
    page.reload()
    expect(page.locator(CITY)).to_have_value("شیراز")


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
