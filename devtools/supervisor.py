"""The parts of the portal as children of one process: one log, restarts, and one end for all of them.

Single-threaded: a selector over what the parts say and over the signals. Every part leads a session of its own, so
Ctrl-C reaches this process alone, and it decides in which order the others go.
"""

import contextlib
import os
import re
import selectors
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from devtools.servers import Server, kill_group, popen

RESTART_AFTER = 1.0  # seconds
RAPID_EXITS, RAPID_WITHIN = 5, 60.0  # a part that exits so often in so many seconds is broken
STOP_SECONDS = 8.0  # from the request to end until the end by force
LAST_LINES = 15


class PartError(Exception):
    """A part ended that the others cannot do without. The text says which one, how, and its last lines."""


class StopRequested(KeyboardInterrupt):
    """Somebody asked for the end: SIGINT, SIGTERM, SIGHUP, or nobody reads the log any more."""


@dataclass
class Part:
    """One process. `restarts`: it is started again when it exits; any other exit stops everything. At the end those of
    the lowest `stage` finish what is open first, the servers last.

    `environment`: beside that of all parts. `answer` takes the lines of its standard output, if they are not for the
    log. `keeps`: descriptors it inherits. `shows`: only lines with this are worth the log; all count as last lines.
    """

    name: str
    command: Sequence[str] | Server
    restarts: bool = False
    stage: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    answer: list[str] | None = None
    keeps: Sequence[int] = ()
    shows: str = ""
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0  # when to start it again
    exits: deque[float] = field(default_factory=lambda: deque(maxlen=RAPID_EXITS))
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


@dataclass
class _Stream:
    """The reading end of a part's output, with the line that is not whole yet."""

    part: Part
    lines: list[str] | None
    rest: bytes = b""


class Supervisor:
    """A context: inside it signals are taken, at its end every part is stopped, whatever happened.

    `write` takes a part's name and a line. `stop_wanted` is called now and then; True counts as a signal.
    """

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        write: Callable[[str, str], None],
        stop_wanted: Callable[[], bool] = lambda: False,
    ) -> None:
        self.directory, self.environment, self.write = directory, dict(environment), write
        self.stop_wanted = stop_wanted
        self.parts: list[Part] = []
        self.stop_requests = 0  # the second one means "at once"
        self.selector = selectors.DefaultSelector()
        self.signal_reader, self.signal_writer = socket.socketpair()  # Python writes a byte for each signal
        self.signal_reader.setblocking(False)
        self.signal_writer.setblocking(False)
        self.selector.register(self.signal_reader, selectors.EVENT_READ)

    def __enter__(self) -> "Supervisor":
        signal.set_wakeup_fd(self.signal_writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._request)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that a byte is written and `select` returns
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, part: Part) -> None:
        self.parts.append(part)
        self._spawn(part)

    def run(self, condition: Callable[[], bool] | None = None, seconds: float = float("inf")) -> bool:
        """Look after the parts until the condition holds (True) or the time is over (False).

        Raises `PartError` when a part ended for good, `StopRequested` when somebody asked for the end.
        """
        deadline = time.monotonic() + seconds
        while condition is None or not condition():
            if time.monotonic() > deadline:
                return False
            self._listen(1.0 if condition is None else 0.1)
            if self.stop_requests or self.stop_wanted():
                raise StopRequested
            for part in self.parts:
                self._restart_if_ended(part)
        return True

    def finish(self, part: Part) -> None:
        """Start a part that does its work and ends, and wait for that. Raises as `run`."""
        self._spawn(part)
        try:
            self.run(part.ended)
        finally:
            self._end([part])
        if part.process and part.process.returncode:
            raise PartError(_end_message(part))

    def say(self, name: str, line: str) -> None:
        """Add a line to the log. When nobody reads it any more, or the terminal is gone, that is a request to end."""
        try:
            self.write(name, line)
        except OSError:
            self.write = lambda name, line: None
            self._request()

    def stop(self) -> None:
        """End everything, stage by stage: first what brings work, then what does it, then the servers."""
        servers = [part for part in self.parts if isinstance(part.command, Server)]
        for stage in sorted({part.stage for part in self.parts}):
            self._end([part for part in self.parts if part.stage == stage and part not in servers])
        self._end(servers)

    def _end(self, parts: list[Part]) -> None:
        for part in parts:
            if part.process and not part.ended():
                part.process.send_signal(_stop_signal(part))
        deadline = time.monotonic() + STOP_SECONDS
        while not all(part.ended() for part in parts) and time.monotonic() < deadline and self.stop_requests < 2:
            self._listen(0.1)
        for part in parts:
            if part.process:
                kill_group(part.process)
        self._listen(0)

    def _spawn(self, part: Part) -> None:
        output = self._pipe(part, None)
        if isinstance(part.command, Server):
            part.process = part.command.spawn(output)
        else:
            answer = None if part.answer is None else self._pipe(part, part.answer)
            part.process = popen(
                part.command, output, self.directory, signal.SIGTERM,
                environment={**self.environment, **part.environment}, answer=answer, keeps=part.keeps,
            )  # fmt: skip
            if answer is not None:
                os.close(answer)
        os.close(output)

    def _pipe(self, part: Part, lines: list[str] | None) -> int:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self.selector.register(reading, selectors.EVENT_READ, _Stream(part, lines))
        return writing

    def _listen(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if isinstance(key.data, _Stream):
                self._read(key.fd, key.data)
            else:
                self.signal_reader.recv(4096)

    def _read(self, descriptor: int, stream: _Stream) -> None:
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(descriptor, 65536):
                *lines, stream.rest = (stream.rest + piece).split(b"\n")
                self._take(stream, lines)
            self.selector.unregister(descriptor)
            os.close(descriptor)
            self._take(stream, [stream.rest] if stream.rest else [])

    def _take(self, stream: _Stream, lines: list[bytes]) -> None:
        for line in (raw.decode(errors="replace").rstrip() for raw in lines):
            if stream.lines is None:
                stream.part.last_lines.append(line)
                if re.search(stream.part.shows, line):
                    self.say(stream.part.name, line)
            else:
                stream.lines.append(line)

    def _restart_if_ended(self, part: Part) -> None:
        if not part.ended():
            return
        now = time.monotonic()
        if not part.due:
            self._listen(0)  # for its last lines
            part.exits.append(now)
            rapid = len(part.exits) == RAPID_EXITS and now - part.exits[0] < RAPID_WITHIN
            if not part.restarts or rapid:
                raise PartError(_end_message(part))
            self.say(part.name, f"{_how_it_ended(part)}; it is started again.")
            part.due = now + RESTART_AFTER
        elif now >= part.due:
            part.due = 0.0
            if part.process:
                kill_group(part.process)  # what a killed worker left of its pool
            self._spawn(part)

    def _request(self, *_: object) -> None:
        self.stop_requests += 1


def _stop_signal(part: Part) -> signal.Signals:
    return part.command.stop_signal if isinstance(part.command, Server) else signal.SIGTERM


def _how_it_ended(part: Part) -> str:
    status = part.process.returncode if part.process else 0
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"exited with status {status}"


def _end_message(part: Part) -> str:
    often = f" for the {len(part.exits)}th time within a minute" if len(part.exits) == RAPID_EXITS else ""
    lines = "".join(f"\n    {line}" for line in part.last_lines)
    return f"{part.name} {_how_it_ended(part)}{often}.{' It said last:' if lines else ''}{lines}"
