"""`make faults`: every part of `make run` is killed or restarted in turn, while citizens look and send.

No answer may be wrong but while PostgreSQL is away; whoever was told that a code is on its way gets it.
"""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from devtools.servers import until
from tests.devtools.running import belonging_to, data_directory, free_port, heard, portal
from tests.registration.wizard.walking import CONTACT, WIZARD, Citizen, fields

PATIENCE = 300
CLIENTS = 3
LIMITS = ("LIMIT_UNCONFIRMED_PER_IP", "LIMIT_UNCONFIRMED_PER_NETWORK", "LIMIT_UNCONFIRMED")
TOKEN = "a" * 32  # of CSRF, in cookie and form
# What is in its command → whether its outage makes requests fail.
PARTS = {
    "--queues codes": False,
    "--queues texts": False,
    "--queues work": False,
    "beat --schedule": False,
    "-server": False,  # Redis, or Valkey, which take another name once they run
    "gunicorn": False,
    "postgres -D": True,
}


class Load:
    """Citizens who begin registrations, without a pause; `wrong`: what was answered otherwise than it should be."""

    def __init__(self, port: int) -> None:
        self.base, self.begun, self.answered, self.wrong = f"http://localhost:{port}", 0, 0, list[str]()
        self._over, self._lock, self._next = threading.Event(), threading.Lock(), 0
        self._threads = [threading.Thread(target=self._go_on) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def goes_on(self, answers: int = 30) -> bool:
        before = self.answered
        return until(lambda: self.answered >= before + answers, PATIENCE)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _go_on(self) -> None:
        while not self._over.is_set():
            with self._lock:
                self._next += 1
                citizen = Citizen(self._next)
            with httpx.Client(base_url=self.base, timeout=60, cookies={"csrf": TOKEN}) as browser:
                form = fields(CONTACT, citizen.contact) | {"csrfmiddlewaretoken": TOKEN}
                self._ask(200, lambda: browser.get(WIZARD))
                if self._ask(302, lambda: browser.post(WIZARD, data=form)):  # noqa: B023
                    with self._lock:
                        self.begun += 1
                    self._ask(200, lambda: browser.get(WIZARD))

    def _ask(self, expected: int, question: Callable[[], httpx.Response]) -> bool:
        try:
            answer: object = question().status_code
        except httpx.HTTPError as error:
            answer = type(error).__name__
        with self._lock:
            self.answered += 1
            self.wrong += [] if answer == expected else [f"{answer} instead of {expected}"]
        return answer == expected


def commands(directory: Path) -> dict[int, str]:
    found = {}
    for pid in belonging_to(directory):
        try:
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return found


def leader(directory: Path, part: str) -> int:
    """The process of a part that leads its group, 0 if there is none."""
    for pid, command in commands(directory).items():
        if part in command:
            try:
                if os.getpgid(pid) == pid:
                    return pid
            except ProcessLookupError:
                continue
    return 0


def answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}{WIZARD}", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_every_part_is_killed_under_load(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory, port = data_directory(tmp_path_factory), free_port()
    with portal(directory, port, **dict.fromkeys(LIMITS, "1000000/60")) as process:
        heard(process, "^Ctrl-C stops everything")
        reader = threading.Thread(target=lambda: [None for _ in process.stdout or []], daemon=True)
        reader.start()
        load, told = Load(port), dict[str, list[str]]()
        try:
            for part, may_fail in PARTS.items():
                assert load.goes_on(), part
                first = leader(directory, part)
                assert first, f"{part} does not run"
                before = len(load.wrong)
                os.kill(first, signal.SIGTERM if part == "gunicorn" else signal.SIGKILL)
                assert until(lambda: leader(directory, part) not in (0, first), PATIENCE), part  # noqa: B023
                assert until(lambda: answers(load.base), PATIENCE), part
                assert load.goes_on(), part
                if not may_fail:
                    told[part] = load.wrong[before:]
            before = len(load.wrong)
            assert load.goes_on()
            told["afterwards"] = load.wrong[before:]
        finally:
            load.end()
        assert {part: wrong for part, wrong in told.items() if wrong} == {}
        assert until(lambda: sent(directory) >= load.begun, PATIENCE), "every code that was promised has left"
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert until(lambda: not belonging_to(directory), 60)


def sent(directory: Path) -> int:
    sockets = next(directory.glob("postgres/**/.s.PGSQL.*[0-9]"), directory / "postgres/none").parent
    with psycopg.connect(host=str(sockets), dbname="portal", user="portal") as connection:
        [count] = connection.execute("SELECT count(*) FROM sms_message WHERE state = 'accepted'").fetchone() or [0]
    assert isinstance(count, int)
    return count
