"""A worker that is connected and takes nothing any more ends itself; one whose Redis is away goes on."""

import os
import runpy
import signal
import socket
import time
from pathlib import Path

import pytest
from pytest_django import Settings
from redis import Redis

from devtools.servers import until
from tamin_portal import pulse
from tamin_portal.pulse import Pulse
from tests.faults.processes import python

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 120
HEALTH = runpy.run_path(str(Path(__file__).parents[2] / "deploy/healthcheck.py"))
WORKER = """
import sys, django
from kombu.transport import redis
from tamin_portal import pulse
from tamin_portal.celery import app
django.setup()
pulse.LOOK_SECONDS, pulse.DEAF_SECONDS = 0.1, float(sys.argv[1])
if sys.argv[2] == "deaf":
    redis.MultiChannelPoller._register_BRPOP = lambda self, channel: None
app.worker_main(["worker", "-Q", "codes", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"])
"""


class Ends:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(pulse, "monotonic", lambda: now[0])
    monkeypatch.setattr(pulse, "_felt", 0.0)
    return now


def test_who_feels_nothing_although_redis_takes_it_ends(now: list[float], clean_redis: Redis) -> None:
    ended = Ends()
    watch = Pulse("codes@here", ended)
    for _ in range(3):
        watch.look()
        now[0] += pulse.DEAF_SECONDS / 3
    assert (clean_redis.llen(watch.queue), ended.count) == (1, 0)
    assert 0 < clean_redis.ttl(watch.queue) <= 2 * pulse.DEAF_SECONDS
    now[0] += 1

    watch.look()

    assert ended.count == 1


def test_who_feels_it_lives_on(now: list[float]) -> None:
    ended = Ends()
    watch = Pulse("codes@here", ended)
    for _ in range(9):
        watch.look()
        pulse.pulse()
        now[0] += pulse.DEAF_SECONDS
    assert ended.count == 0


@pytest.mark.usefixtures("redis_away")
def test_a_redis_that_is_away_is_no_reason(now: list[float]) -> None:
    ended = Ends()
    watch = Pulse("codes@here", ended)
    for _ in range(9):
        watch.look()
        now[0] += pulse.DEAF_SECONDS
    assert ended.count == 0


def test_a_worker_that_listens_gives_signs_of_life(tmp_path: Path) -> None:
    file = tmp_path / "pulse"
    with python("-c", WORKER, "600", "hears", WORKER_PULSE_FILE=str(file)) as worker:
        assert until(file.exists, PATIENCE)
        with Redis.from_url(os.environ["REDIS_URL"]) as client:
            mine = f"pulse.celery@{socket.gethostname()}"
            assert until(lambda: client.llen(mine) == 0, PATIENCE)  # taken
        assert file.read_text() == str(worker.pid)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0


def test_a_worker_that_is_deaf_ends_itself(tmp_path: Path) -> None:
    with python("-c", WORKER, "1", "deaf") as worker:
        assert worker.wait(PATIENCE) == 0


def test_systemd_is_told(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        pulse.tell()
        assert systemd.recv(100) == b"WATCHDOG=1"


def test_the_health_check_ends_who_gives_no_sign_any_more(tmp_path: Path) -> None:
    file, check = tmp_path / "pulse", HEALTH["worker"]
    assert check(file) == 1  # it begins
    with python("-c", "import signal; signal.pause()") as worker:
        file.write_text(str(worker.pid))
        assert check(file) == 0
        assert worker.poll() is None
        long_ago = time.time() - HEALTH["SILENT_SECONDS"] - 1
        os.utime(file, (long_ago, long_ago))
        assert check(file) == 1
        assert worker.wait(PATIENCE) == -signal.SIGKILL


def test_a_sign_of_life_that_cannot_be_given_does_not_end_the_looks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, say: systemd would kill a good worker as soon as nobody looked any more."""
    told = []

    def tell() -> None:
        told.append(1)
        if len(told) == 1:
            raise OSError("no space left on device")
        watch.stopping.set()

    watch = Pulse("codes@here", Ends())
    monkeypatch.setattr(pulse, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(pulse, "tell", tell)
    monkeypatch.setattr(pulse, "_felt", time.monotonic())

    watch._look_again_and_again()

    assert len(told) == 2
    assert "pulse" in caplog.text
