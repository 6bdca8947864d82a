"""What infra.throttle counts, counted in PostgreSQL while Redis is away: slower, as exact.

The table is sms.models.LimitEvent; nothing of the field is in it. What was counted in Redis before is not known here,
nor the other way round: whoever takes Redis away gains one more allowance, once.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction

from infra.locks import lock

Counted = Sequence[tuple[str, Sequence[tuple[int, int]]]]  # key → pairs (count, seconds)


def hit(counted: Counted, token: str, events: int = 1) -> tuple[int, int]:
    """As the script in Redis: {0, 0}, or the position of the limit that lasts longest (from 1) and its milliseconds."""
    longest, reached = 0, 0
    with transaction.atomic(), connection.cursor() as cursor:
        now = lock(*(f"limit {key}" for key, _ in counted))
        for position, (key, pairs) in enumerate(counted, 1):
            for allowed, seconds in pairs:
                cursor.execute(
                    "SELECT at FROM limit_event WHERE key = %s AND at > %s ORDER BY at DESC OFFSET %s LIMIT 1",
                    [key, now - timedelta(seconds=seconds), max(0, allowed - max(events, 1))],
                )
                deciding = cursor.fetchone()
                left = deciding[0] + timedelta(seconds=seconds) - now if deciding else timedelta(0)
                if events > allowed:
                    left = timedelta(seconds=seconds)
                wait = -(-left // timedelta(milliseconds=1))
                if wait > longest:
                    longest, reached = wait, position
        if events and not reached:
            tokens = [token, *(f"{token}:{event}" for event in range(2, events + 1))]
            rows = [(key, one, now) for key, _ in counted for one in tokens]
            cursor.executemany("INSERT INTO limit_event (key, token, at) VALUES (%s, %s, %s)", rows)
    return reached, longest


def refund(key: str, token: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM limit_event WHERE key = %s AND token = %s", [key, token])


def forget(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM limit_event WHERE key = %s", [key])
