"""A kept connection is used without asking, and left when the server has ended it."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from devtools.servers import until
from infra import statements
from sms.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the driver is told to execute for Django's own check, which no log of Django's has."""
    found: list[str] = []
    execute = psycopg.ClientCursor.execute

    def spy(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        found.append(str(query))
        return execute(self, query, *args, **kwargs)

    connection.ensure_connection()
    monkeypatch.setattr(psycopg.ClientCursor, "execute", spy)
    return found


def end_from_elsewhere() -> None:
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_a_connection_that_works_is_not_asked(asked: list[str]) -> None:
    assert connection.is_usable()
    assert asked == []


def test_after_an_error_it_is_asked(asked: list[str]) -> None:
    connection.errors_occurred = True
    assert connection.is_usable()
    assert asked == ["SELECT 1"]


def test_one_that_was_ended_or_closed_is_not_used() -> None:
    end_from_elsewhere()
    assert until(lambda: not connection.is_usable(), 60)
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()


def test_the_next_request_goes_on_with_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    end_from_elsewhere()
    assert until(lambda: not connection.is_usable(), 60)
    monkeypatch.setattr(connections["default"], "health_check_enabled", True)  # as at the beginning of a request
    monkeypatch.setattr(connections["default"], "health_check_done", False)
    with CaptureQueriesContext(connection) as captured:
        assert not Heartbeat.objects.exists()
    assert len(captured) == 1


def test_a_statement_that_is_sent_often_is_parsed_once_for_a_connection() -> None:
    for number in (1, 70_000):
        assert statements.run({"sent": ("SELECT %s::bigint AS often", (number,))}, "SELECT often FROM sent") == (
            number,
        )
        assert statements.run({"sent": ("SELECT %s AS often", ("ب",))}, "SELECT often FROM sent") == ("ب",)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s ORDER BY 1",
            ["%often FROM sent"],
        )
        assert cursor.fetchall() == [(1,), (1,), (2,)]  # two types of number, one of text


def test_a_statement_is_shown_as_it_was_sent() -> None:
    with CaptureQueriesContext(connection) as captured:
        for _ in range(2):
            statements.run({"sent": ("SELECT %s AS shown", ("a",))}, "SELECT shown FROM sent")

    assert [query["sql"] for query in captured.captured_queries] == [
        "WITH sent AS (SELECT $1 AS shown) SELECT shown FROM sent"
    ] * 2


def test_what_the_server_prepared_ends_with_its_connection() -> None:
    parts = {"sent": ("SELECT 1 AS again", ())}
    statements.run(parts, "SELECT again FROM sent")
    end_from_elsewhere()
    with pytest.raises(OperationalError):
        statements.run(parts, "SELECT again FROM sent")
    connection.close()

    assert statements.run(parts, "SELECT again FROM sent") == (1,)
