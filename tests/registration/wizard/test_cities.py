"""The cities in the page of the identity: those of one province; and the static list that its script reads."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from registration.models import RegistrationRequest
from registration.pages.places import CITY_GROUPS, PROVINCES, province_of
from registration.wizard.forms import IdentityForm
from tests.drawn_pages import Page
from tests.registration.wizard.listing import assert_nothing_lost_or_judged
from tests.registration.wizard.walking import IDENTITY, WIZARD, Citizen, errors, identify, persian, send, to_identity

pytestmark = pytest.mark.django_db

ME = Citizen(470)
CITIES = {province: [city for city, _ in cities] for province, cities in CITY_GROUPS}
BUTTON = {"identity-show_cities": "1"}


def options(html: str, name: str) -> tuple[list[str], list[str]]:
    """The texts of a select without the first option, and which of them are selected."""
    [inside] = re.findall(f'<select [^>]*name="identity-{name}"[^>]*>(.*?)</select>', html, re.S)
    found = re.findall("<option([^>]*)>([^<]*)", inside)
    return [text for _, text in found[1:]], [text for attributes, text in found[1:] if "selected" in attributes]


def shown(page: Any) -> tuple[list[str], list[str], list[str]]:
    """The chosen province, the cities that can be chosen, and the one that is."""
    html = page.content.decode()
    provinces, province = options(html, "province")
    assert provinces == PROVINCES
    cities, city = options(html, "city")
    return province, cities, city


def test_a_fresh_page_holds_provinces_and_no_city(client: Client) -> None:
    to_identity(client, ME)
    assert shown(client.get(WIZARD)) == ([], [], [])


def test_without_a_script_a_button_lists_the_cities_and_nothing_typed_is_lost_or_judged(client: Client) -> None:
    to_identity(client, ME)
    typed = {**ME.identity, "province": "فارس", "city": "", "email": "not an address", "birth_date_day": "۳۱"}
    page = send(client, IDENTITY, typed, **BUTTON)
    assert_nothing_lost_or_judged(client, page, typed, "answer_1")
    assert shown(page) == (["فارس"], CITIES["فارس"], [])
    assert identify(client, ME, province="فارس", city="شیراز").status_code == 302
    assert RegistrationRequest.objects.get().city == "شیراز"


def test_enter_sends_the_form_and_does_not_list_cities(client: Client) -> None:
    """A browser presses the first button that sends a form."""
    to_identity(client, ME)
    for page in (client.get(WIZARD), send(client, IDENTITY, ME.identity, **BUTTON)):
        drawn = Page(page.content.decode())
        first = next(button for button in drawn.all("button") if button.get("form") == "step")
        assert "name" not in first
        assert "hidden" not in first, "some browsers press only what they draw"


def test_the_button_is_of_the_identity_alone(client: Client) -> None:
    to_identity(client, ME)
    back = send(client, "contact", ME.contact, **BUTTON)
    assert back.status_code == 302


def test_the_city_alone_is_enough_and_tells_the_province(client: Client) -> None:
    to_identity(client, ME)
    page = identify(client, ME, city="شیراز", gender="")
    assert set(errors(page)) == {"gender"}
    assert shown(page) == (["فارس"], CITIES["فارس"], ["شیراز"])
    assert identify(client, ME, city="شیراز").status_code == 302


def test_a_city_of_another_province_is_refused_and_the_right_ones_are_listed(client: Client) -> None:
    to_identity(client, ME)
    page = identify(client, ME, province="فارس", city="تهران")
    assert errors(page) == {"city": [persian("Choose a city of the province that you have chosen")]}
    assert shown(page) == (["فارس"], CITIES["فارس"], [])


def test_a_page_without_province_or_city_asks_for_the_city(client: Client) -> None:
    to_identity(client, ME)
    page = identify(client, ME, city="")
    assert errors(page) == {"city": [persian("Choose the city of residence")]}
    assert shown(page) == ([], [], [])


def test_abroad_no_province_counts(client: Client) -> None:
    to_identity(client, ME)
    abroad = {"country": "DE", "foreign_city": "برلین"}
    assert identify(client, ME, province="ناکجا", city="تهران", **abroad).status_code == 302


def test_every_city_is_listed_with_its_province() -> None:
    for province, cities in CITIES.items():
        html = str(IdentityForm(initial={"city": cities[0]}, prefix=IDENTITY)["city"])
        assert options(html, "city") == (cities, [cities[0]])
        assert {province_of(city) for city in cities} == {province}


def test_the_list_of_the_script_is_that_of_the_form() -> None:
    path = settings.BASE_DIR / "static" / "data" / "cities.json"
    assert dict(json.loads(path.read_text("utf-8"))) == CITIES, "python -m devtools.assets.build_lists"
