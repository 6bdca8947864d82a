"""What all tests share: real PostgreSQL and Redis (tests/services.py), an empty phone, clean limits."""

import logging
from collections.abc import Callable, Iterator
from io import StringIO
from itertools import count

import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from redis import Redis

from infra import throttle
from registration.identity import check
from sms.backends import memory
from sms.backends.base import Outgoing
from sms.outbox import delivery

# A busy machine must not turn a property red: tests never assert times.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


@pytest.fixture(autouse=True)
def clean_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """Nothing of an earlier test: no counted limit, no session's copy, no wake-up, no broker that counts as away."""
    client = Redis.from_url(django_settings.REDIS_URL)
    client.flushdb()
    monkeypatch.setattr("infra.wake._broken_until", 0.0)
    monkeypatch.setattr("infra.redis._broken_until", 0.0)
    yield client
    client.close()


@pytest.fixture(autouse=True)
def sms_outbox() -> list[Outgoing]:
    """What has left the portal, oldest first, as the provider got it."""
    memory.outbox.clear()
    return memory.outbox


@pytest.fixture
def redis_away(settings: Settings) -> Iterator[None]:
    """Nobody answers at the address of Redis."""
    away = "redis://127.0.0.1:1/0"
    settings.REDIS_URL = away
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": away}}
    throttle._client.cache_clear()
    yield
    throttle._client.cache_clear()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the portal's own log handler writes, as operators read it."""
    written = StringIO()
    [handler] = [handler for handler in logging.root.handlers if handler.name == "stderr"]
    monkeypatch.setattr(handler, "stream", written)
    return written


@pytest.fixture
def new_client() -> Callable[[], Client]:
    """A browser for each citizen, every one with an address of its own (documentation range 198.18.0.0/15)."""
    numbers = count(1)
    return lambda: _at(next(numbers))


@pytest.fixture
def client(new_client: Callable[[], Client]) -> Client:
    return new_client()


def _at(number: int) -> Client:
    return Client(REMOTE_ADDR=f"198.18.{number // 250}.{number % 250 + 1}")


@pytest.fixture
def drain() -> Callable[[], int]:
    """Do what the workers would, until nothing is due; returns how many rows were taken. Needs no Celery."""
    return run_everything_due


def run_everything_due() -> int:
    taken = 0
    while now := delivery.drain("codes") + check.drain() + delivery.drain("texts"):
        taken += now
    return taken
