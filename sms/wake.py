"""Waking a worker: a best effort that never fails the caller. A message that is lost is found by the sweep."""

import logging
import time
from typing import Any

from celery import Task

log = logging.getLogger(__name__)

EXPIRES_SECONDS = 120  # a wake-up that nobody took in that time is void; the sweep comes every ten seconds
BREAK_SECONDS = 2.0

_broken_until = 0.0  # process-local: after one failure nobody here waits for the broker's time-out again


def wake(task: "Task[..., Any]", *args: int | str, queue: str, expires: int = EXPIRES_SECONDS) -> bool:
    """Publish `task(*args)` to `queue`; False when the broker is away. Arguments are ids and names only."""
    global _broken_until
    if time.monotonic() < _broken_until:
        return False
    try:
        task.apply_async(args=args, queue=queue, expires=expires)
    except Exception as error:  # noqa: BLE001  whatever ails the broker (away, full, read-only): the row is committed
        _broken_until = time.monotonic() + BREAK_SECONDS
        log.warning("the broker does not take messages (%s)", type(error.__cause__ or error).__name__)
        return False
    return True
