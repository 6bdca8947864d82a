"""A citizen without an account comes from a service, registers, and is led back there: here, and from elsewhere."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from infra import kept
from registration.models import RegistrationRequest
from sso.models import PendingRequest, Service
from tests.accounts.helpers import PROFILE, make_account
from tests.clock import advance
from tests.registration.wizard.walking import (
    CONTACT,
    FORM,
    PASSWORD,
    RECEIVED,
    WIZARD,
    Citizen,
    activate,
    assert_leads_to,
    decide,
    fields,
    identify,
    text,
    texts,
)
from tests.sso.relying import BACK, Relying, allow, answered, led_to, make_service

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
NARGES = Citizen(431)
NAME = "سامانهٔ بازنشستگی"
ONWARD = "/o/onward/pension/"


def form_of(client: Client, waiting: str) -> str:
    """The address of the registration that the sign-in's page offers."""
    page = text(client.get("/accounts/login/", {"next": waiting}))
    address = f"{WIZARD}?{urlencode({'next': waiting})}"
    assert f'href="{address}"' in page
    return address


def registered(client: Client, address: str) -> RegistrationRequest:
    """All three steps from this address on; each page names the service."""
    assert NAME in text(client.get(address))
    wrong = client.post(address, urlencode(fields(CONTACT, {**NARGES.contact, "mobile": "1"})), content_type=FORM)
    assert NAME in text(wrong)
    assert_leads_to(client.post(address, urlencode(fields(CONTACT, NARGES.contact)), content_type=FORM), WIZARD)
    assert NAME in text(client.get(WIZARD))
    activate(client, NARGES)
    assert NAME in text(client.get(WIZARD))
    assert_leads_to(identify(client, NARGES), RECEIVED)
    return RegistrationRequest.objects.get()


def enter(client: Client) -> Any:
    """A sign-in without any other wish."""
    return client.post("/accounts/login/", {"national_code": NARGES.national_code, "password": PASSWORD})


def test_the_request_that_waits_is_answered(client: Client, relying: Relying) -> None:
    NARGES.enter_registry()
    waiting = led_to(relying.send(client))
    request = registered(client, form_of(client, waiting))
    assert request.came_from == "pension"
    page = text(client.get(RECEIVED))
    link = f"/accounts/login/?{urlencode({'next': waiting})}"
    assert NAME in page
    assert f'href="{link}"' in page
    decide()
    assert NAME not in texts(NARGES)[-1]  # the text is the guide's
    assert_leads_to(client.post(link, {**_who(), "next": waiting}), waiting)
    code = answered(allow(client, _At(waiting)))["code"]
    told = relying.userinfo(relying.redeem(code).json()["access_token"]).json()
    assert (told["family_name"], told["birthdate"]) == (NARGES.last_name, "1984-01-23")


def _who() -> dict[str, str]:
    return {"national_code": NARGES.national_code, "password": PASSWORD}


class _At:
    """An answer that leads to an address of ours."""

    status_code = 302

    def __init__(self, address: str) -> None:
        self.headers = {"Location": address}


def test_later_and_elsewhere_the_row_leads_back_once(new_client: NewClient, relying: Relying) -> None:
    NARGES.enter_registry()
    Service.objects.update(initiate_login_uri="https://service.example/start?x=1")
    here, elsewhere = new_client(), new_client()
    waiting = led_to(relying.send(here))
    request = registered(here, form_of(here, waiting))
    tracked = {"national_code": NARGES.national_code, "tracking_code": request.tracking_code}
    assert NAME in text(elsewhere.post("/registration/track/", tracked))
    PendingRequest.objects.all().delete()
    assert f"/accounts/login/?{urlencode({'next': ONWARD})}" in text(here.get(RECEIVED))
    decide()
    assert f"/accounts/login/?{urlencode({'next': ONWARD})}" in text(elsewhere.post("/registration/track/", tracked))
    assert_leads_to(elsewhere.get(ONWARD), f"/accounts/login/?next={ONWARD}")
    assert_leads_to(enter(here), ONWARD)
    assert led_to(here.get(ONWARD)) == "https://service.example/start?x=1&iss=http%3A%2F%2Flocalhost"
    assert f'href="{ONWARD}"' in text(here.get(waiting))  # the page that says that the request is over
    here.post("/accounts/logout/")
    assert_leads_to(enter(here), PROFILE)  # who wants to go there again does so


def test_a_draft_that_is_gone_on_with_elsewhere_keeps_where_it_came_from(
    new_client: NewClient, relying: Relying
) -> None:
    here, elsewhere = new_client(), new_client()
    address = f"{WIZARD}?{urlencode({'next': led_to(relying.send(here))})}"
    here.post(address, urlencode(fields(CONTACT, NARGES.contact)), content_type=FORM)
    activate(here, NARGES)
    RegistrationRequest.objects.update(typed={"identity": {"first_name": "نرگس"}})
    advance(minutes=3)
    elsewhere.post(WIZARD, urlencode(fields(CONTACT, NARGES.contact)), content_type=FORM)
    activate(elsewhere, NARGES)
    assert NAME in text(elsewhere.get(WIZARD))
    assert RegistrationRequest.objects.get().came_from == "pension"


def test_who_registers_already_is_told_where_it_leads_from_now_on(client: Client, relying: Relying) -> None:
    client.post(WIZARD, urlencode(fields(CONTACT, NARGES.contact)), content_type=FORM)
    address = f"{WIZARD}?{urlencode({'next': ONWARD})}"
    assert NAME in text(client.get(address))
    client.post(address, urlencode(fields("activation", {"code": "000000"})), content_type=FORM)
    assert NAME in text(client.get(WIZARD))


@pytest.mark.parametrize(
    "wish",
    [
        *("https://evil.example/", "//evil.example/o/onward/pension/", "/o/onward/pension/?x=1", "/o/onward/nobody/"),
        *("/o/onward/draft/", "/o/continue/" + "a" * 43 + "/", "/accounts/profile/", "\0", "x" * 3000),
    ],
)
def test_only_a_service_that_is_open_is_named_and_kept(client: Client, relying: Relying, wish: str) -> None:
    make_service("draft", state=Service.State.DRAFT)
    address = f"{WIZARD}?{urlencode({'next': wish})}"
    page = text(client.get(address))
    assert NAME not in page
    assert "evil" not in page
    client.post(address, urlencode(fields(CONTACT, NARGES.contact)), content_type=FORM)
    assert RegistrationRequest.objects.get().came_from == ""


def test_nobody_is_led_to_a_service_that_was_closed(client: Client, relying: Relying) -> None:
    NARGES.enter_registry()
    registered(client, f"{WIZARD}?{urlencode({'next': ONWARD})}")
    decide()
    Service.objects.update(state=Service.State.CLOSED)
    assert NAME not in text(client.get(RECEIVED))
    assert_leads_to(enter(client), PROFILE)
    assert client.get(ONWARD).status_code == 400


def test_who_has_an_account_signs_in_and_goes_on(client: Client, relying: Relying) -> None:
    make_account(1, national_code=NARGES.national_code)
    address = f"{WIZARD}?{urlencode({'next': ONWARD})}"
    page = text(client.post(address, urlencode(fields(CONTACT, NARGES.contact)), content_type=FORM))
    assert f'href="/accounts/login/?{urlencode({"next": ONWARD})}"' in page


def test_a_service_without_a_start_is_entered_by_its_first_page(browser: Client, relying: Relying) -> None:
    assert led_to(browser.get(ONWARD)) == "https://service.example/"
    assert BACK not in text(browser.get(ONWARD))


def test_the_home_page_says_what_each_service_is_for(browser: Client, service: Service, client: Client) -> None:
    Service.objects.update(description_fa="مشاهدهٔ فیش حقوق", description_en="See your pension")
    kept.forget_all()
    assert "مشاهدهٔ فیش حقوق" in text(browser.get("/"))
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "See your pension" in text(browser.get("/"))
