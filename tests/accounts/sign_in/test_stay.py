"""The end of a session: what the page knows of it, and how somebody says to be still there."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from tests.accounts.helpers import LOGIN, PASSWORD_PAGE, PROFILE, make_account, persian, sign_in, signed_in, text

pytestmark = pytest.mark.django_db

STAY = "/accounts/stay/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC), tick=False) as traveller:
        yield traveller


def told(client: Client, page: str = PROFILE) -> tuple[int, int]:
    """The seconds that the page has: until the end after idling, until the end in any case."""
    [found] = re.findall('data-session="([0-9]+)" data-longest="([0-9]+)"', text(client.get(page)))
    return int(found[0]), int(found[1])


def test_every_page_knows_when_the_session_ends(client: Client, clock: time_machine.Traveller) -> None:
    sign_in(client, make_account())
    assert told(client) == (900, 4 * 3600)
    clock.shift(50)  # less than a minute is not written down, so the end is where it was
    assert told(client, "/") == (850, 4 * 3600 - 50)
    clock.shift(60)
    assert told(client, PASSWORD_PAGE) == (900, 4 * 3600 - 110)


def test_who_is_not_signed_in_is_not_warned(client: Client) -> None:
    for page in ("/", LOGIN):
        assert "data-session" not in text(client.get(page))
        assert "session.js" not in text(client.get(page))


def test_staying_moves_the_end_after_idling(client: Client, clock: time_machine.Traveller) -> None:
    sign_in(client, make_account())
    for _ in range(3):
        clock.shift(14 * 60)
        assert client.post(STAY, headers=JSON).json()["seconds"] == 900
    assert signed_in(client)


def test_nobody_stays_beyond_the_longest_time(client: Client, clock: time_machine.Traveller) -> None:
    sign_in(client, make_account())
    for _ in range(23):
        clock.shift(10 * 60)
        client.post(STAY)
    clock.shift(5 * 60)
    assert client.post(STAY, headers=JSON).json() == {"seconds": 300, "longest": 300}
    clock.shift(5 * 60 + 1)
    assert client.post(STAY, headers=JSON).status_code == 302
    assert not signed_in(client)


def test_it_is_a_post_of_somebody_signed_in(client: Client) -> None:
    assert client.post(STAY).status_code == 302
    assert not client.cookies
    sign_in(client, make_account())
    assert client.get(STAY).status_code == 405
    response = client.post(STAY)
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)


def test_without_a_script_the_next_page_says_it_and_leads_back(client: Client, clock: time_machine.Traveller) -> None:
    user = make_account()
    sign_in(client, user)
    clock.shift(15 * 60 + 1)
    asked = client.get(PASSWORD_PAGE)
    page = text(client.get(asked.headers["Location"]))
    assert persian("Your time has run out; please sign in again.") in page
    assert f'name="next" value="{PASSWORD_PAGE}"' in page
    assert sign_in(client, user, next=PASSWORD_PAGE).headers["Location"] == PASSWORD_PAGE
