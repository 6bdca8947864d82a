"""Who reads the database or Redis, or writes into Redis, is signed in nowhere."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings
from redis import Redis

from tests.accounts.helpers import make_account, sign_in, signed_in
from tests.sms.test_secrets import every_row

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]


@pytest.fixture
def sara(client: Client) -> Client:
    sign_in(client, make_account())
    return client


def key_of(browser: Client, settings: Settings) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def copies(redis: Redis) -> dict[bytes, bytes]:
    return {bytes(key): bytes(redis.get(key)) for key in redis.scan_iter("*cached_db*")}  # type: ignore[arg-type]


def test_no_store_holds_the_key_of_a_session(sara: Client, settings: Settings, clean_redis: Redis) -> None:
    key = key_of(sara, settings)
    assert len(copies(clean_redis)) == 1
    assert key not in str(copies(clean_redis))
    assert key not in every_row()
    assert signed_in(sara)


def test_what_the_stores_hold_is_no_key(
    sara: Client, settings: Settings, clean_redis: Redis, new_client: NewClient
) -> None:
    [name] = copies(clean_redis)
    found = name.decode().rpartition("cached_db")[2]
    assert found in every_row()  # the row is found by the same
    thief = new_client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = found
    assert not signed_in(thief)


def test_a_copy_that_was_moved_to_another_session_opens_nothing(
    sara: Client, clean_redis: Redis, new_client: NewClient
) -> None:
    [(_, hers)] = copies(clean_redis).items()
    thief = new_client()
    session = thief.session
    session["draft"] = 12
    session.save()
    for name in copies(clean_redis):
        clean_redis.set(name, hers)
    assert not signed_in(thief)
    assert thief.session["draft"] == 12  # the row counts
    assert signed_in(sara)


@pytest.mark.parametrize("forge", [dict, json.dumps])
def test_a_copy_that_somebody_else_wrote_opens_nothing(
    sara: Client, new_client: NewClient, forge: Callable[[Any], Any]
) -> None:
    data = dict(sara.session.items())
    thief = new_client()
    session = thief.session
    session["draft"] = 12
    session.save()
    caches["default"].set(session.cache_key, forge(data), 60)  # type: ignore[attr-defined]
    assert not signed_in(thief)
