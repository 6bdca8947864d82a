"""The demo service of `make run`, over HTTP as a browser and a service use it."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from sso.models import Service
from sso.person import levels
from tests.accounts.helpers import sign_in
from tests.sso.relying import allow, led_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings: Any, live_server: LiveServer) -> Service:
    settings.SMS_BACKEND = ["handset"]
    settings.SSO_ISSUER = live_server.url
    settings.PORTAL_HOST = live_server.url.partition("//")[2]
    call_command("demo_service")
    return Service.objects.get()


def path_of(response: Any) -> str:
    return re.sub("^http://[^/]+", "", led_to(response))


def test_a_person_signs_in_and_sees_what_the_service_was_told(demo: Service, person: User) -> None:
    browser = Client()
    sign_in(browser, person)
    asked = browser.get(path_of(browser.get("/demo-service/start/everything/")))
    back = path_of(allow(browser, asked))
    page = unescape(browser.get(back).content.decode())
    for told in (person.national_code, "سارا محمدی", "+989970000101", levels.acr(2).rpartition("/acr/")[2]):
        assert told in page
    [leave] = re.findall(r'href="(http[^"]*/o/logout\?[^"]*)"', page)
    assert path_of(browser.get(re.sub("^http://[^/]+", "", leave))) == "/demo-service/"
    again = browser.get(back).content.decode()
    assert "BadSignature" in again  # a page that is loaded again has no answer any more


def test_an_error_is_shown(demo: Service, person: User) -> None:
    browser = Client()
    sign_in(browser, person)
    back = path_of(browser.get(path_of(browser.get("/demo-service/start/error/"))))
    assert "access_denied" in browser.get(back).content.decode()
    silent = path_of(browser.get(path_of(browser.get("/demo-service/start/silent/"))))
    assert "consent_required" in browser.get(silent).content.decode()


def test_an_answer_to_another_question_is_none(demo: Service) -> None:
    browser = Client()
    browser.get("/demo-service/start/name/")
    assert "an answer to another question" in browser.get("/demo-service/back?code=x&state=y").content.decode()


def test_elsewhere_there_is_no_demo(client: Client) -> None:
    for address in ("/demo-service/", "/demo-service/start/name/", "/demo-service/back"):
        assert client.get(address).status_code == 404
    with pytest.raises(CommandError):
        call_command("demo_service")
