"""A Redis client for requests that people wait for: short time-outs, no retry, and after a failure a pause.

A Redis that is frozen answers nobody, and every operation would wait for its time-out; a page makes several. After the
first failure every operation of this process fails at once for BREAK_SECONDS. Callers decide what a failure means.
"""

import time
from functools import cache
from typing import Any, cast

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS, ANSWER_SECONDS = 0.5, 1.0
BREAK_SECONDS = 2.0

_broken_until = 0.0  # process-local, monotonic seconds


class FailFastRedis(redis.Redis):
    """`redis.Redis` with that pause. Raises redis.ConnectionError or redis.TimeoutError like its parent."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        global _broken_until
        if time.monotonic() < _broken_until:
            raise redis.ConnectionError("away a moment ago")
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (redis.ConnectionError, redis.TimeoutError):
            _broken_until = time.monotonic() + BREAK_SECONDS
            raise


def connect(url: str) -> FailFastRedis:
    """A client with a pool of its own. No retries: an event whose answer was lost would count twice."""
    waits = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": ANSWER_SECONDS}
    return cast(FailFastRedis, FailFastRedis.from_url(url, retry=Retry(NoBackoff(), 0), **waits))


@cache
def client() -> FailFastRedis:
    """The one of this process; its threads share it."""
    return connect(settings.REDIS_URL)


def forget_failures() -> None:
    """End the break, as the next process would begin."""
    global _broken_until
    _broken_until = 0.0
