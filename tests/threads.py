"""Things done at the same time, each in a thread with a database connection of its own.

Needs committed rows: `@pytest.mark.django_db(transaction=True)`. Such a test empties every table at its end; the
security questions of the migrations come back (tests/conftest.py).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection, transaction

from devtools.servers import until
from infra import locks

T = TypeVar("T")


def together(action: Callable[[], T], times: int) -> list[T | Exception]:
    """Start `action` this many times at one moment; what each returned or raised."""
    gate = Barrier(times)

    def run() -> T | Exception:
        try:
            connection.ensure_connection()  # connecting takes longer than most actions: done before the start
            gate.wait(60)
            return action()
        except Exception as error:  # noqa: BLE001  the caller looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]


def elsewhere(action: Callable[[], T]) -> T:
    """Do it in another thread, over another connection, and wait for it."""
    [result] = together(action, 1)
    if isinstance(result, Exception):
        raise result
    return result


def behind(lock: str, action: Callable[[], T], change: Callable[[], object]) -> T:
    """Somebody holds `lock` (infra.locks) and does `change`; `action` starts before that is committed, and waits."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locks.lock(lock)
            answer = pool.submit(elsewhere, action)
            assert until(_somebody_waits, 60)
            change()
        return answer.result(60)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchall()[0][0])
