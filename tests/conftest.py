"""What all tests share: real PostgreSQL and Redis (tests/services.py), an empty phone, clean limits."""

import gc
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate
from django.middleware.csrf import get_token
from django.template.backends import jinja2
from django.test import Client
from django.test.signals import template_rendered
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings
from redis import Redis

from accounts.models import SecurityQuestion
from infra import kept, throttle
from infra import redis as infra_redis
from registration.identity import check
from sms.backends import memory
from sms.backends.base import Outgoing
from sms.outbox import delivery
from tests import clock, patience, rows

clock.begin()
patience.be_patient()

# Random stories: the same ones at each run of the tests; other ones, and more of them, at each round of `make explore`.
# A busy machine must not turn a property red: tests never assert times.
hypothesis_settings.register_profile("portal", deadline=None, database=None, derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None, database=None, max_examples=300)
hypothesis_settings.load_profile("portal")

COUNTING = throttle._HIT  # by the clock of Redis

# `make test ORDER=random` proves that no test needs another one before it; ORDER=<seed> repeats an order. Set before
# pytest-xdist starts its workers, which must all come to the same one.
if os.environ.get("ORDER") == "random":
    os.environ["ORDER"] = str(secrets.randbelow(10**9))


def pytest_report_header() -> str | None:
    return f"order: random, ORDER={os.environ['ORDER']} repeats it" if os.environ.get("ORDER") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if seed := os.environ.get("ORDER"):
        items.sort(key=lambda item: sha256(f"{seed} {item.nodeid}".encode()).digest())


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through it so often (a sixteenth of the whole time)."""
    gc.set_threshold(50_000, 20, 20)


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
def nothing_kept() -> None:
    """What a process keeps for a minute would be of the rows of an earlier test."""
    kept.forget_all()


@pytest.fixture(scope="session", autouse=True)
def drawn_contexts() -> Iterator[None]:
    """`response.context` and `response.templates` tell of Jinja2's pages, too; Django itself sees its own alone."""
    render = jinja2.Template.render

    def draw(self: jinja2.Template, context: Any = None, request: Any = None) -> Any:
        html = render(self, context, request)
        seen = {**(context or {}), **({"request": request, "csrf_token": get_token(request)} if request else {})}
        template_rendered.send(sender=self, template=self.template, context=seen)
        return html

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Template, "render", draw)
        yield


@pytest.fixture(scope="session", autouse=True)
def registered_tasks() -> None:
    """What a worker does at its start: a test that calls a task by its name needs no other test to have imported it."""
    current_app.loader.import_default_modules()


@pytest.fixture(scope="session", autouse=True)
def signing_keys() -> None:
    """Made anew for each run; the tests that have no use for them cost nothing more."""
    if not Path(django_settings.SSO_KEYS_FILE).exists():
        call_command("sso_keys", "make", stdout=StringIO())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database with a clock that can stand still, and with the rows of the migrations before every test: one whose
    rows are committed empties all tables at its end, which Django then tells as it tells of a migration.
    """
    with django_db_blocker.unblock():
        clock.install()
        rows.forget()
        questions = list(SecurityQuestion.objects.all())
    restore = partial(SecurityQuestion.objects.bulk_create, questions, ignore_conflicts=True)
    post_migrate.connect(lambda **_: restore(), sender=apps.get_app_config("accounts"), weak=False)
    yield
    with django_db_blocker.unblock():
        clock.let_go()


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, clean_redis: Redis) -> None:
    """Time stands still where a test is one transaction, and for what is counted in Redis. See tests.clock."""
    if connection.in_atomic_block:
        clock.stand_still()
    seconds, microseconds = clean_redis.time()
    now = COUNTING.replace("redis.call('TIME')", f"{{{seconds}, {microseconds}}}")
    monkeypatch.setattr(throttle, "_HIT", now.replace("redis.call('PEXPIRE', key, longest[position])", ""))


@pytest.fixture
def still_here(transactional_db: None) -> Iterator[None]:
    """In a test whose rows are committed, time stands still for its own connection, but for no other one."""
    clock.stand_still()
    yield
    clock.go_on()


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
    infra_redis.client().close()  # a connection that is only forgotten warns at whatever moment it is collected
    infra_redis.client.cache_clear()
    yield
    infra_redis.client.cache_clear()


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
