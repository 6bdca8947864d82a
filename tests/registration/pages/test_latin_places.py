"""Places on English pages: in Latin letters, and sent by the names that the lists know."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from registration.models import RegistrationRequest
from registration.pages.places import CITIES, COUNTRY_NAMES, PROVINCES, city_name, country_name, province_name
from tests.registration.wizard.walking import IDENTITY, WIZARD, Citizen, identify, send, to_identity

DATA = Path(settings.BASE_DIR) / "static" / "data"


def test_every_place_has_a_name_in_latin_letters() -> None:
    with translation.override("en"):
        named = [*map(city_name, CITIES), *map(province_name, PROVINCES)]
        countries = [country_name(code) for code in COUNTRY_NAMES]
        assert city_name("شیراز") == "Shiraz"
        assert city_name("ناکجا") == "ناکجا"
        assert country_name("DE") == "Germany"
        assert country_name("??") == "??"
    assert [name for name in named if not re.fullmatch("[A-Z][A-Za-z' ()-]+", name)] == []
    assert [name for name in countries if re.search("[آ-ی]", name)] == []
    with translation.override("fa"):
        assert (city_name("شیراز"), province_name("فارس"), country_name("DE")) == ("شیراز", "فارس", "آلمان")


def test_cities_of_one_name_are_told_apart_by_their_provinces() -> None:
    twins = [city for city in CITIES if city.endswith(")")]
    with translation.override("en"):
        shown = [city_name(city) for city in twins]
    assert len(set(shown)) == len(twins) > 1
    assert all(name.endswith(")") for name in shown)


def test_the_scripts_list_in_english_holds_all_cities() -> None:
    groups = json.loads((DATA / "cities.en.json").read_text("utf-8"))
    with translation.override("en"):
        assert {(value, shown) for _, cities in groups for value, shown in cities} == {
            (city, city_name(city)) for city in CITIES
        }
        assert [shown for (_, shown), _ in groups] == sorted(map(province_name, PROVINCES))


@pytest.mark.django_db
def test_an_english_page_offers_places_in_latin_letters_and_takes_them(client: Client) -> None:
    person = Citizen(480)
    to_identity(client, person)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = client.get(WIZARD).content.decode()
    assert '<option value="DE">Germany<' in html
    assert '<option value="فارس">Fars<' in html
    assert html.index(">Iran<") < html.index(">Australia<") < html.index(">United States<")
    assert "cities.en" in html
    assert "certificate.en" in html
    listed = send(
        client, IDENTITY, {**person.identity, "province": "فارس", "city": ""}, **{"identity-show_cities": "1"}
    )
    assert '<option value="شیراز">Shiraz<' in listed.content.decode()
    assert identify(client, person, city="شیراز").status_code == 302
    assert RegistrationRequest.objects.get().city == "شیراز"
