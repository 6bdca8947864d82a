"""Celery's thread pool, whose worker notices at once that a thread has become free.

A worker takes no more messages than it has threads (CELERY_WORKER_DISABLE_PREFETCH). When all are busy it waits for
whatever happens on its connections, a second at most; that a thread has finished happens on none of them, so Celery's
own pool begins as many tasks in a second as it has threads, however short they are.
"""

import contextlib
import socket
from typing import Any

from celery.concurrency.thread import TaskPool


class ThreadPool(TaskPool):
    """Each task that ends writes a byte, which wakes the worker's event loop."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def register_with_event_loop(self, loop: Any) -> None:
        loop.add_reader(self._reader, self._woken)

    def on_apply(self, *args: Any, **options: Any) -> Any:
        result = super().on_apply(*args, **options)
        result.f.add_done_callback(self._wake)
        return result

    def on_stop(self) -> None:
        super().on_stop()
        self._reader.close()
        self._writer.close()

    def _wake(self, _: object) -> None:
        with contextlib.suppress(OSError):  # full: the loop is about to wake as it is
            self._writer.send(b".")

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(4096)
