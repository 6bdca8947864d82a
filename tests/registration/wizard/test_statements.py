"""What a page costs in SQL, counted: a look writes nothing, and each request of a registration has its figure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis.connection import AbstractConnection

from accounts.models import BrowserSession as Session
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    RECEIVED,
    WIZARD,
    Citizen,
    activate,
    code_on_phone,
    contact,
    errors,
    register,
    send,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db

ME = Citizen(451)
PUBLIC = (
    *(WIZARD, "/eservices/registration/", "/", "/branches/", "/registration/track/"),
    *("/accounts/login/", "/accounts/recover/", "/desk/login/"),
)
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the block sends, without those that only begin and end transactions."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]


@pytest.fixture
def redis_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to Redis from now on, one entry for each round trip."""
    calls: list[str] = []
    send = AbstractConnection.send_packed_command

    def spy(self: AbstractConnection, command: Any, check_health: bool = True) -> None:
        calls.append(str(command))
        send(self, command, check_health)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(AbstractConnection, "send_packed_command", spy)
    return calls


def test_whoever_only_looks_costs_the_database_nothing(client: Client) -> None:
    client.get("/branches/")  # the directory is kept for a minute
    for page in (*PUBLIC, f"{WIZARD}?step=identity", RECEIVED, "/branches/?province=تهران"):
        with statements() as found:
            response = client.get(page)
        assert response.status_code in (200, 302)
        assert found == []
        assert set(client.cookies) <= {"csrf"}
    assert not Session.objects.exists()


def test_looking_at_a_step_writes_nothing(client: Client) -> None:
    to_activation(client, ME)
    with statements() as found:
        client.get(WIZARD)
        client.get(WIZARD, {"step": CONTACT})
    assert found
    assert not [statement for statement in found if not statement.startswith("SELECT")]
    activate(client, ME)
    with statements() as found:
        client.get(WIZARD)
    assert not [statement for statement in found if not statement.startswith(("SELECT", "DECLARE"))]


def test_errors_of_the_last_step_write_nothing(client: Client) -> None:
    """But for a password that is right, which nobody should have to think of twice."""
    to_identity(client, ME)
    answers = {**ME.identity, "gender": "", "password2": ""}
    with statements() as found:
        assert "gender" in errors(send(client, IDENTITY, answers))
    assert not [statement for statement in found if not statement.startswith(("SELECT", "DECLARE"))]


@pytest.mark.django_db(transaction=True)
def test_what_each_request_of_a_registration_costs(new_client: Callable[[], Client], redis_calls: list[str]) -> None:
    """Exact, as the servers see it: BEGIN and COMMIT are statements, and so is an advisory lock."""
    first = new_client()
    register(first, Citizen(452))  # every connection is open
    first.get(RECEIVED)  # what is kept for a minute is kept
    client, answers, costs = new_client(), ME.identity, {}

    def cost(name: str, action: Callable[[], Any]) -> None:
        redis_calls.clear()
        with CaptureQueriesContext(connection) as captured:
            assert action().status_code in (200, 302)
        asked = [query["sql"].count("; WITH ") + 1 for query in captured.captured_queries]  # a lock before a statement
        costs[name] = sum(asked), len(redis_calls)

    cost("GET contact", lambda: client.get(WIZARD))
    cost("POST contact", lambda: contact(client, ME))
    cost("GET activation", lambda: client.get(WIZARD))
    code = code_on_phone(ME)
    cost("POST activation", lambda: send(client, ACTIVATION, {"code": code}))
    cost("GET identity", lambda: client.get(WIZARD))
    cost("POST identity", lambda: send(client, IDENTITY, answers))
    cost("GET received", lambda: client.get(RECEIVED))

    assert costs == {  # statements, calls of Redis
        "GET contact": (0, 0),
        "POST contact": (4, 3),
        "GET activation": (1, 1),
        "POST activation": (3, 1),
        "GET identity": (1, 1),
        "POST identity": (4, 4),
        "GET received": (1, 1),
    }
