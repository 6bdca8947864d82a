"""`make run` as a newcomer types it: what stops it at once, and one whole run from nothing to nothing."""

import contextlib
import fcntl
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from devtools import run as make_run
from devtools.servers import until
from tests.devtools.directories import open_directory

OWN = {"PATH", "HOME", "LANG", "TMPDIR"}  # nothing of the tests' own settings


def environment(directory: Path, **more: str) -> dict[str, str]:
    return {name: os.environ[name] for name in OWN & os.environ.keys()} | {"DATA_DIR": str(directory)} | more


def refused(directory: Path, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "devtools"], env=environment(directory, **more), capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http", "۸۰۰۰", "-1"])
def test_a_port_that_is_none_is_named_in_one_line(tmp_path: Path, port: str) -> None:
    assert refused(tmp_path / "data", PORT=port) == "PORT: a whole number from 1 to 65535.\n"
    assert not (tmp_path / "data").exists()


def test_an_empty_port_is_as_good_as_none() -> None:
    assert make_run.port_of({"PORT": ""}) == make_run.port_of({}) == 8000


def test_a_taken_port_is_named_with_what_to_do_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(tmp_path / "data", PORT=str(port))
    assert said == f"PORT {port} is taken: stop its user, or type 'make run PORT={port + 1}'.\n"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["lock"]


def test_a_second_run_on_the_same_data_is_refused_in_one_line(tmp_path: Path) -> None:
    with open(tmp_path / "lock", "w", encoding="ascii") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = refused(tmp_path, PORT="8000")
    assert said.startswith(f"DATA_DIR {tmp_path} is in use by another 'make run' (process 4711): stop that one")


def test_a_data_directory_that_cannot_be_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(tmp_path / "file", PORT="8000") == f"{tmp_path / 'file'}: File exists.\n"


def test_what_is_given_stays_and_what_is_not_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("DEBUG", "on")
    monkeypatch.setenv("KAVENEGAR_SENDER", "")  # as good as not given
    monkeypatch.setenv("PORTAL_HOST_FILE", "/somewhere")
    chosen = make_run.environment(8123, tmp_path)
    assert chosen["DEBUG"] == "on"
    assert (chosen["HTTPS"], chosen["SMS_BACKEND"], chosen["IDENTITY_BACKEND"]) == ("off", "handset", "reference")
    assert "PORTAL_HOST" not in chosen
    assert "KAVENEGAR_SENDER" not in chosen
    assert (chosen["PORT"], chosen["DATA_DIR"]) == ("8123", str(tmp_path))


def test_the_secret_key_is_made_once_and_is_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    path = Path(make_run.environment(8000, tmp_path)["SECRET_KEY_FILE"])
    key = path.read_text(encoding="ascii")
    assert len(key) >= 50
    assert path.stat().st_mode & 0o077 == 0
    assert make_run.environment(8000, tmp_path)["SECRET_KEY_FILE"] == str(path)
    assert path.read_text(encoding="ascii") == key


def free_port() -> int:
    """One that nobody else gets by chance meanwhile: below those that the kernel gives to whoever asks for any."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


@pytest.fixture
def directory() -> Iterator[Path]:
    with open_directory() as path:
        yield path


@contextmanager
def portal(directory: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    with ExitStack() as stack:
        process = subprocess.Popen(
            [sys.executable, "-m", "devtools"],
            env=environment(directory, PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        stack.enter_context(process)
        stack.callback(process.kill)
        patience = threading.Timer(300, process.kill)  # so that waiting for its words ends
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


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux tells which processes are left")
def test_one_whole_run_from_an_empty_directory_until_ctrl_c(directory: Path) -> None:
    port = free_port()

    with portal(directory, port) as process:
        said = heard(process, "^Ctrl-C stops everything")
        assert f"The portal is open: http://localhost:{port}/" in said
        assert "Demo people" in said
        assert "Branch desk" in said
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/portal/registration/", headers={"Host": "localhost"})
        page = connection.getresponse()
        assert page.status == 200
        assert 'lang="fa"' in page.read().decode()
        connection.close()
        process.kill()
    assert until(lambda: not belonging_to(directory), 60)

    with portal(directory, port) as process:  # on what the killed run left
        heard(process, "^Ctrl-C stops everything")
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in said
    assert until(lambda: not belonging_to(directory), 60)
