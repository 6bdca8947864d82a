"""Waking a worker: a best effort that never fails the caller. A message that is lost is found by the sweep.

The message is Celery's (docs.celeryq.dev, "Task messages", version 2), in the wrapping and the list where kombu's
workers look for it in Redis, and is pushed there over the process's kept client. Celery's own way makes a producer, a
channel and a Redis client for each message; that costs more than anything else a web process does for its wake-ups.
"""

import json
import logging
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from celery import current_app

from infra import security_log
from infra.redis import client

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
        queue = current_app.conf.task_routes[task]["queue"]
        client().lpush(queue, message(task, queue, args, expires))
    except Exception as error:  # noqa: BLE001  whatever ails the broker (away, full, read-only): the row is committed
        _broken_until = time.monotonic() + BREAK_SECONDS
        log.warning("the broker does not take messages (%s)", type(error).__name__)
        return False
    return True


def message(task: str, queue: str, args: tuple[int | str, ...], expires: int) -> str:
    """What Celery's `send_task` would push, without what says nothing. `expires`: seconds.

    And the id of the request that is being answered, so that the worker's lines in the log carry it, too.
    """
    name, request_id = str(uuid4()), security_log.request_id()
    told = {} if request_id == security_log.NO_REQUEST else {"request_id": request_id}
    body = json.dumps([args, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    return json.dumps(
        {
            "body": b64encode(body.encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {
                "lang": "py",
                "task": task,
                "id": name,
                "root_id": name,
                "parent_id": None,
                "group": None,
                "expires": (datetime.now(UTC) + timedelta(seconds=expires)).isoformat(),
                "argsrepr": repr(args),
                "kwargsrepr": "{}",
                **told,
            },
            "properties": {
                "correlation_id": name,
                "delivery_info": {"exchange": "", "routing_key": queue},
                "delivery_tag": name,
                "priority": 0,
                "body_encoding": "base64",
            },
        }
    )
