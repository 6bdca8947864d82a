"""A worker looks at the rows itself: what nobody has woken it for is done all the same, without Redis and beat.

Every LOOK_SECONDS a thread of the worker counts what has been due for LATE and held by nobody, and lets other threads
take it, under the leases that the tasks take. Nobody must find out whether the broker is away, silent or deaf:
what is late says so. Threads that are busy with tasks count: a worker that has none left takes nothing by itself.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from celery import bootsteps
from celery.worker import state

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
LATE = timedelta(seconds=2)  # until then it is a wake-up's
BY_THE_CLOCK_SECONDS = 30.0
BEAT_SECONDS = 60  # beat reaches each queue every 15 s; then its clock is this worker's business
AT_ONCE = 16

GoOn = Callable[[], bool]


@dataclass
class Share:
    """The work of one queue. `waits`: how many rows have been due for so long, more than `most` are not counted;
    `drain`: takes them; `by_the_clock`: what beat asks for otherwise."""

    waits: Callable[[timedelta, int], int]
    drain: Callable[[GoOn], object]
    by_the_clock: Callable[[GoOn], object]
    running: list["Future[None]"] = field(default_factory=list)
    clock: "Future[None] | None" = None


def shares(queues: Sequence[str]) -> dict[str, Share]:
    """Of these queues. Models are not there yet when Celery imports this module."""
    from infra import due_work
    from infra.leases import waiting
    from registration.identity import check
    from registration.lifecycle import decisions, reaching
    from sms.outbox import delivery, reports

    def messages(queue: str, by_the_clock: Callable[[GoOn], object]) -> Share:
        return Share(
            lambda late, most: waiting(delivery.due(queue), most, late),
            lambda go_on: delivery.drain(queue, go_on),
            by_the_clock,
        )

    def follow_messages(go_on: GoOn) -> None:
        delivery.expire()
        reports.poll()

    def follow_requests(go_on: GoOn) -> None:
        decisions.expire()
        reaching.follow_up()
        for drain in due_work.drains().values():
            drain(go_on)

    every = {
        "codes": messages("codes", lambda go_on: None),
        "texts": messages("texts", follow_messages),
        "work": Share(
            lambda late, most: min(most, waiting(check.due(), most, late) + waiting(check.due_again(), most, late)),
            check.drain,
            follow_requests,
        ),
    }
    return {queue: every[queue] for queue in queues if queue in every}


class OwnSweep:
    """`threads`: how many tasks the worker may have at once."""

    def __init__(self, queues: Sequence[str], threads: int) -> None:
        self.shares, self.threads = shares(queues), threads
        self.at_once = min(AT_ONCE, threads)
        self.stopping = threading.Event()
        self.others = ThreadPoolExecutor(self.at_once + len(self.shares), "own-sweep")
        self.looks = threading.Thread(target=self._look_again_and_again, name="own-sweep", daemon=True)

    def start(self) -> None:
        self.looks.start()

    def stop(self) -> None:
        """What is being worked on ends first, as tasks do."""
        self.stopping.set()
        self.looks.join()
        self.others.shutdown()

    def go_on(self) -> bool:
        return not self.stopping.is_set()

    def look(self) -> None:
        for share in self.shares.values():
            share.running = [future for future in share.running if not future.done()]
            free = min(self.at_once, self.threads - len(state.active_requests)) - len(share.running)
            for _ in range(share.waits(LATE, free) if free > 0 else 0):
                share.running.append(self._let_work(share.drain))

    def look_at_the_clock(self) -> None:
        from sms.statistics import heartbeats

        reached = heartbeats()
        for queue, share in self.shares.items():
            age = reached[queue]
            if (age is None or age > BEAT_SECONDS) and (share.clock is None or share.clock.done()):
                share.clock = self._let_work(share.by_the_clock)

    def _look_again_and_again(self) -> None:
        clock = monotonic() + BY_THE_CLOCK_SECONDS
        while not self.stopping.wait(LOOK_SECONDS):
            _outlive(self.look)
            if monotonic() >= clock:
                clock = monotonic() + BY_THE_CLOCK_SECONDS
                _outlive(self.look_at_the_clock)

    def _let_work(self, work: Callable[[GoOn], object]) -> "Future[None]":
        return self.others.submit(_outlive, lambda: work(self.go_on))


def _outlive(work: Callable[[], object]) -> None:
    """Whatever ails the database or a row: the next look comes. Texts of errors may hold personal data."""
    from django.db import Error, connections

    from infra import pool

    try:
        work()
    except Exception as error:  # noqa: BLE001
        log.warning("own sweep: %s", type(error).__name__)
        if isinstance(error, Error):
            pool.look_through()
    finally:
        connections.close_all()


class OwnSweepStep(bootsteps.StartStopStep):
    """Begins before the worker looks for its broker, and ends with the worker."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.sweep: OwnSweep | None = None

    def start(self, parent: Any) -> None:
        self.sweep = OwnSweep(list(parent.app.amqp.queues.consume_from), parent.concurrency)
        self.sweep.start()

    def stop(self, parent: Any) -> None:
        if self.sweep:
            self.sweep.stop()
            self.sweep = None

    terminate = stop
