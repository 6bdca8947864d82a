"""The supervisor of `make run`: what it does when a part, or it itself, comes to an end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis, RedisError

from devtools import supervisor
from devtools.servers import until

Start = Callable[
    ..., "subprocess.Popen[str]"
]  # parts by name; "codes", which ends after the others, and "redis", a directory, restart

LIVES = "import os, signal; print('pid', os.getpid()); signal.pause()"
DIES = "import os; print('pid', os.getpid()); print('my last words'); os._exit(3)"
# Ignores a friendly request, and so does its child.
STUBBORN = (
    "import os, signal; signal.signal(15, signal.SIG_IGN); os.fork()\n"
    "os.write(1, b'pid %d\\n' % os.getpid())\n"  # in one piece: two processes speak here
    "while True: signal.pause()"
)


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def start(*options: str, **parts: str) -> "subprocess.Popen[str]":
            listed = [(name, code, name in ("codes", "redis"), int(name == "codes")) for name, code in parts.items()]
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.devtools.fake_portal", json.dumps(listed), *options],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                start_new_session=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            patience = threading.Timer(120, process.kill)  # so that waiting for its words ends
            patience.start()
            stack.callback(patience.cancel)
            return process

        yield start


def pids(process: "subprocess.Popen[str]", *names: str) -> list[int]:
    """The parts' own, which they print first, in the order asked for."""
    found: list[tuple[str, int]] = []
    assert process.stdout
    while len(found) < len(names) and (line := process.stdout.readline()):
        if said := re.fullmatch("([a-z]+) pid ([0-9]+)\n", line):
            found.append((said[1], int(said[2])))
    assert sorted(name for name, _ in found) == sorted(names)
    return [pid for _, pid in sorted(found, key=lambda pair: names.index(pair[0]))]


def gone(*pids: int) -> bool:
    def alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    return until(lambda: not any(alive(pid) for pid in pids), 60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_part(start: Start, number: signal.Signals) -> None:
    process = start(web=LIVES, codes=LIVES)
    parts = pids(process, "web", "codes")
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in output
    assert gone(*parts)


def test_under_nohup_the_end_of_the_terminal_ends_nothing(start: Start) -> None:
    process = start("nohup", web=LIVES, codes=LIVES)
    web, worker = pids(process, "web", "codes")
    process.send_signal(signal.SIGHUP)
    os.kill(worker, signal.SIGKILL)
    (again,) = pids(process, "codes")  # so it goes on with its work
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert gone(web, again)


def test_ctrl_c_reaches_the_parts_only_through_the_supervisor(start: Start) -> None:
    process = start(web=LIVES)
    (part,) = pids(process, "web")
    assert os.getpgid(part) != os.getpgid(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    output, _ = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in output) == (0, False)
    assert gone(part)


def test_a_part_that_does_not_listen_is_ended_by_force_with_its_children(start: Start) -> None:
    process = start(web=STUBBORN)
    parts = pids(process, "web", "web")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)  # at once, please
    process.communicate(timeout=60)
    assert gone(*parts)


def test_parts_end_when_the_supervisor_is_killed(start: Start) -> None:
    process = start(web=LIVES, codes=LIVES)
    parts = pids(process, "web", "codes")
    process.kill()
    assert gone(*parts)


def test_a_worker_that_is_killed_is_started_again(start: Start) -> None:
    process = start(web=LIVES, codes=LIVES)
    web, worker = pids(process, "web", "codes")
    os.kill(worker, signal.SIGKILL)
    (again,) = pids(process, "codes")
    assert again not in (web, worker)
    os.kill(web, 0)  # is still there
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert gone(web, again)


def test_a_worker_that_always_exits_stops_everything_with_its_last_words(start: Start) -> None:
    process = start(web=LIVES, codes=DIES)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output.count("it is started again") == supervisor.RAPID_EXITS - 1
    assert "codes exited with status 3 for the 5th time within a minute. It said last:" in output
    assert output.rstrip().endswith("my last words")
    assert gone(*[int(number) for number in re.findall("pid ([0-9]+)", output)])


def test_the_end_of_any_other_part_stops_the_rest_at_once_with_its_last_words(start: Start) -> None:
    process = start(codes=LIVES, web=DIES)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "web exited with status 3. It said last:" in output
    assert "    my last words" in output
    assert gone(*[int(number) for number in re.findall("pid ([0-9]+)", output)])


FINISHES = (
    "import os, signal, sys; print('pid', os.getpid())\n"
    "def end(*_): print('asked'); print('finished'); sys.exit(0)\n"
    "signal.signal(15, end)\n"
    "while True: signal.pause()"
)


def test_who_works_is_asked_to_end_when_nobody_brings_work_any_more(start: Start) -> None:
    process = start(codes=FINISHES, web=FINISHES)
    pids(process, "web", "codes")
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert output.split("\n")[:4] == ["web asked", "web finished", "codes asked", "codes finished"]


def test_a_server_that_dies_is_started_again_at_its_address(start: Start, tmp_path: Path) -> None:
    process = start(redis=str(tmp_path / "redis"), web=LIVES)
    pids(process, "web")
    told = dict(line.split(" ", 1) for line in (tmp_path / "redis" / "redis.conf").read_text().splitlines())
    with Redis(port=int(told["port"]), password=told["requirepass"]) as client:

        def pid() -> int:
            try:
                return int(client.info("server")["process_id"])
            except RedisError:
                return 0

        assert until(lambda: pid() > 0, 60)
        first = pid()
        os.kill(first, signal.SIGKILL)
        assert until(lambda: pid() not in (0, first), 60)
        again = pid()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert gone(first, again)


def test_nobody_reading_the_log_is_a_request_to_stop(start: Start) -> None:
    chatty = "import os, time; print('pid', os.getpid())\nwhile True: print('line'); time.sleep(0.01)"
    process = start(web=chatty)
    (part,) = pids(process, "web")
    assert process.stdout
    process.stdout.close()
    process.wait(60)
    assert gone(part)
