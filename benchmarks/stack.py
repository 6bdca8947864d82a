"""The portal as it runs in production, on a PostgreSQL and a Redis of its own that end with the benchmarks."""

import http.client
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

import psycopg
import redis
from psycopg import sql

from benchmarks.tables import progress
from devtools import embedded
from devtools.servers import Server, kill_group, popen, running, until

ROOT = Path(__file__).resolve().parent.parent
QUEUES = ("codes", "texts", "work")
TEMPLATE = embedded.NAME  # the migrated database that the others are copied from
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SCALE", "LARGEST", "WEB_WORKERS", "WEB_THREADS")
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tamin_portal.settings",
    "HTTPS": "off",
    "SMS_BACKEND": "handset",
    "IDENTITY_BACKEND": "reference",
    "STAFF_SECOND_FACTOR": "off",
    "ALLOWED_HOSTS": "localhost,testserver",
    "TRUSTED_PROXIES": "127.0.0.1",  # so that every citizen has an address, and the limits stay on
}


@dataclass(frozen=True)
class Services:
    directory: Path
    postgres: Server
    redis: Server

    def url(self, database: str) -> str:
        return self.postgres.url.replace(f"@/{TEMPLATE}?", f"@/{database}?")

    def versions(self) -> str:
        with psycopg.connect(self.url("postgres")) as connection:
            number = connection.info.server_version
        with redis.Redis.from_url(self.redis.url) as client:
            answer = client.info("server")["redis_version"]
        return f"PostgreSQL {number // 10000}.{number % 10000}, Redis {answer}"

    def fresh(self, database: str = "bench") -> None:
        """An empty Redis, and a database like the one that was just migrated; from now on everybody uses it."""
        use(TEMPLATE, self)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            name = sql.Identifier(database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(TEMPLATE)))
        with redis.Redis.from_url(self.redis.url) as client:
            client.flushall()
        use(database, self)


def use(database: str, services: Services) -> None:
    """Let this process, and those that it starts, work on another database of the same server."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = database
    os.environ["DATABASE_URL"] = services.url(database)


@contextmanager
def services() -> Iterator[Services]:
    """Both servers, their addresses in the environment, Django set up, tables and static files in place."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-")))
        directory.chmod(0o711)  # PostgreSQL, which never runs as root, must get through to its own directory
        postgres = stack.enter_context(running(embedded.postgres(directory / "postgres")))
        broker = stack.enter_context(running(embedded.redis(directory / "redis")))
        kept = {name: os.environ[name] for name in KEPT if os.environ.get(name)}
        os.environ.clear()
        os.environ.update(kept | SETTINGS | {"DATABASE_URL": postgres.url, "REDIS_URL": broker.url})
        os.environ.update({"DATA_DIR": str(directory / "data"), "SECRET_KEY": secrets.token_urlsafe(64)})
        _prepare()
        yield Services(directory, postgres, broker)


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)


@contextmanager
def _process(
    services: Services,
    name: str,
    *command: str,
    environment: Mapping[str, str],
    keeps: tuple[int, ...] = (),
    python: str = sys.executable,
) -> Iterator[int]:
    whole = {**os.environ, "PGAPPNAME": name, **environment}
    with open(services.directory / f"{name}.log", "ab") as log:
        process = popen([python, "-m", *command], log.fileno(), ROOT, SIGTERM, environment=whole, keeps=keeps)
    try:
        yield process.pid
    except Exception:
        tell_last_words(services, name)
        raise
    finally:
        process.send_signal(SIGTERM)
        until(lambda: process.poll() is not None, 10)
        kill_group(process)


def tell_last_words(services: Services, name: str) -> None:
    last = (services.directory / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()[-40:]
    progress("\n".join([f"{name} said last:", *last]))


@dataclass(frozen=True)
class Web:
    pid: int
    port: int


@contextmanager
def web(services: Services, environment: Mapping[str, str]) -> Iterator[Web]:
    """gunicorn as it is deployed. `environment`: settings that differ from SETTINGS."""
    with gunicorn(services, "web", "--config", "deploy/gunicorn.conf.py", environment=environment) as server:
        yield server


@contextmanager
def gunicorn(
    services: Services,
    name: str,
    *options: str,
    environment: Mapping[str, str],
    page: str = "/health/live",
    python: str = sys.executable,
) -> Iterator[Web]:
    """gunicorn with these options on a free port, as soon as it answers `page` with 200."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, number = listener.getsockname()[1], listener.fileno()
        command = ["gunicorn", *options, "--bind", f"fd://{number}"]
        with _process(services, name, *command, environment=environment, keeps=(number,), python=python) as pid:
            listener.close()
            if not until(lambda: _answers(port, page), 60):
                raise TimeoutError(f"{name} does not answer")
            yield Web(pid, port)


def _answers(port: int, page: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", page, headers={"Host": "localhost", "X-Real-IP": "198.18.0.1"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def worker(services: Services, queue: str, environment: Mapping[str, str]) -> Iterator[int]:
    """One Celery worker as it is deployed; its first job waits until it is up. Yields its pid."""
    command = ["celery", "--quiet", "--app", "tamin_portal.celery:app", "worker", "--loglevel", "WARNING"]
    command += ["--queues", queue, "--hostname", f"{queue}@bench", "--without-gossip", "--without-mingle"]
    command += ["--without-heartbeat"]
    with _process(services, queue, *command, environment={"DATABASE_POOL": "10", **environment}) as pid:
        yield pid


@contextmanager
def workers(services: Services, environment: Mapping[str, str]) -> Iterator[list[int]]:
    """A worker for each queue."""
    with ExitStack() as stack:
        yield [stack.enter_context(worker(services, queue, environment)) for queue in QUEUES]
