"""Migrations take the time that they need, and an index whose build broke off is built again."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models
from django.db.migrations.state import ProjectState
from django.db.models.signals import pre_migrate

from infra.migrating import BuildIndex
from sms.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = models.Index("at", name="test_built")
VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('test_built')"


def told(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def build() -> None:
    state = ProjectState.from_apps(Heartbeat._meta.apps)
    with connection.schema_editor(atomic=False) as editor:
        BuildIndex("heartbeat", INDEX).database_forwards("sms", editor, state, state)


@pytest.fixture(autouse=True)
def dropped() -> Iterator[None]:
    yield
    told("DROP INDEX IF EXISTS test_built")
    connection.close()  # with what was set


def test_no_statement_of_migrate_is_ended_and_any_later_one_is() -> None:
    connection.close()
    options = connection.settings_dict["OPTIONS"]["options"]
    connection.settings_dict["OPTIONS"]["options"] = f"{options} -c statement_timeout=4321"
    seen: list[Any] = []
    (waits,) = told("SHOW lock_timeout")
    assert waits != ("0",)

    def look(**_: object) -> None:
        seen.extend(told("SHOW statement_timeout") + told("SHOW lock_timeout"))

    pre_migrate.connect(look, weak=False)
    try:
        call_command("migrate", "sms", verbosity=0)
        assert set(seen[-2:]) == {("0",), waits}  # the last time: before it, others are asked
        assert told("SHOW statement_timeout") == [("4321ms",)]
    finally:
        pre_migrate.disconnect(look)
        connection.settings_dict["OPTIONS"]["options"] = options


def test_an_index_whose_build_broke_off_is_built_again() -> None:
    Heartbeat.objects.create(queue="one", at="2026-11-01T00:00Z")
    Heartbeat.objects.create(queue="two", at="2026-11-01T00:00Z")
    with pytest.raises(DatabaseError):  # two rows are the same
        told("CREATE UNIQUE INDEX CONCURRENTLY test_built ON sms_heartbeat (at)")
    assert told(VALID) == [(False,)]
    waits = told("SHOW lock_timeout")
    build()
    assert told(VALID) == [(True,)]
    build()  # is there
    assert told("SHOW lock_timeout") == waits != [("0",)]
