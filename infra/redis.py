"""A Redis client for requests that people wait for: one short wait, no retry, and then none for two seconds.

A Redis that is frozen answers nobody, but every operation would wait for its time-out; a page makes several. After the
first failure this process says "away" at once until the break is over. What depends on Redis says what that means.
"""

import time
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS, ANSWER_SECONDS = 0.5, 1.0
BREAK_SECONDS = 2.0

_broken_until = 0.0  # process-local, monotonic seconds


class ImpatientRedis(redis.Redis):
    """`redis.Redis` with the break. Raises redis.ConnectionError or redis.TimeoutError like its parent."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        global _broken_until
        if time.monotonic() < _broken_until:
            raise redis.ConnectionError("away a moment ago")
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (redis.ConnectionError, redis.TimeoutError):
            _broken_until = time.monotonic() + BREAK_SECONDS
            raise


def connect(url: str) -> ImpatientRedis:
    """A client with a pool of its own. No retries: an event whose answer was lost would count twice."""
    waits = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": ANSWER_SECONDS}
    return cast(ImpatientRedis, ImpatientRedis.from_url(url, retry=Retry(NoBackoff(), 0), **waits))


def forget_failures() -> None:
    """End the break, as the next process would begin."""
    global _broken_until
    _broken_until = 0.0
