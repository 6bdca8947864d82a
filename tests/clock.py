"""Time for tests: it stands still and passes when a test says so. Nobody waits; a busy machine changes nothing.

The database's clock stands still in every test that is one transaction (`stand_still`); `advance` makes the rows older.
What Redis counts (infra.throttle) stands still too; `tests.accounts.helpers.age_limits` makes it older. What
sessions keep as Unix seconds is of this process's clock, which `time_machine` moves.

`make test AT=2026-11-25T20:29:00Z` begins at that moment, for these processes and for the database: midnight in Tehran,
20:30 UTC, then comes while the tests run.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.db import connection
from django.db.models import DateTimeField, F
from psycopg import sql
from time_machine import travel

OURS = ("sms", "registration", "accounts", "sso")

# The two functions that our statements ask for the time, and the defaults of our columns: as in PostgreSQL, until
# `portal.still` names a moment. PostgreSQL looks into its own schema first unless the path names it later.
_INSTALL = """
CREATE SCHEMA IF NOT EXISTS still;
CREATE OR REPLACE FUNCTION still.statement_timestamp() RETURNS timestamptz STABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT coalesce(nullif(current_setting('portal.still', true), '')::timestamptz, pg_catalog.statement_timestamp())
$$;
CREATE OR REPLACE FUNCTION still.clock_timestamp() RETURNS timestamptz VOLATILE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT coalesce(nullif(current_setting('portal.still', true), '')::timestamptz, pg_catalog.clock_timestamp())
$$;
DO $$
DECLARE a record;
BEGIN
  FOR a IN SELECT table_name, column_name FROM information_schema.columns WHERE column_default = 'statement_timestamp()'
  LOOP
    EXECUTE format('ALTER TABLE %I ALTER %I SET DEFAULT still.statement_timestamp()', a.table_name, a.column_name);
  END LOOP;
  EXECUTE format('ALTER DATABASE %I SET search_path = still, pg_catalog, public', current_database());
END $$;
"""


def begin() -> None:
    """Move this process's clock to the moment that AT names, once for a run and all its workers."""
    if at := os.environ.get("AT"):
        now = datetime.now(UTC)
        ahead = os.environ.setdefault("AHEAD_SECONDS", str((datetime.fromisoformat(at) - now).total_seconds()))
        travel(now + timedelta(seconds=float(ahead))).start()


def install() -> None:
    """Make a clock that can stand still, in the database of this connection, for all that connect from now on.

    A database that is used again (pytest --reuse-db, so every mutant of `make mutants`) has it already.
    """
    with connection.cursor() as cursor:
        ahead = float(os.environ.get("AHEAD_SECONDS", 0))
        cursor.execute(_INSTALL.replace("_timestamp())\n$$", f"_timestamp() + interval '{ahead} s')\n$$"))
    connection.close()


def let_go() -> None:
    """End what else is connected to the database, so that it can be dropped: threads of servers keep connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def stand_still() -> None:
    """Stop the database's clock for this connection: until the end of its transaction if there is one, else `go_on`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.still', clock_timestamp()::text, %s)", [connection.in_atomic_block])


def go_on() -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET portal.still")


def advance(time: timedelta | None = None, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
    """Let time pass: every moment in our rows (due, expired, created, leased until, …) moves into the past by it."""
    passed = (time or timedelta()) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    with _as_who_signed_in():  # events are changed by their owner alone
        _move_all(passed)


@contextmanager
def _as_who_signed_in() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        [[role]] = cursor.fetchall()
        cursor.execute("RESET ROLE")
        yield
        if role != "none":
            cursor.cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))


def _move_all(passed: timedelta) -> None:
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            moments = [field.name for field in model._meta.concrete_fields if isinstance(field, DateTimeField)]
            if moments:
                model._base_manager.update(**{name: F(name) - passed for name in moments})
