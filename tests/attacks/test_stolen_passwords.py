"""Who has the password, but neither the phone nor a device of the owner, keeps the owner out nowhere but there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.acts import DATA
from tests.accounts.helpers import (
    NEW_PASSWORD,
    PASSWORD,
    PASSWORD_PAGE,
    PROFILE,
    WRONG,
    age_limits,
    make_account,
    sign_in,
)
from tests.accounts.recovery.recovering import leads_to

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]


def change_password(browser: Client, current: str = PASSWORD) -> Any:
    return browser.post(
        PASSWORD_PAGE, {"current_password": current, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )


def wrong_ones_everywhere(user: User) -> None:
    """As many as are taken for the national code, and for the owner's own address."""
    for number in range(20):
        sign_in(Client(), user.national_code, WRONG, address=f"198.51.100.{number}")
        age_limits(30)
    for number in range(30):
        sign_in(Client(), f"{number}", WRONG, address="127.0.0.1")


def open_session(kind: str, browser: Client) -> User:
    """Of a citizen, or of a clerk, who has no device."""
    user = make_account(831, is_staff=kind == "staff", mobile="" if kind == "staff" else "+989970000831")
    if kind == "staff":
        browser.force_login(user)
    else:
        sign_in(browser, user)
    return user


def test_right_passwords_elsewhere_leave_devices_and_sessions_of_the_owner_alone(new_client: NewClient) -> None:
    user, session = make_account(830), new_client()
    sign_in(session, user)
    answers = [sign_in(new_client(), user.national_code, address=f"198.51.100.{n}").status_code for n in range(12)]
    assert answers[-1] == 429

    assert leads_to(sign_in(new_client(), user), PROFILE)
    assert leads_to(change_password(session), PROFILE)


@pytest.mark.parametrize("kind", ["citizen", "staff"])
def test_wrong_passwords_elsewhere_keep_nobody_from_changing_a_leaked_one(new_client: NewClient, kind: str) -> None:
    session = new_client()
    user = open_session(kind, session)
    wrong_ones_everywhere(user)
    assert sign_in(new_client(), user.national_code, address="203.0.113.1").status_code == 429
    assert sign_in(new_client(), "1", address="127.0.0.1").status_code == 429

    assert leads_to(change_password(session), PROFILE)


@pytest.mark.parametrize("kind", ["citizen", "staff"])
def test_wrong_passwords_in_a_session_stop_that_session_alone(new_client: NewClient, kind: str) -> None:
    found, other = new_client(), new_client()
    user = open_session(kind, found)
    if kind == "staff":
        other.force_login(user)
    else:
        sign_in(other, user)
    assert [change_password(found, f"{WRONG}{n}").status_code for n in range(6)] == [200] * 5 + [429]

    assert change_password(found).status_code == 429
    assert sign_in(new_client(), user.national_code).status_code == 302
    assert leads_to(change_password(other), PROFILE)


def test_a_new_key_gives_a_session_no_new_hashes(client: Client) -> None:
    sign_in(client, make_account(832))
    answers = [client.post(DATA, {"current_password": PASSWORD}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
