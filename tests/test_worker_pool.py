"""The workers' thread pool: a task that has ended wakes the worker, which then takes the next message."""

import select
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from celery import concurrency
from celery.concurrency.thread import TaskPool
from django.conf import settings
from kombu.asynchronous.hub import Hub

from tamin_portal.worker_pool import ThreadPool

PATIENCE = 60


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    pool = ThreadPool(limit=2)
    pool.start()
    yield pool
    pool.stop()


def run(pool: TaskPool, gate: threading.Event) -> None:
    pool.apply_async(gate.wait, (PATIENCE,), callback=lambda _: None, accept_callback=lambda *_: None)


def test_it_is_the_one_of_the_settings() -> None:
    assert concurrency.get_implementation(settings.CELERY_WORKER_POOL) is ThreadPool


def test_each_task_that_ends_wakes_the_event_loop_and_no_other_does(pool: ThreadPool) -> None:
    hub: Any = Hub()
    first, second = threading.Event(), threading.Event()
    pool.register_with_event_loop(hub)
    [woken] = hub.readers
    for gate in (first, second):
        run(pool, gate)
        assert select.select([woken], [], [], 0)[0] == []

        gate.set()
        assert select.select([woken], [], [], PATIENCE)[0] == [woken]
        callback, arguments = hub.readers[woken]
        callback(*arguments)
        assert select.select([woken], [], [], 0)[0] == []
    hub.close()


def test_a_loop_that_does_not_listen_holds_up_no_task(pool: ThreadPool) -> None:
    while select.select([], [pool._writer], [], 0)[1]:
        pool._writer.send(b"." * 4096)
    ended, over = threading.Event(), threading.Event()
    over.set()
    pool.apply_async(over.wait, (PATIENCE,), callback=lambda _: ended.set(), accept_callback=lambda *_: None)
    assert ended.wait(PATIENCE)
    pool._wake(None)
