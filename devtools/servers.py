"""Servers as children of this process: started over a directory, stopped by pid, gone when this process is gone."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

END_WITH_PARENT = Path(__file__).with_name("end_with_parent.py")


def exit_with(main: Callable[[list[str]], int]) -> NoReturn:
    """End the process with the status that `main` returns for its arguments; 143 on SIGTERM, 130 on Ctrl-C.

    Both leave `main` as exceptions do, and with that every server that it runs.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)


class ServerError(Exception):
    """A server cannot be had or does not start; the text is one line for whoever typed the command."""


@dataclass
class Server:
    """A server over a directory. `url` is what DATABASE_URL or REDIS_URL takes; it stays the same over restarts."""

    name: str
    url: str
    directory: Path
    command: Sequence[str]
    answers: Callable[[int], bool]  # whether the process with this pid takes connections
    stop_signal: signal.Signals
    user: str = "-"
    process: subprocess.Popen[bytes] | None = None

    def spawn(self, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start the process without waiting for it. Its output goes to the descriptor, else to a log file."""
        end_leftovers(self.directory, self.stop_signal)
        with open(self.log, "ab") as log:
            self.process = popen(self.command, output or log.fileno(), self.directory, self.stop_signal, user=self.user)
        return self.process

    def ready(self) -> bool:
        """Whether it takes connections. Raises `ServerError` when the process has ended instead."""
        if self.process is None or self.process.poll() is not None:
            raise ServerError(f"{self.name} ended as soon as it was started, see {self.log}.")
        return self.answers(self.process.pid)

    def start(self, seconds: float = 60) -> None:
        """Start and wait until it takes connections; after a crash that includes the recovery of its data."""
        self.spawn()
        if not until(self.ready, seconds):
            self.kill()
            raise ServerError(f"{self.name} did not answer within {seconds:.0f} s, see {self.log}.")

    def stop(self, seconds: float = 20) -> None:
        """End it in good order, or by force when that takes too long."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """`kill -9`, its own children included."""
        if self.process is not None:
            kill_group(self.process)

    @property
    def log(self) -> Path:
        return self.directory.parent / f"{self.directory.name}.log"

    @property
    def pid(self) -> int:
        """Of the running process, for a test that freezes or kills it."""
        if self.process is None:
            raise ServerError(f"{self.name} has not been started.")
        return self.process.pid


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def popen(
    command: Sequence[str],
    output: int,
    directory: Path,
    end: signal.Signals,
    *,
    user: str = "-",
    environment: Mapping[str, str] | None = None,
    answer: int | None = None,
    keeps: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """A child in a session of its own (Ctrl-C does not reach it) that gets the signal `end` when this process dies.

    `output` takes what it says; `answer`, if given, its standard output alone. `keeps`: descriptors it inherits.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(END_WITH_PARENT), str(os.getpid()), str(int(end)), user, *command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output if answer is None else answer,
        stderr=output,
        pass_fds=keeps,
        start_new_session=True,
    )


def kill_group(process: subprocess.Popen[Any]) -> None:
    """End a process that leads a group of its own, and whatever is left of that group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_leftovers(directory: Path, stop_signal: signal.Signals, seconds: float = 15) -> None:
    """End the servers that an earlier, killed run left working in the directory. Only Linux tells who works where."""
    if not Path("/proc/self/cwd").exists() or not directory.exists():
        return
    for number, limit in ((stop_signal, seconds), (signal.SIGKILL, 5.0)):
        for pid in _working_in(directory):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        if until(lambda: not _working_in(directory), limit):
            break
    # With nobody left, a pid in here is stale; PostgreSQL would take any process that now has this pid for itself.
    (directory / "postmaster.pid").unlink(missing_ok=True)


def _working_in(directory: Path) -> list[int]:
    place, found = directory.resolve(), []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):  # another user's process, or one that has just ended
            if entry.readlink() == place and int(entry.parent.name) != os.getpid():
                found.append(int(entry.parent.name))
    return found


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for the condition; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
