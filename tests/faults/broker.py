"""A Redis of the test's own as broker and cache of this process: to be stopped, frozen and brought back."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.core.cache import caches
from pytest_django import Settings

from devtools import embedded
from devtools.servers import Server, running
from infra import redis as infra_redis
from tests import patience


class Broker:
    def __init__(self, server: Server) -> None:
        self.server = server

    def stop(self) -> None:
        """From now on connections are refused."""
        self.server.stop()

    def start(self) -> None:
        self.server.start()

    def freeze(self) -> None:
        """From now on the kernel takes connections and nobody answers."""
        os.kill(self.server.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.server.pid, signal.SIGCONT)


@pytest.fixture
def broker(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """Everything in this process that talks to Redis talks to this one, as long as the test lasts."""
    with running(embedded.redis(tmp_path / "redis")) as server:
        broker = Broker(server)
        settings.REDIS_URL = server.url
        settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": server.url}}
        monkeypatch.setattr(current_app.conf, "broker_url", server.url)
        patience.be_quick(monkeypatch)
        _forget_connections()
        try:
            yield broker
        finally:
            broker.thaw()
            monkeypatch.undo()
            _forget_connections()


def _forget_connections() -> None:
    current_app._after_fork()  # type: ignore[attr-defined]  # what Celery does with the pools of its parent
    infra_redis.client().close()  # a connection that is only forgotten warns at whatever moment it is collected
    infra_redis.client.cache_clear()
    infra_redis.forget_failures()
    for cache in caches.all(initialized_only=True):
        cache.close()
