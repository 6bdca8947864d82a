"""The lane of hashes is bounded: a full one refuses at once, and pages never wait behind it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client
from pytest_django import Settings

from accounts.models import RecoveryRun, User
from accounts.passwords import hasher
from devtools.servers import until
from registration.models import RegistrationRequest
from tests.accounts.helpers import (
    LOGIN,
    NEW_PASSWORD,
    PASSWORD,
    PASSWORD_PAGE,
    age_limits,
    make_account,
    persian,
    sign_in,
    text,
)
from tests.accounts.recovery import recovering
from tests.journeys import test_register_four_steps as four_steps
from tests.registration.wizard import walking


@contextmanager
def taken(places: int) -> Iterator[None]:
    """So many others wait for their hashes, which do not come while the block lasts."""
    hasher._open_lane()
    go_on = threading.Event()
    with ThreadPoolExecutor(places) as others:
        for _ in range(places):
            others.submit(hasher._in_lane, go_on.wait)
        assert until(lambda: hasher._lane.taken == places, 60)
        try:
            yield
        finally:
            go_on.set()
    hasher._open_lane()


@pytest.fixture
def full_lane(settings: Settings) -> Iterator[None]:
    settings.HASH_LANE_PLACES = 2
    with taken(2):
        yield


def assert_busy(page: Any, *kept: str) -> None:
    """The page of the form stays, with what was typed, as a 503 that says when to come back."""
    assert page.status_code == 503
    assert page.headers["Retry-After"] == str(hasher.RETRY_SECONDS)
    shown = text(page)
    assert persian(str(hasher.LaneFull().message)).partition("%(seconds)s")[0] in shown
    assert all(value in shown for value in kept)


def test_a_full_lane_refuses_without_waiting(full_lane: None) -> None:
    with pytest.raises(hasher.LaneFull):
        make_password(PASSWORD)
    assert hasher._lane.taken == 2


def test_a_place_is_free_again_when_its_hash_is_made_or_has_failed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HASH_LANE_PLACES = 1
    make_password(PASSWORD)
    make_password(PASSWORD)

    def fails(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Argon2PasswordHasher, "encode", fails)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            make_password(PASSWORD)


def test_the_lane_takes_a_third_of_the_threads_of_pages(settings: Settings) -> None:
    assert settings.HASH_LANE_PLACES == 8


@pytest.mark.django_db
def test_pages_without_a_hash_are_served_beside_a_full_lane(client: Client, full_lane: None) -> None:
    for address in ("/", LOGIN, "/branches/", "/portal/registration/"):
        assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_a_sign_in_waits_on_its_page_and_counts_nothing(client: Client, settings: Settings) -> None:
    settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE = settings.LIMIT_SIGN_IN_PER_IP = settings.LIMIT_HASHES = [(1, 60)]
    user = make_account()
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        for _ in range(3):
            page = client.post(LOGIN, {"national_code": user.national_code, "password": PASSWORD})
            assert_busy(page, user.national_code)
    assert sign_in(client, user).status_code == 302


@pytest.mark.django_db
def test_the_next_answer_of_the_same_thread_is_an_ordinary_one(client: Client, settings: Settings) -> None:
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        assert client.post(LOGIN, {"national_code": "1", "password": PASSWORD}).status_code == 503
        assert client.get(LOGIN).status_code == 200


@pytest.mark.django_db
def test_the_desks_sign_in_waits_on_its_page(client: Client, settings: Settings) -> None:
    clerk = make_account(is_staff=True)
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        assert_busy(client.post("/desk/login/", {"username": clerk.national_code, "password": PASSWORD}))


@pytest.mark.django_db
@pytest.mark.parametrize("first", [True, False], ids=["comparing", "hashing anew"])
def test_a_change_of_the_password_waits_on_its_page(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    sign_in(client, make_account())
    changed = {"current_password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    settings.HASH_LANE_PLACES = 1
    if not first:
        monkeypatch.setattr(hasher.PortalArgon2, "verify", lambda *args: True)
    with taken(1):
        assert_busy(client.post(PASSWORD_PAGE, changed))
    monkeypatch.undo()
    assert client.post(PASSWORD_PAGE, changed).status_code == 302


@pytest.mark.django_db
def test_who_is_right_may_ask_for_ten_hashes_a_minute_and_strangers_take_none_of_them(
    client: Client, settings: Settings, hashes: list[str]
) -> None:
    settings.LIMIT_HASHES = [(3, 60)]
    user = make_account()
    for _ in range(4):
        sign_in(Client(), user.national_code, "Wrong12345", address="192.0.2.9")
    hashes.clear()
    assert [sign_in(client, user).status_code for _ in range(4)] == [302, 302, 302, 429]
    assert len(hashes) == 3
    age_limits(60)
    assert sign_in(client, user).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_answers_that_could_not_be_compared_spend_no_try(client: Client, settings: Settings) -> None:
    settings.LIMIT_ANSWERS = [(1, 86_400)]
    user = recovering.make_protected()
    recovering.to_answers(client, user)
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        for _ in range(4):
            assert_busy(recovering.answer(client, recovering.RIGHT), recovering.RIGHT[0])
    run = RecoveryRun.objects.get()
    assert (run.attempts, run.stopped_until) == (0, None)
    assert recovering.answer(client, recovering.RIGHT).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_new_password_of_a_recovery_waits_on_its_page(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = recovering.make_protected()
    recovering.to_password(client, user)
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        assert_busy(recovering.choose(client))
        monkeypatch.setattr(hasher.PortalArgon2, "verify", lambda *args: False)
        assert_busy(recovering.choose(client))
    monkeypatch.undo()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert recovering.choose(client).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_recovery_hashes_ten_times_a_minute(client: Client, settings: Settings) -> None:
    settings.LIMIT_HASHES = [(2, 60)]
    recovering.to_password(client, recovering.make_protected())
    assert [recovering.choose(client, PASSWORD).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.django_db
def test_the_last_of_three_steps_waits_on_its_page_with_what_was_typed(client: Client, settings: Settings) -> None:
    person = walking.Citizen(620)
    walking.to_identity(client, person)
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        assert_busy(walking.identify(client, person), person.last_name, "4127", walking.ANSWER)
    assert RegistrationRequest.objects.get().status == "draft"
    assert walking.identify(client, person).status_code == 302


@pytest.mark.django_db
def test_the_account_step_waits_on_its_page_with_what_was_typed(client: Client, settings: Settings) -> None:
    four_steps.to_account(client)
    settings.HASH_LANE_PLACES = 1
    with taken(1):
        assert_busy(four_steps.send(client, "account", four_steps.account()), four_steps.ANSWERS[0])
    assert not RegistrationRequest.objects.get().password_hash
    assert four_steps.send(client, "account", four_steps.account()).status_code == 302


@pytest.mark.django_db
def test_a_page_with_an_error_is_drawn_without_waiting_for_a_hash(client: Client) -> None:
    four_steps.to_account(client)
    with taken(1):  # a second place is free, but whoever takes it waits
        page = four_steps.send(client, "account", four_steps.account(answer_2=""))
        assert page.status_code == 200
        assert four_steps.draft().password_hash == ""
        assert page.context["form"].fields["password1"].required
    four_steps.send(client, "account", four_steps.account(answer_2=""))
    assert four_steps.draft().password_hash


@pytest.mark.django_db
def test_a_draft_hashes_ten_times_a_minute(client: Client, hashes: list[str]) -> None:
    four_steps.to_account(client)
    hashes.clear()
    statuses = [four_steps.send(client, "account", four_steps.account()).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert len(hashes) == 10
    page = four_steps.send(client, "account", four_steps.account(answer_2=""))  # drawn, but nothing is kept of it
    assert (page.status_code, len(hashes)) == (200, 10)
    age_limits(60)
    assert four_steps.send(client, "account", four_steps.account()).status_code == 302


@pytest.mark.django_db
def test_an_address_hashes_three_hundred_times_a_minute(client: Client, settings: Settings) -> None:
    settings.LIMIT_HASHES_PER_IP = [(3, 60)]
    four_steps.to_account(client)
    statuses = [four_steps.send(client, "account", four_steps.account()).status_code for _ in range(2)]
    assert statuses == [302, 429]


@pytest.mark.django_db
def test_without_redis_hashes_are_counted_all_the_same(client: Client, settings: Settings, redis_away: None) -> None:
    settings.LIMIT_HASHES = [(2, 60)]
    four_steps.to_account(client)
    assert [four_steps.send(client, "account", four_steps.account()).status_code for _ in range(2)] == [302, 429]
