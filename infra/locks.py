"""Advisory locks of PostgreSQL: whoever counts rows before adding one does it alone."""

from datetime import datetime

from django.db import connection

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)), clock_timestamp() FROM unnest(%s::text[]) AS key"


def lock(*keys: str) -> datetime:
    """Serialise everybody who names one of these keys, until the transaction ends. Returns the database's time.

    In one statement, and in sorted order, so that two callers never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(keys)])
        now: datetime = cursor.fetchall()[-1][1]
    return now
