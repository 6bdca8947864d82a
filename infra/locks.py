"""Advisory locks of PostgreSQL: whoever counts rows before adding one does it alone."""

from datetime import datetime

from django.db import connection

from infra import statements


def lock(*keys: str) -> datetime:
    """Serialise everybody who names one of these keys, until the transaction ends. Returns the database's time.

    In one statement, and in sorted order, so that two callers never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)), clock_timestamp() FROM unnest(%s::text[]) AS key",
            [sorted(keys)],
        )
        now: datetime = cursor.fetchall()[-1][1]
    return now


def turn(key: str | statements.Given) -> statements.Part:
    """The same for one key, as the first part of a statement: those that name it as their source wait for the lock.

    They see the rows as they were before they waited, but for those that they hold (statements.hold) or change.
    """
    return statements.Part("SELECT 1 AS pk FROM pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
