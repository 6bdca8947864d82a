"""Clients that mean no good, in a process of their own: each repeats one POST as fast as it is answered.

Imports nothing of Django: such a process starts at once.
"""

import http.client
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

NICENESS = 10  # an attacker's machines are elsewhere: theirs is what the servers leave of these cores
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Flood:
    """`sessions`: one for each client. Behind a proxy `told` is False: it reports the address that they bind to."""

    port: int
    path: str
    body: bytes
    sessions: Sequence[str]
    csrf: str
    told: bool


@contextmanager
def flooding(flood: Flood) -> Iterator[Counter[int]]:
    """While the block lasts; afterwards the counter holds how often each status was answered."""
    spawn = get_context("spawn")
    over, under_way, answers = spawn.Event(), spawn.Event(), spawn.SimpleQueue()
    process = spawn.Process(target=_run, args=(flood, over, under_way, answers))
    process.start()
    statuses: Counter[int] = Counter()
    try:
        if not under_way.wait(60):
            raise TimeoutError("the flood does not begin")
        yield statuses
    finally:
        over.set()
        statuses.update(answers.get() if process.is_alive() else {})
        process.join(60)


def _run(flood: Flood, over: Any, under_way: Any, answers: Any) -> None:
    os.nice(NICENESS)
    statuses: Counter[int] = Counter()

    def client(number: int) -> None:
        while not over.is_set():
            try:
                statuses[_post(flood, number)] += 1
            except (OSError, http.client.HTTPException):
                statuses[0] += 1
            under_way.set()

    with ThreadPoolExecutor(len(flood.sessions)) as pool:
        list(pool.map(client, range(len(flood.sessions))))
    answers.put(statuses)


def _post(flood: Flood, number: int) -> int:
    own = None if flood.told else (f"127.0.1.{number + 1}", 0)
    connection = http.client.HTTPConnection("127.0.0.1", flood.port, timeout=60, source_address=own)
    headers = {
        "Host": "localhost",
        "X-Forwarded-For": f"198.18.200.{number + 1}",
        "Content-Type": FORM,
        "Cookie": f"session={flood.sessions[number]}; csrf={flood.csrf}",
    }
    try:
        connection.request("POST", flood.path, flood.body, headers)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()
