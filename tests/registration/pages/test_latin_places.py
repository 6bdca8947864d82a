"""Places on English pages: in Latin letters, and sent by the names that the lists know."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.models import Branch
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


@pytest.mark.django_db
def test_english_pages_of_branches_name_places_in_latin_letters(client: Client) -> None:
    Branch.objects.create(
        code="7", name="شعبهٔ هفت", province="فارس", city="شیراز", address="خیابان زند", hours="۸ تا ۱۴"
    )
    Branch.objects.create(code="8", name="شعبهٔ هشت", province="استان نو", city="شهر نو")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    html = client.get("/branches/", {"province": "فارس"}).content.decode()
    assert '<option value="فارس" selected>Fars</option>' in html
    assert '<option value="استان نو">استان نو</option>' in html
    assert '<option value="شیراز">Shiraz</option>' in html
    assert "<bdi>Shiraz</bdi>, <bdi>خیابان زند</bdi>" in html
    assert "<strong><bdi>شعبهٔ هفت</bdi></strong>" in html
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fa"
    html = client.get("/branches/", {"province": "فارس"}).content.decode()
    assert "<bdi>شیراز</bdi>، <bdi>خیابان زند</bdi>" in html
