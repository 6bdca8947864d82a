"""A provider is one folder and one name: what it is like is known there, and everybody else asks."""

from collections.abc import Iterator
from importlib import reload

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import clear_url_caches
from pytest_django import Settings

from sms import provider_status, urls
from sms.backends import BACKENDS, missing_setting
from sms.models import Message
from sms.outbox import delivery, reports
from tamin_portal import checks
from tamin_portal import urls as all_urls
from tests import clock
from tests.sms.failing import only, queue_result, the_message
from tests.sms.second_provider.client import ADVICE
from tests.stand_ins.http import Fault
from tests.stand_ins.second_provider import NO_CREDIT, SecondProvider
from tests.test_settings import load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second(second_account: SecondProvider, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> SecondProvider:
    """Its line in BACKENDS; messages leave by its stand-in."""
    monkeypatch.setitem(BACKENDS, "second", "tests.sms.second_provider.client.Second")
    settings.SMS_BACKEND = ["second"]
    return second_account


@pytest.fixture
def its_addresses(settings: Settings) -> Iterator[None]:
    """Addresses are put together when the portal starts."""
    start_again()
    yield
    del BACKENDS["second"]
    settings.SMS_BACKEND = ["memory"]
    start_again()


def start_again() -> None:
    reload(urls)
    reload(all_urls)
    clear_url_caches()


def test_its_name_is_taken_by_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, SMS_BACKEND="second,memory")["SMS_BACKEND"] == ["second", "memory"]


def test_the_portal_does_not_start_without_what_it_needs(settings: Settings) -> None:
    assert missing_setting() == ""
    settings.SECOND_PROVIDER_KEY = ""
    assert missing_setting() == "SECOND_PROVIDER_KEY: the account's key, for the second provider."
    with pytest.raises(SystemExit, match=r"^SECOND_PROVIDER_KEY: "):
        apps.get_app_config("sms").ready()

    settings.SMS_BACKEND = ["memory"]
    assert missing_setting() == "", "who is not chosen needs nothing"


def test_a_deployment_says_that_its_line_is_open(second: SecondProvider, settings: Settings) -> None:
    assert _errors() == ["Text messages go to second unencrypted."]
    settings.SECOND_PROVIDER_URL = "https://second.example.ir"
    assert _errors() == []


def _errors() -> list[str]:
    return [error.msg for error in checks.safe_for_citizens(None) if error.id in {"portal.E003", "portal.E004"}]


def test_it_is_asked_for_delivery_in_its_own_windows(second: SecondProvider) -> None:
    queue_result()
    delivery.drain("texts")
    asked_at, now = [], 0
    for minute in (5, 9, 11, 60, 119, 121, 180, 359):
        clock.advance(minutes=minute - now)
        now = minute
        asked_at += [minute] * bool(reports.poll())
        delivery.expire()
    assert asked_at == [11, 121]
    assert the_message().state == "accepted"

    clock.advance(minutes=2)
    delivery.expire()
    assert the_message().state == "delivery_unknown"


def test_it_is_asked_about_as_many_at_once_as_it_takes(second: SecondProvider) -> None:
    for number in range(4):
        queue_result(number=number)
    delivery.drain("texts")
    clock.advance(minutes=11)

    assert reports.poll() == 4
    questions = [request.query["ids"] for request in second.received if "ids" in request.query]
    assert [len(question.split(",")) for question in questions] == [3, 1]


def test_it_is_given_up_when_it_remembers_the_key_no_longer(second: SecondProvider) -> None:
    second.broken = Fault.CUT
    queue_result()
    for hours, state in ((0, "unknown"), (2.9, "unknown"), (0.2, "failed")):
        clock.advance(hours=hours)
        delivery.drain("texts")
        assert the_message().state == state
    assert the_message().last_error == "unknown for 3 h"


def test_text_that_is_too_long_for_it_is_not_even_tried(second: SecondProvider) -> None:
    queue_result()
    Message.objects.update(params={"gender": "male", "last_name": "م" * 300})
    delivery.drain("texts")

    assert only(the_message()) == ("failed", "permanent: text empty or too long")
    assert second.received == []


def test_operators_get_its_own_advice_and_address(
    second: SecondProvider, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LANGUAGE_CODE = "en"
    second.refusals.append(NO_CREDIT)
    with pytest.raises(CommandError) as caught:
        call_command("send_test_sms", "09121234567")

    assert all(sentence in str(caught.value) for sentence in map(str, ADVICE))
    assert f"second {second.base_url}" in capsys.readouterr().out


def test_its_credit_is_low_where_it_says(second: SecondProvider) -> None:
    for credit, level in ((99, "low"), (100, "ok")):
        second.credit = credit
        provider_status.check_accounts()
        assert provider_status.credit_level() == level


@pytest.mark.usefixtures("its_addresses")
def test_it_reports_to_an_address_of_its_own(client: Client) -> None:
    queue_result()
    delivery.drain("texts")

    assert client.get("/sms/second/delivered", {"id": the_message().provider_id}).content == b"1"
    assert the_message().state == "delivered"
    assert client.get("/sms/kavenegar/status").status_code == 403, "the others keep theirs"
