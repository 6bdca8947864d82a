"""What load balancers and operators are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from pytest_django import Settings
from redis import ConnectionError as RedisAway

from registration.models import RegistrationRequest
from sms import statistics
from sms.models import Heartbeat, Message
from sms.outbox import queue as outbox
from tests import clock
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

PARTS = {"database", "broker", "workers", "oldest_message", "oldest_request", "sms_configuration", "sms_credit"}


@pytest.fixture
def all_well() -> None:
    for queue in statistics.QUEUES:
        statistics.beat(queue)


def state(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/health/state", REMOTE_ADDR="127.0.0.1")
    assert response.headers["Content-Type"] == "application/json"
    report: dict[str, Any] = response.json()
    assert set(report) == PARTS | {"healthy"}
    assert report["healthy"] is (response.status_code == 200)
    return response.status_code, report


def ready(client: Client) -> tuple[int, Any]:
    response = client.get("/health/ready")
    return response.status_code, response.json()


def away(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("connection to server at 10.0.0.7 failed")


def test_a_process_that_answers_is_alive(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        patched.setattr(cache, "get", away)
        response = client.get("/health/live")
    assert (response.status_code, response.content) == (200, b"ok")
    assert not response.cookies


@pytest.mark.usefixtures("all_well")
def test_healthy_when_all_is_well(client: Client) -> None:
    assert state(client) == (
        200,
        {
            "healthy": True,
            "database": "ok",
            "broker": "ok",
            "workers": {"codes": 0, "texts": 0, "work": 0},
            "oldest_message": None,
            "oldest_request": None,
            "sms_configuration": None,
            "sms_credit": None,
        },
    )


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("queue", statistics.QUEUES)
def test_not_healthy_when_a_worker_is_not_reached(client: Client, queue: str) -> None:
    Heartbeat.objects.filter(queue=queue).update(at=Now() - timedelta(seconds=59))
    assert state(client)[0] == 200
    Heartbeat.objects.filter(queue=queue).update(at=Now() - timedelta(seconds=62))
    status, report = state(client)
    assert (status, report["workers"][queue]) == (503, 62)
    Heartbeat.objects.filter(queue=queue).delete()
    status, report = state(client)
    assert (status, report["workers"][queue]) == (503, None)


@pytest.mark.usefixtures("all_well")
def test_not_healthy_when_work_waits_too_long(client: Client) -> None:
    message = outbox.add(recipient="+989970000041", purpose="notice", template="password_changed")
    make_request(41, "submitted")
    clock.advance(seconds=290)
    Heartbeat.objects.update(at=Now())
    status, report = state(client)
    assert (status, report["oldest_message"], report["oldest_request"]) == (200, 290, 290)

    clock.advance(seconds=20)
    Heartbeat.objects.update(at=Now())
    assert state(client)[0] == 503
    Message.objects.filter(pk=message.pk).update(send_at=Now() + timedelta(minutes=1))
    status, report = state(client)
    assert (status, report["oldest_message"], report["oldest_request"]) == (503, None, 310)
    RegistrationRequest.objects.update(due_at=Now() + timedelta(minutes=1))
    assert state(client)[0] == 200


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_not_healthy_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    """It is asked once: a load balancer does not wait for five time-outs."""
    asked: list[object] = []

    def refuse(*args: Any, **kwargs: Any) -> None:
        asked.append(args)
        raise error("connection to server at 10.0.0.7 failed")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        status, report = state(client)

    assert status == 503
    assert report == {"healthy": False, "broker": "ok"} | dict.fromkeys(PARTS - {"broker"}, "away")
    assert len(asked) == 1
    assert "10.0.0.7" not in caplog.text


@pytest.mark.usefixtures("all_well")
def test_not_healthy_without_redis(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise RedisAway("Error 111 connecting to 10.0.0.8")

    monkeypatch.setattr("tamin_portal.health.cache.get", refuse, raising=False)
    status, report = state(client)

    assert (status, report["broker"], report["database"]) == (503, "away", "ok")
    assert report["workers"] == {"codes": 0, "texts": 0, "work": 0}


def test_ready_means_that_pages_can_be_served(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without workers, and without Redis, they can: a load balancer that took the processes away would help nobody."""

    def refuse(*args: Any) -> None:
        raise RedisAway("Error 111 connecting to 10.0.0.8")

    monkeypatch.setattr("tamin_portal.health.cache.get", refuse, raising=False)
    assert ready(client) == (200, {"ready": True})
    assert state(client)[0] == 503
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        assert ready(client) == (503, {"ready": False})


def test_what_does_not_work_is_for_operators_alone(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-token-of-twenty-four-signs-or-more"
    assert client.get("/health/state", REMOTE_ADDR="198.51.100.7").status_code == 404
    assert client.get("/health/state", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    shown = client.get("/health/state", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    assert shown.status_code == 503


def test_health_is_for_reading(client: Client) -> None:
    for address in ("/health/live", "/health/ready"):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code in {200, 503}
