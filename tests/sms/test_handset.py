import pytest
from django.test import Client
from pytest_django import Settings

from sms.outbox import delivery
from tests import clock
from tests.sms.failing import queue_result
from tests.sms.otp.challenges import begin, right_code

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def handset(settings: Settings) -> None:
    settings.SMS_BACKEND = ["handset"]
    settings.PORTAL_HOST = "portal.example"


def received(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/handset/{query}", headers={"Accept": "application/json"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    messages: list[dict[str, str]] = response.json()
    return messages


def test_json_lists_what_arrived_newest_first(client: Client) -> None:
    assert received(client) == []
    challenge = begin("+989120000001")
    delivery.drain("codes")
    clock.advance(minutes=1)
    queue_result("+989350000002")
    assert len(received(client)) == 1  # the second one is still on its way
    delivery.drain("texts")

    newer, older = received(client)
    assert set(newer) == set(older) == {"to", "text", "at"}
    assert (newer["to"], older["to"]) == ("09350000002", "09120000001")
    assert "محمدی" in newer["text"]
    assert older["text"].splitlines()[-1] == f"@portal.example #{right_code(challenge)}"
    assert newer["at"] > older["at"]


@pytest.mark.parametrize(
    ("to", "count"),
    [
        ("09120000001", 1),
        ("9120000001", 1),
        ("%2B989120000001", 1),
        ("00989120000001", 1),
        ("۰۹۱۲۰۰۰۰۰۰۱", 1),
        ("٠٩١٢ ٠٠٠ ٠٠٠١", 1),
        ("0912-000-0001", 1),
        ("09120000002", 0),
        ("", 2),
    ],
)
def test_shows_one_mobile_however_it_is_written(to: str, count: int, client: Client) -> None:
    begin("+989120000001")
    queue_result("+989350000002")
    for queue in ("codes", "texts"):
        delivery.drain(queue)

    assert len(received(client, f"?to={to}")) == count


def test_page_for_people(client: Client) -> None:
    challenge = begin("+989120000001")
    delivery.drain("codes")

    response = client.get("/handset/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    page = response.content.decode()
    assert "09120000001" in page
    assert f"@portal.example #{right_code(challenge)}" in page
    assert client.get("/handset/")["Content-Type"].startswith("text/html")


def test_code_stays_readable_after_it_is_over(client: Client) -> None:
    begin()
    delivery.drain("codes")
    clock.advance(hours=1)
    delivery.expire()

    assert len(received(client)) == 1


@pytest.mark.parametrize("other", ["memory", "console", "kavenegar"])
def test_with_any_other_backend_there_is_no_such_page(other: str, client: Client, settings: Settings) -> None:
    begin()
    delivery.drain("codes")
    settings.SMS_BACKEND = [other]

    assert client.get("/handset/").status_code == 404
    assert client.get("/handset/", headers={"Accept": "application/json"}).status_code == 404


def test_what_other_backends_sent_is_not_shown(client: Client, settings: Settings) -> None:
    settings.SMS_BACKEND = ["memory"]
    begin()
    delivery.drain("codes")
    settings.SMS_BACKEND = ["handset"]

    assert received(client) == []


def test_nothing_can_be_posted(client: Client) -> None:
    assert client.post("/handset/").status_code == 405
