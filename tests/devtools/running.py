"""`make run` as a process of the tests."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

OWN = {"PATH", "HOME", "LANG", "TMPDIR"}  # nothing of the tests' own settings


def environment(directory: Path, **more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in OWN & os.environ.keys()} | {"DATA_DIR": str(directory)} | more


def data_directory(factory: pytest.TempPathFactory) -> Path:
    """A directory that PostgreSQL's own user may enter, unlike pytest's, which are private."""
    directory = factory.mktemp("data")
    for parent in (directory, *directory.parents[:2]):
        parent.chmod(0o711)
    return directory


def free_port() -> int:
    """One that nobody else gets by chance meanwhile: below those that the kernel gives to whoever asks for any."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


@contextmanager
def portal(directory: Path, port: int, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """`make run` over DATA_DIR and PORT, with more variables; killed at the end."""
    with ExitStack() as stack:
        process = subprocess.Popen(
            [sys.executable, "-m", "devtools"],
            env=environment(directory, PORT=str(port), **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        stack.enter_context(process)
        stack.callback(process.kill)
        patience = threading.Timer(600, process.kill)  # so that waiting for its words ends
        patience.start()
        stack.callback(patience.cancel)
        yield process


def heard(process: "subprocess.Popen[str]", pattern: str) -> str:
    """All that was said up to the line with the pattern."""
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"never said {pattern}:\n{said}")


def belonging_to(directory: Path) -> list[int]:
    """Every process that works for this DATA_DIR: told by its environment or by where it works."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"DATA_DIR={directory}".encode() in (entry / "environ").read_bytes().split(b"\0")
            if ours or (entry / "cwd").readlink().is_relative_to(directory):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
