"""What a page costs in SQL, counted: a look writes nothing, a registration is three dozen statements at most."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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
    send,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db

ME = Citizen(451)
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the block sends, without those that only begin and end transactions."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]


def cost(action: Callable[[], Any]) -> int:
    """Statements of a request that succeeds."""
    with statements() as found:
        assert action().status_code in (200, 302)
    return len(found)


def test_whoever_only_looks_costs_the_database_nothing(client: Client) -> None:
    for page in (WIZARD, f"{WIZARD}?step=identity", RECEIVED, "/"):
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
    to_identity(client, ME)
    answers = {**ME.identity, "gender": ""}
    with statements() as found:
        assert "gender" in errors(send(client, IDENTITY, answers))
    assert not [statement for statement in found if not statement.startswith(("SELECT", "DECLARE"))]


def test_what_each_request_of_a_registration_costs(client: Client) -> None:
    """Upper bounds: whoever adds a statement should know it. An advisory lock counts as the statement it is."""
    answers = ME.identity
    costs = [cost(lambda: contact(client, ME)), cost(lambda: client.get(WIZARD))]
    code = code_on_phone(ME)
    costs += [cost(lambda: send(client, ACTIVATION, {"code": code})), cost(lambda: client.get(WIZARD))]
    costs += [cost(lambda: send(client, IDENTITY, answers)), cost(lambda: client.get(RECEIVED))]
    most = [11, 3, 8, 2, 9, 4]
    assert all(now <= bound for now, bound in zip(costs, most, strict=True)), costs
    assert sum(costs) <= 36
