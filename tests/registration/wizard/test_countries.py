"""The countries in the page of the identity: the usual ones, the chosen one, or all; and the list of its script."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from registration.models import RegistrationRequest
from registration.pages.places import COUNTRIES, COUNTRIES_IN_LATIN, COUNTRY_NAMES, USUAL_COUNTRIES, country_name
from tests.registration.wizard.listing import assert_nothing_lost_or_judged
from tests.registration.wizard.walking import IDENTITY, WIZARD, Citizen, errors, identify, persian, send, to_identity

pytestmark = pytest.mark.django_db

ME = Citizen(473)
BUTTON = {"identity-show_countries": "1"}
ABROAD = {"country": "JP", "province": "", "city": "", "foreign_city": "توکیو"}
USUAL = [code for code, _ in COUNTRIES if code in USUAL_COUNTRIES]


def shown(page: Any) -> tuple[list[str], str]:
    """The countries that can be chosen, by their codes, and the one that is."""
    [inside] = re.findall('<select [^>]*name="identity-country"[^>]*>(.*?)</select>', page.content.decode(), re.S)
    found = re.findall('<option( selected)? value="([A-Z]{2})">', inside)
    [chosen] = [code for selected, code in found if selected]
    return [code for _, code in found], chosen


def test_a_fresh_page_holds_the_usual_countries(client: Client) -> None:
    to_identity(client, ME)
    page = client.get(WIZARD)
    assert shown(page) == (USUAL, "IR")
    assert "show_countries" in page.content.decode()
    assert USUAL[0] == "IR"
    assert COUNTRY_NAMES.keys() >= USUAL_COUNTRIES


def test_without_a_script_a_button_lists_all_and_nothing_typed_is_lost_or_judged(client: Client) -> None:
    to_identity(client, ME)
    typed = {**ME.identity, **ABROAD, "country": "DE", "email": "not an address", "birth_date_day": "۳۱"}
    page = send(client, IDENTITY, typed, **BUTTON)
    assert_nothing_lost_or_judged(client, page, typed, "foreign_city")
    assert shown(page) == ([code for code, _ in COUNTRIES], "DE")
    assert "show_countries" not in page.content.decode(), "they are shown"
    assert identify(client, ME, **ABROAD).status_code == 302
    request = RegistrationRequest.objects.get()
    assert (request.country, request.city) == ("JP", "توکیو")


def test_a_list_that_was_shown_to_one_is_not_shown_to_the_next(client: Client) -> None:
    to_identity(client, ME)
    send(client, IDENTITY, ME.identity, **BUTTON)
    assert len(shown(client.get(WIZARD))[0]) == len(USUAL)


def test_the_chosen_country_is_always_listed(client: Client) -> None:
    to_identity(client, ME)
    codes, chosen = shown(identify(client, ME, **ABROAD, gender=""))
    assert (set(codes) - set(USUAL), chosen) == ({"JP"}, "JP")
    codes, chosen = shown(send(client, IDENTITY, {**ME.identity, **ABROAD}, **{"identity-show_cities": "1"}))
    assert (set(codes) - set(USUAL), chosen) == ({"JP"}, "JP")


def test_a_country_that_does_not_exist_is_refused(client: Client) -> None:
    to_identity(client, ME)
    page = identify(client, ME, country="XK")
    assert errors(page) == {"country": [persian("Choose the country of residence from the list")]}


@pytest.mark.parametrize(("name", "listed"), [("", COUNTRIES), (".en", COUNTRIES_IN_LATIN)])
def test_the_lists_of_the_script_are_those_of_the_form(name: str, listed: list[tuple[str, str]]) -> None:
    path = settings.BASE_DIR / "static" / "data" / f"countries{name}.json"
    assert [tuple(pair) for pair in json.loads(path.read_text("utf-8"))] == listed, (
        "python -m devtools.assets.build_lists"
    )
    assert dict(listed).keys() == COUNTRY_NAMES.keys()


def test_english_pages_list_countries_by_their_alphabet() -> None:
    names = [name for _, name in COUNTRIES_IN_LATIN]
    assert names[0] == "Iran"
    assert names[1:] == sorted(names[1:])
    assert country_name("IR") == "ایران"
