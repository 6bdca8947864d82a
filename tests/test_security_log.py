"""What somebody tried and was refused stands in the log, without what they typed."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client
from pytest_django import Settings

from tests.accounts.helpers import make_account, sign_in
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

TYPED = "narges-bahrami"


@pytest.fixture(autouse=True)
def _trouble(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.trouble"


def forbidden_action(client: Client) -> None:
    client.force_login(make_account(501, is_staff=True))
    client.post(f"/desk/registration/registrationrequest/{make_request(1).pk}/activate/", {"words": TYPED})


def forged_form(client: Client) -> None:
    Client(enforce_csrf_checks=True).post("/accounts/login/", {"password": TYPED})


def field_sent_twice(client: Client) -> None:
    client.post("/trouble/seen/", {"a": ["1", TYPED]})


def unknown_step(client: Client) -> None:
    client.post("/portal/registration/", {"registration-current_step": TYPED})


def foreign_host(client: Client) -> None:
    client.get("/", headers={"Host": "evil.example"})


def limit(client: Client) -> None:
    user = make_account(2)
    for _ in range(6):
        sign_in(client, user, TYPED)


def wrong_password(client: Client) -> None:
    sign_in(client, make_account(1), TYPED)


@pytest.mark.parametrize(
    ("attempt", "told"),
    [
        (forbidden_action, "Forbidden"),
        (forged_form, "Forbidden"),
        (field_sent_twice, "a field was sent more than once"),
        (unknown_step, "SuspiciousOperation"),
        (foreign_host, "DisallowedHost"),
        (limit, "limit rule="),
        (wrong_password, "password outcome=wrong"),
    ],
)
def test_what_is_refused_is_in_the_log(
    client: Client, log: StringIO, settings: Settings, attempt: Callable[[Client], None], told: str
) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    client.raise_request_exception = False
    log.truncate(0)

    attempt(client)

    assert told in log.getvalue()
    assert TYPED not in log.getvalue()
