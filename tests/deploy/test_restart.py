"""Web is started again while people look and send, behind the real nginx: nobody notices.

systemd holds the socket (tamin-portal-web.socket); here this test does, and hands it over as systemd does.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from devtools.servers import kill_group, until
from tests.production import ROOT
from tests.proxy import proxy

RESTARTS = 3
CLIENTS = 4
# sd_listen_fds(3): the socket is number 3, and the variables name the process that it is for.
AS_SYSTEMD = """
import os, sys
held = int(sys.argv[1])
os.dup2(held, 3) if held != 3 else os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
gunicorn = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", sys.argv[2]]
os.execv(sys.executable, [sys.executable, *gunicorn])
"""


RATES = {"requests": 400, "posts": 100, "services": 100}
NO_LIMITS = {f"limit_req zone={zone} burst={burst} nodelay;": "" for zone, burst in RATES.items()}


class Web:
    """gunicorn with our own settings."""

    def __init__(self, listener: socket.socket, log: Path, app: str, threads: int, environment: Mapping[str, str]):
        self._listener, self._log, self._app = listener, log, app
        self._environment = {**environment, "WEB_WORKERS": "2", "WEB_THREADS": str(threads)}
        self._start()

    def _start(self) -> None:
        number = self._listener.fileno()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", AS_SYSTEMD, str(number), self._app],
                cwd=ROOT,
                env=self._environment,
                pass_fds=[number],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        try:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(60) == 0
        finally:
            kill_group(self._process)

    def restart(self) -> None:
        self.stop()
        self._start()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as held:
        yield held


class Load:
    """Clients that look and send by turns, without a pause, and keep what was not answered rightly.

    `ask` gets the numbers of a client and of its request, which is one to send when it is odd; it says what was wrong.
    """

    def __init__(self, ask: Callable[[int, int], str]) -> None:
        self.answered, self.odd, self._ask = 0, list[str](), ask
        self._over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _go_on(self, number: int) -> None:
        count = 0
        while not self._over.is_set():
            count += 1
            try:
                odd = self._ask(number, count)
            except OSError as error:
                odd = f"{type(error).__name__} for {number}-{count}"
            with self._lock:
                self.answered += 1
                self.odd += [odd] if odd else []

    def goes_on(self) -> bool:
        before = self.answered
        return until(lambda: self.answered >= before + 50, 60)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(60)


def test_a_restart_under_load_loses_nothing(listener: socket.socket, tmp_path: Path) -> None:
    def ask(number: int, count: int) -> str:
        body = f"{number}-{count}" if count % 2 else ""
        answer = server.ask("/", "POST" if body else "GET", body=body, plain=True)
        return "" if (answer.status, answer.body) == (200, body) else f"{answer.status} for {body or 'GET'}"

    web = Web(listener, tmp_path / "web.log", "tests.stand_ins.web:app", 8, os.environ)
    with proxy(tmp_path / "nginx", listener.getsockname()[1], NO_LIMITS) as server:
        restarts(web, ask, RESTARTS)


def restarts(web: Web, ask: Callable[[int, int], str], times: int) -> None:
    """Nothing is lost, however often; web is stopped at the end."""
    load = Load(ask)
    try:
        for _ in range(times):
            assert load.goes_on()
            web.restart()
        assert load.goes_on()
    finally:
        load.end()
        web.stop()
    assert load.odd == []


def test_the_proxy_lets_connections_go_before_web_does() -> None:
    """Else one is closed at the moment at which a form is sent through it, and nobody may send that form again."""
    web = (ROOT / "deploy/gunicorn.conf.py").read_text("utf-8")
    [kept_by_web] = re.findall(r"^keepalive = ([0-9]+)$", web, re.MULTILINE)
    for name in ("upstream.conf", "upstream-host.conf"):
        text = (ROOT / "deploy/nginx" / name).read_text("utf-8")
        [kept_by_proxy] = re.findall(r"keepalive_timeout ([0-9]+)s;", text)
        assert int(kept_by_proxy) < min(int(kept_by_web), STOP_KEEPALIVE_LINGER), name
