"""`make run`: the whole portal on this machine, from its services to its pages, until Ctrl-C.

What is not given in the environment is chosen here for a machine of one's own: embedded services under DATA_DIR, text
messages to a page instead of phones, identities from the made-up registry, plain HTTP on loopback.
"""

import contextlib
import fcntl
import http.client
import os
import re
import secrets
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from devtools import embedded, messages
from devtools.end_with_parent import end_with_parent
from devtools.servers import ServerError
from devtools.supervisor import Part, PartError, StopRequested, Supervisor

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180  # for one part to answer, on a busy machine; a part that ends is noticed at once
QUEUES = ("codes", "texts", "work")
POOL = "10"  # database connections of a worker, which its threads share
# What the parts say at every start and end is not worth a line: the servers' own notes, and Celery's warning of root,
# which is about pickled messages; ours are JSON.
NOTHING = "(?!)"  # only its last lines, if it fails
SERVERS_SHOW = r"(?i)\b(error|fatal|panic|oom)\b"
CELERY_SHOWS = (
    r"^(?!$|worker: |.*(SecurityWarning:|absolutely not recommended|--uid option|User information:|_warn_or_))"
)

SECRETS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}  # of what is chosen here: these may come as NAME_FILE, too


class SetupError(Exception):
    """The portal cannot be started here; the text is the one line that says what to do."""


def main() -> int:
    if os.environ.get("MAKELEVEL"):
        end_with_parent(os.getppid(), signal.SIGTERM)  # so that `kill -9` of make ends everything, too
    try:
        port, data = port_of(os.environ), Path(os.environ.get("DATA_DIR") or ".portal").absolute()
        with _locked(data) as after_crash, _reserved(port, 5 if after_crash else 0) as listener:
            return _run(port, data, listener)
    except (SetupError, ServerError) as problem:
        print(problem, file=sys.stderr)
    except OSError as problem:
        print(f"{problem.filename or 'make run'}: {problem.strerror}.", file=sys.stderr)
    return 1


def _run(port: int, data: Path, listener: socket.socket) -> int:
    # A SIGINT that was sent to make alone (`kill -INT`, a script) reaches nobody else: make only drops its handler and
    # waits for us, for ever. SIGTERM it passes on.
    handled = _parent_handles_sigint()
    messages.compile_all(ROOT)
    with Supervisor(ROOT, environment(port, data), _write, lambda: _parent_handles_sigint() != handled) as supervisor:
        supervisor.say("", "Starting the portal: servers, tables, web, workers.")
        try:
            _serve(supervisor, port, data, listener)
        except StopRequested:
            supervisor.say("", "Stopping.")
            return 0
        except PartError as failure:
            supervisor.say("", f"{failure}\nEverything else is stopped, too.")
    return 1


def _serve(supervisor: Supervisor, port: int, data: Path, listener: socket.socket) -> None:
    """Start the parts in the order in which they need each other, and look after them."""
    for variable, make in (("DATABASE_URL", embedded.postgres), ("REDIS_URL", embedded.redis)):
        if not _given(variable):
            server = make(data / make.__name__)
            supervisor.environment[variable] = server.url
            part = Part(make.__name__, server, shows=SERVERS_SHOW)
            supervisor.start(part)
            if not supervisor.run(server.ready, START_SECONDS):
                raise PartError(f"{server.name} did not answer within {START_SECONDS} seconds.")
            part.restarts = True  # from here on: what does not even begin is not to be begun again
            if not server.directory.is_relative_to(data):
                supervisor.say(
                    "", f"{server.name} keeps its data in {server.directory}, because DATA_DIR is closed to its user."
                )
    address = address_of(supervisor.environment)
    prepared: list[str] = []  # what it printed
    prepare = [sys.executable, "manage.py", "prepare", "--demo-at", address]
    supervisor.finish(Part("prepare", prepare, answer=prepared, shows=NOTHING))
    gunicorn = ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"fd://{listener.fileno()}"]
    keeps, shows = [listener.fileno()], "^(?!GET /health/live 200)"
    web = Part("web", _python(*gunicorn, "tamin_portal.wsgi"), keeps=keeps, shows=shows)
    supervisor.start(web)
    if not supervisor.run(lambda: _answers(port), START_SECONDS):
        raise PartError(f"web did not answer within {START_SECONDS} seconds.")
    web.restarts = True  # the port stays open here, so that who comes meanwhile waits for the next one
    for queue in QUEUES:
        worker = ["worker", "--queues", queue, "--hostname", f"{queue}@%h", "--without-gossip", "--without-mingle"]
        worker.append("--without-heartbeat")
        supervisor.start(_celery(queue, *worker, stage=1, environment={"DATABASE_POOL": POOL}))
    schedule = data / "beat"  # when each entry ran last; a fresh one is right after any pause
    schedule.unlink(missing_ok=True)
    supervisor.start(_celery("beat", "beat", "--schedule", str(schedule), "--pidfile", ""))
    opened = [f"The portal is open: {address}"]
    if supervisor.environment["HTTPS"] == "on":
        opened.append(f"HTTPS=on: a proxy that TRUSTED_PROXIES names must pass it on to http://127.0.0.1:{port}/")
    for line in ["", *opened, *prepared, "Ctrl-C stops everything.", ""]:
        supervisor.say("", line)
    supervisor.run()


def environment(port: int, data: Path) -> dict[str, str]:
    """The parts' environment: what was given, and the choices for what was not."""
    chosen = {name: value for name, value in os.environ.items() if value}
    own_name = chosen.get("PORTAL_HOST", "localhost").partition(":")[0]
    defaults = {
        "DEBUG": "off",
        "HTTPS": "off",
        "SMS_BACKEND": "handset",
        "IDENTITY_BACKEND": "reference",
        "STAFF_SECOND_FACTOR": "off",
        "SSO_KEYS_FILE": str(data / "sso_keys.json"),
        "PORTAL_HOST": f"localhost:{port}",
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(["localhost", "127.0.0.1", own_name])),
    }
    chosen |= {name: value for name, value in defaults.items() if not _given(name)}
    if not _given("SECRET_KEY"):
        chosen["SECRET_KEY_FILE"] = str(_secret_key(data))
    return chosen | {"PORT": str(port), "DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}


def _given(name: str) -> bool:
    return bool(os.environ.get(name) or (name in SECRETS and os.environ.get(f"{name}_FILE")))


def address_of(environ: Mapping[str, str]) -> str:
    """Where a browser opens the portal: what was given as PORTAL_HOST behind a proxy (HTTPS=on), else this machine."""
    if environ["HTTPS"] == "on":
        return f"https://{environ['PORTAL_HOST']}/"
    allowed = {host.strip() for host in environ["ALLOWED_HOSTS"].split(",")}
    name = "localhost" if allowed & {"localhost", "*"} else environ["PORTAL_HOST"].partition(":")[0]
    return f"http://{name}:{environ['PORT']}/"


def port_of(environ: Mapping[str, str]) -> int:
    text = environ.get("PORT") or "8000"
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise SetupError("PORT: a whole number from 1 to 65535.")
    return int(text)


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[bool]:
    """Keep DATA_DIR to this run alone. Yields whether the run before it ended without saying so."""
    # PostgreSQL, which is not root, must get through to its own directory; everything inside is closed by itself.
    data.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
    with open(data / "lock", "a+", encoding="ascii") as lock:
        lock.seek(0)
        holder = lock.read()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(
                f"DATA_DIR {data} is in use by another 'make run' (process {holder or '?'}): stop that one, "
                "or give this one another DATA_DIR and PORT."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield bool(holder)
        lock.truncate(0)


@contextlib.contextmanager
def _reserved(port: int, seconds: float) -> Iterator[socket.socket]:
    """The port, bound now and listened on by the web part later. That of a killed run may need `seconds` to leave."""
    deadline = time.monotonic() + seconds
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while True:
            try:
                listener.bind(("127.0.0.1", port))
                break
            except PermissionError:
                raise SetupError(f"PORT {port} is kept for root: choose one above 1023.") from None
            except OSError:
                if time.monotonic() >= deadline:
                    other = port + 1 if port < 65535 else 8000
                    raise SetupError(f"PORT {port} is taken: stop its user, or type 'make run PORT={other}'.") from None
                time.sleep(0.2)
        yield listener


def _secret_key(data: Path) -> Path:
    path = data / "secret_key"
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(64), encoding="ascii")
        partial.rename(path)
    return path


def _parent_handles_sigint() -> bool:
    """Whether the parent process has a handler for SIGINT. Only Linux tells; elsewhere False."""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{os.getppid()}/status").read_text(encoding="ascii", errors="replace")
        if caught := re.search("^SigCgt:\\s*([0-9a-f]+)$", status, re.MULTILINE):
            return bool(int(caught[1], 16) >> (signal.SIGINT - 1) & 1)
    return False


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def _celery(name: str, *arguments: str, stage: int = 0, environment: Mapping[str, str] | None = None) -> Part:
    command = _python("celery", "--quiet", "--app", "tamin_portal.celery:app", *arguments, "--loglevel", "WARNING")
    return Part(name, command, restarts=True, stage=stage, environment=environment or {}, shows=CELERY_SHOWS)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/live", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _write(name: str, line: str) -> None:
    print(f"{name:<8} | {line}" if name else line, flush=True)
