"""Database connections that the threads of a process share (DATABASE_POOL): more threads than connections.

A thread that waits for a service needs no connection. Whoever waits gives his back first, so that a few connections
serve many open calls, and no crowd of those who wait keeps the connection from the one they wait for.
"""

from typing import Any, cast

from django.db import connection
from psycopg_pool import ConnectionPool


def give_back() -> None:
    """Let others have this thread's connection; the next statement takes one again.

    Does nothing in the middle of a transaction, and where each thread has a connection of its own.
    """
    if shared() and not connection.in_atomic_block:
        connection.close()


def look_through() -> None:
    """Replace all connections that no longer work: PostgreSQL has restarted, and it broke more than the one."""
    if pool := shared():
        connection.close()
        pool.check()


def of_the_server() -> tuple[dict[str, int], int]:
    """Connections to the server by role, those of others included, and how many it takes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT usename, count(*), current_setting('max_connections')::int FROM pg_stat_activity"
            " WHERE usename IS NOT NULL AND datname IS NOT NULL GROUP BY usename"
        )
        rows = cursor.fetchall()
    return {role: count for role, count, _ in rows}, rows[0][2] if rows else 0


def shared() -> "ConnectionPool[Any] | None":
    """The pool of this process, None where there is none."""
    return cast("ConnectionPool[Any] | None", connection.pool)  # type: ignore[attr-defined]  # of this engine alone
