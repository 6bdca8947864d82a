"""Whether this worker still takes what comes: a message to itself, on a list of its own, again and again.

Workers have stayed connected and taken nothing any more (celery issues 8091, 9054, 10205). Only a message that has gone
all the way (this process, Redis, its consumer, one of its threads, `portal.pulse`) shows that it takes some. When
none has come for DEAF_SECONDS although Redis takes them, the process ends; its supervisor starts another.
A Redis that is away is no reason: the worker looks at the rows (own_sweep). While all is well, whoever watches from
outside is told: systemd (WATCHDOG=1 to NOTIFY_SOCKET), and the file WORKER_PULSE_FILE, which holds this process's id
and is as old as the last good look.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from celery import bootsteps, shared_task
from kombu import Queue

log = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
DEAF_SECONDS = 120.0  # threads that are all at work give the first free one back before
END_SECONDS = 60.0  # for what is open, before the end by force
TASK = "portal.pulse"
ALIVE = "WATCHDOG=1"  # sd_notify(3)

_felt = 0.0  # monotonic


@shared_task(name=TASK)
def pulse() -> None:
    global _felt
    _felt = monotonic()


class Pulse:
    """`name`: the worker's (queue@host), which no other one has; `end`: what to do when this process is deaf."""

    def __init__(self, name: str, end: Callable[[], None]) -> None:
        self.queue = f"pulse.{name}"
        self.end = end
        self.excused = monotonic()  # when it could not have felt any
        self.stopping = threading.Event()
        self.looks = threading.Thread(target=self._look_again_and_again, name="pulse", daemon=True)

    def start(self) -> None:
        self.looks.start()

    def stop(self) -> None:
        self.stopping.set()
        self.looks.join()

    def look(self) -> None:
        if not self._send():
            self.excused = monotonic()
        if monotonic() - max(self.excused, _felt) > DEAF_SECONDS:
            log.critical("nothing that Redis has for this worker reaches it any more: it ends")
            self.end()
        else:
            tell()

    def _send(self) -> bool:
        """One message at a time; what a process leaves behind goes with its list."""
        from redis import RedisError

        from infra.redis import client
        from infra.wake import message

        try:
            if not client().llen(self.queue):
                client().lpush(self.queue, message(TASK, self.queue, (), int(DEAF_SECONDS)))
            client().expire(self.queue, int(2 * DEAF_SECONDS))
        except RedisError:
            return False
        return True

    def _look_again_and_again(self) -> None:
        while not self.stopping.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:  # a full disk, say: nobody would look after this thread's end, and a good worker be ended
                log.exception("the worker's pulse was not looked at; it is tried again")


def tell() -> None:
    """Whoever watches this process from outside."""
    from django.conf import settings

    if settings.WORKER_PULSE_FILE:
        Path(settings.WORKER_PULSE_FILE).write_text(str(os.getpid()), encoding="ascii")
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
            systemd.send(ALIVE.encode())


def end_this_process() -> None:
    """In good order; who cannot even do that ends by force."""
    by_force = threading.Timer(END_SECONDS, os._exit, [1])
    by_force.daemon = True
    by_force.start()
    os.kill(os.getpid(), signal.SIGTERM)


class PulseStep(bootsteps.StartStopStep):
    """Names the list before the worker begins to consume."""

    requires = ("celery.worker.components:Pool", "tamin_portal.own_sweep:OwnSweepStep")

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.pulse: Pulse | None = None

    def start(self, parent: Any) -> None:
        self.pulse = Pulse(parent.hostname, end_this_process)
        # Not declared: nothing of it is to stay in Redis but the list, which ends by itself.
        parent.app.amqp.queues.select_add(Queue(self.pulse.queue, no_declare=True))
        self.pulse.start()

    def stop(self, parent: Any) -> None:
        if self.pulse:
            self.pulse.stop()
            self.pulse = None

    terminate = stop
