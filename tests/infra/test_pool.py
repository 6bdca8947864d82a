"""Who waits gives the connection back, where connections are shared; tests/faults/test_threads.py has real workers."""

import pytest
from django.db import connection, transaction

from infra import pool

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "shared", object)


def is_held() -> bool:
    return connection.connection is not None


def test_each_thread_keeps_a_connection_of_its_own() -> None:
    connection.ensure_connection()
    pool.give_back()
    pool.look_through()
    assert is_held()


@pytest.mark.usefixtures("shared")
def test_a_shared_one_is_given_back() -> None:
    connection.ensure_connection()
    pool.give_back()
    assert not is_held()


@pytest.mark.usefixtures("shared")
def test_but_not_in_the_middle_of_a_transaction() -> None:
    with transaction.atomic():
        connection.ensure_connection()
        pool.give_back()
        assert is_held()
