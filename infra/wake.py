"""Waking a worker: a best effort that never fails the caller. A message that is lost is found by the sweep."""

import logging
import time

from celery import current_app

log = logging.getLogger(__name__)

EXPIRES_SECONDS = 120  # a wake-up that nobody took in that time is void; the sweep comes every ten seconds
BREAK_SECONDS = 2.0
MOST_DRAINS = 16  # that one sweep wakes for one queue: what waited for a service must not be asked about one by one

_broken_until = 0.0  # process-local: after one failure nobody here waits for the broker's time-out again


def wake(task: str, *args: int | str, expires: int = EXPIRES_SECONDS) -> bool:
    """Publish the task with this name to its queue (`task_routes`); False when the broker is away.

    By name, so that nobody who has work for a worker must import what the worker needs. Arguments are ids and names.
    """
    global _broken_until
    if time.monotonic() < _broken_until:
        return False
    try:
        # The queues are declared by their workers: to publish needs none of them.
        current_app.send_task(task, args=args, expires=expires, declare=[])
    except Exception as error:  # noqa: BLE001  whatever ails the broker (away, full, read-only): the row is committed
        _broken_until = time.monotonic() + BREAK_SECONDS
        log.warning("the broker does not take messages (%s)", type(error.__cause__ or error).__name__)
        return False
    return True
