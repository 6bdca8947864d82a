"""Delivery reports that the provider sends of itself."""

import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings

from sms.backends.base import Outgoing, Receipt
from sms.models import Message
from sms.outbox import delivery
from tests.sms.failing import only, queue_result, script, the_message

pytestmark = pytest.mark.django_db

PATH = "/sms/kavenegar/status"
SECRET = "kR7-panel_8mZq2xVw5nT9bYc3"


@pytest.fixture(autouse=True)
def sent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Message:
    """A message that Kavenegar has taken over as number 85463238."""
    settings.KAVENEGAR_CALLBACK_SECRET = SECRET

    def accept(outgoing: Outgoing) -> Receipt:
        return Receipt("kavenegar", "85463238")

    script(monkeypatch, accept)
    queue_result()
    delivery.drain("texts")
    return the_message()


def report(client: Client, path: str = f"{PATH}/{SECRET}", messageid: str = "85463238", status: str = "10") -> int:
    return client.get(path, {"messageid": messageid, "status": status}).status_code


def test_secret_in_the_path_or_in_a_header(client: Client) -> None:
    assert report(client) == 200
    assert only(the_message()) == ("delivered", "")
    Message.objects.update(state="accepted", ask_at=Now())

    response = client.get(PATH, {"messageid": "85463238", "status": "14"}, headers={"X-Callback-Secret": SECRET})
    assert response.status_code == 200
    assert only(the_message()) == ("undelivered", "blocked")


def test_a_report_without_tls_is_refused_and_not_led_to_https(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert report(client) == 403
    assert only(the_message()) == ("accepted", "")
    assert "https://" in caplog.text
    assert SECRET not in caplog.text
    assert client.get(f"{PATH}/{SECRET}", {"messageid": "85463238", "status": "10"}, secure=True).status_code == 200
    assert only(the_message()) == ("delivered", "")


def test_form_is_read_as_well_and_needs_no_token() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"{PATH}/{SECRET}", {"messageid": "85463238", "status": "10"})

    assert response.status_code == 200
    assert response.content == b""
    assert not response.cookies
    assert the_message().state == "delivered"


@pytest.mark.parametrize(
    "path", [PATH, f"{PATH}/wrong", f"{PATH}/{SECRET}x", f"{PATH}/{SECRET[:-1]}", f"{PATH}/%D8%B3", f"{PATH}/%00"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_report_is_refused_and_changes_nothing(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path, {"messageid": "85463238", "status": "11"})

    assert response.status_code == 403
    assert the_message().state == "accepted"


def test_wrong_header_is_not_made_good_by_the_path(client: Client) -> None:
    response = client.get(f"{PATH}/{SECRET}", headers={"X-Callback-Secret": "wrong"})
    assert response.status_code == 403


@pytest.mark.parametrize("path", [PATH, f"{PATH}/x", f"{PATH}/{SECRET}"])
def test_without_a_secret_in_the_settings_nobody_reports(path: str, client: Client, settings: Settings) -> None:
    settings.KAVENEGAR_CALLBACK_SECRET = ""
    assert report(client, path) == 403
    assert client.get(path, headers={"X-Callback-Secret": ""}).status_code == 403


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"messageid": "85463238"},
        {"status": "10"},
        {"messageid": "77", "status": "10"},
        {"messageid": "-85463238", "status": "10"},
        {"messageid": "۸۵۴۶۳۲۳۸", "status": "10"},
        {"messageid": "85463238", "status": "delivered"},
        {"messageid": "85463238", "status": "5"},
        {"messageid": "85463238", "status": "100"},
        {"messageid": "9" * 4000, "status": "10"},
        {"messageid": "'; DROP TABLE sms_message", "status": "\0"},
        {"messageid": ",,,", "status": ",,"},
    ],
)
def test_report_that_says_nothing_of_ours_is_taken_and_changes_nothing(client: Client, told: dict[str, Any]) -> None:
    for ask in (client.get, client.post):
        assert ask(f"{PATH}/{SECRET}", told).status_code == 200
    assert the_message().state == "accepted"


def test_several_reports_in_one(client: Client) -> None:
    assert report(client, messageid="1,85463238,3", status="10,11,10") == 200
    assert only(the_message()) == ("undelivered", "undelivered")


def test_reports_come_twice_and_in_any_order(client: Client) -> None:
    for status in ("5", "10", "10", "11", "4", "100"):
        assert report(client, status=status) == 200
    assert only(the_message()) == ("delivered", "")


def test_other_providers_ids_are_not_kavenegars(client: Client) -> None:
    Message.objects.update(provider="other")
    report(client)
    assert the_message().state == "accepted"


def test_secret_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    report(client, f"{PATH}/{SECRET}x")
    twice = urlencode([("messageid", "1"), ("messageid", "2")])
    client.post(f"{PATH}/{SECRET}", twice, content_type="application/x-www-form-urlencoded")
    client.post(f"{PATH}/{SECRET}", "x" * 40_000, content_type="application/x-www-form-urlencoded")
    assert client.get(f"{PATH}/{SECRET}/").status_code in {301, 404}

    assert f"{PATH}/***" in caplog.text
    assert SECRET not in caplog.text


def test_access_log_does_not_show_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    class Atoms(dict[str, str]):
        """As gunicorn's: any name may be asked for."""

        def __getitem__(self, name: str) -> str:
            return super().__getitem__(name) if name in self else "-"

    caplog.set_level(logging.INFO)
    logging.getLogger("gunicorn.access").info("%(m)s %(U)s %(x)s", Atoms(m="GET", U=f"{PATH}/{SECRET}"))
    logging.getLogger("django.server").info('"%s" %s', f"GET {PATH}/{SECRET}?messageid=1 HTTP/1.1", 200)

    assert [record.getMessage() for record in caplog.records] == [
        f"GET {PATH}/*** -",
        f'"GET {PATH}/***?messageid=1 HTTP/1.1" 200',
    ]
