"""When a signed-in session begins, what it leaves behind, and when it ends."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import BrowserSession as Session
from accounts.models import User
from accounts.sign_in.session_store import SessionStore, hash_of
from tests.accounts.helpers import LOGIN, LOGOUT, make_account, persian, sign_in, signed_in, text

pytestmark = pytest.mark.django_db

TIME_OUT = "Your time has run out; please sign in again."


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


def cookie(client: Client, settings: Settings) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def replay(value: str, settings: Settings) -> Client:
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = value
    return browser


def test_a_session_planted_before_is_not_taken_over(client: Client, settings: Settings) -> None:
    session = client.session  # with a row, as an attacker would get one by visiting
    session["registration_draft"] = 12
    session.save()
    planted = cookie(client, settings)
    sign_in(client, make_account())
    assert cookie(client, settings) != planted
    assert "registration_draft" not in client.session
    assert not signed_in(replay(planted, settings))
    assert not Session.objects.filter(pk=hash_of(planted)).exists()


def test_an_invented_key_is_not_adopted(client: Client, settings: Settings) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "attackerattackerattackerattacker"
    sign_in(client, make_account())
    assert cookie(client, settings) != "attackerattackerattackerattacker"


def test_signing_in_again_starts_a_new_session(client: Client, settings: Settings) -> None:
    user = make_account()
    sign_in(client, user)
    first = cookie(client, settings)
    sign_in(client, user)
    assert cookie(client, settings) != first
    assert not signed_in(replay(first, settings))


def test_signing_out_ends_the_session_for_good(client: Client, settings: Settings) -> None:
    sign_in(client, make_account())
    key = cookie(client, settings)
    response = client.post(LOGOUT)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert persian("You have signed out.") in text(client.get("/"))
    assert not signed_in(client)
    assert not signed_in(replay(key, settings))


def test_signing_out_is_a_post_and_harmless_for_strangers(client: Client) -> None:
    sign_in(client, make_account())
    assert client.get(LOGOUT).status_code == 405
    assert signed_in(client)
    assert Client().post(LOGOUT).status_code == 302
    assert Client(enforce_csrf_checks=True).post(LOGOUT).status_code == 403


def test_a_quarter_of_an_hour_without_a_page_ends_it(client: Client, clock: time_machine.Traveller) -> None:
    sign_in(client, make_account())
    for _ in range(3):
        clock.shift(14 * 60)
        assert signed_in(client)
    clock.shift(15 * 60 + 1)
    assert not signed_in(client)
    assert persian(TIME_OUT) in text(client.get(LOGIN))


@pytest.mark.parametrize(("is_staff", "hours"), [(False, 4), (True, 8)])
def test_the_longest_time_ends_it_however_busy(
    client: Client, clock: time_machine.Traveller, is_staff: bool, hours: int
) -> None:
    client.force_login(make_account(is_staff=is_staff))
    assert signed_in(client)
    for _ in range(hours * 6):
        clock.shift(10 * 60)
        assert signed_in(client)
    clock.shift(1)
    assert not signed_in(client)


def test_a_page_a_minute_is_written_down_not_every_page(client: Client, clock: time_machine.Traveller) -> None:
    sign_in(client, make_account())
    signed_in(client)
    before = Session.objects.get().session_data
    clock.shift(59)
    signed_in(client)
    assert Session.objects.get().session_data == before
    clock.shift(1)
    signed_in(client)
    assert Session.objects.get().session_data != before


def test_a_deactivated_account_is_out_at_the_next_page(client: Client) -> None:
    user = make_account()
    sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not signed_in(client)


def test_the_cookie_ends_with_the_browser_and_is_not_for_scripts(client: Client, settings: Settings) -> None:
    sign_in(client, make_account())
    morsel = client.cookies[settings.SESSION_COOKIE_NAME]
    assert not morsel["max-age"]
    assert not morsel["expires"]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"


def test_pages_go_on_while_redis_is_flushed(client: Client) -> None:
    sign_in(client, make_account())
    caches["default"].clear()
    assert signed_in(client)


def test_pages_go_on_while_redis_is_away(client: Client, request: pytest.FixtureRequest) -> None:
    sign_in(client, make_account())
    request.getfixturevalue("redis_away")
    assert signed_in(client)
    assert client.post(LOGOUT).status_code == 302
    assert not signed_in(client)


def test_a_visitor_gets_a_session_while_redis_is_away(client: Client, redis_away: None) -> None:
    session = client.session
    session["draft"] = 12
    session.save()
    assert SessionStore(session.session_key)["draft"] == 12


def test_the_copy_spares_the_row_and_follows_it() -> None:
    store = SessionStore()
    store["draft"] = 1
    store.save()
    Session.objects.all().delete()
    assert SessionStore(store.session_key)["draft"] == 1  # from the copy
    store.delete()
    assert "draft" not in SessionStore(store.session_key)


def test_the_copy_lives_one_minute() -> None:
    store = SessionStore()
    store["draft"] = 1
    store.save()
    client = caches["default"]._cache.get_client()  # type: ignore[attr-defined]
    assert 0 < client.ttl(caches["default"].make_key(store.cache_key)) <= 60


def test_each_save_of_a_session_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    store = SessionStore()
    store["draft"] = 1
    with django_assert_num_queries(1):
        store.save()
    store["draft"] = 2
    with django_assert_num_queries(1):
        store.save()


def test_a_new_key_is_written_once_and_the_old_one_is_void_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    store = SessionStore()
    store["draft"] = 1
    store.save()
    old = str(store.session_key)

    store.cycle_key()
    assert not store.exists(old)
    assert dict(SessionStore(old).items()) == {}  # neither from the row nor from the copy
    with django_assert_num_queries(1):
        store.save()

    assert store.session_key != old
    assert SessionStore(store.session_key)["draft"] == 1


def test_a_session_that_ended_meanwhile_does_not_come_back() -> None:
    store = SessionStore()
    store["draft"] = 1
    store.save()
    SessionStore(store.session_key).delete()
    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_given_the_key_of_another_session(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = SessionStore(), SessionStore()
    keys = iter(["a" * 32, "a" * 32, "b" * 32])
    monkeypatch.setattr(SessionStore, "_get_new_session_key", lambda _: next(keys))
    one["draft"], other["draft"] = 1, 2
    one.save()
    other.save()
    assert (one.session_key, other.session_key) == ("a" * 32, "b" * 32)
    assert SessionStore("a" * 32)["draft"] == 1
