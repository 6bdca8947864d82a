"""Real processes that work on the rows of the running test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from redis import Redis

from infra.wake import message


@contextmanager
def python(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """`python …` over the test's database and Redis, killed at the end. Its standard output is a pipe."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=Path(__file__).parents[2],
        env=own_rows() | environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def own_rows() -> dict[str, str]:
    """The environment of a process that works on the rows of the running test."""
    return {**os.environ, "DATABASE_URL": _database_url(), "REDIS_URL": settings.REDIS_URL}


def _database_url() -> str:
    values = {
        name: quote(str(connection.settings_dict[name]), safe="") for name in ("NAME", "USER", "PASSWORD", "HOST")
    }
    who = values["USER"] + (f":{values['PASSWORD']}" if values["PASSWORD"] else "")
    port = connection.settings_dict["PORT"]
    return f"postgresql://{who}@/{values['NAME']}?host={values['HOST']}" + (f"&port={port}" if port else "")


def knock(redis_url: str, queue: str) -> None:
    """What beat sends every 15 s; whoever takes it writes the queue's heartbeat. Here it waits long: for a start."""
    with Redis.from_url(redis_url) as client:
        client.lpush(queue, message("sms.heartbeat", queue, (queue,), expires=600))
