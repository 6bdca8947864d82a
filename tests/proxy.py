"""A real nginx with the files of deploy/nginx, on loopback, in front of the real portal or of nobody."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIHandler

from devtools.servers import until
from tests.source_code import ROOT

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOST = "portal.example.ir"


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing: nginx writes what was asked."""


@contextmanager
def portal() -> Iterator[int]:
    """The portal itself, with the settings of this moment; yields its port."""
    server = make_server("127.0.0.1", 0, WSGIHandler(), _Threads, _Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, list[str]]
    body: str


@dataclass(frozen=True)
class Proxy:
    http: int
    https: int

    def ask(
        self, path: str, method: str = "GET", *, host: str = HOST, plain: bool = False, body: str = "", **headers: str
    ) -> Answer:
        if plain:
            connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        else:
            trusting = ssl._create_unverified_context()  # noqa: S323  a certificate of our own, on loopback
            connection = http.client.HTTPSConnection("127.0.0.1", self.https, timeout=60, context=trusting)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, {"Host": host, **sent})
        response = connection.getresponse()
        content = response.read().decode()
        connection.close()
        names = {name.title() for name in response.headers}
        return Answer(response.status, {name: response.headers.get_all(name, []) for name in names}, content)


def configured(directory: Path, upstream: int, changes: Mapping[str, str]) -> tuple[Path, Proxy]:
    """A copy of deploy/nginx that runs here: other paths and ports, and one portal."""
    ports = [_free_port(), _free_port()]
    copy = directory / "portal"
    shutil.copytree(ROOT / "deploy" / "nginx", copy)
    kept = " ".join(re.findall(r"keepalive\S* \S+;", (copy / "upstream-host.conf").read_text("utf-8")))
    (copy / "upstream.conf").write_text(f"upstream web {{ server 127.0.0.1:{upstream}; {kept} }}\n", "ascii")
    here = {
        " /tmp/": f" {directory}/",  # first: the other paths may lie there, too
        "/etc/nginx/portal/": f"{copy}/",
        "/etc/nginx/tls/": f"{directory}/",
        "worker_processes auto;": "worker_processes 1;",
        "listen 8080;": f"listen 127.0.0.1:{ports[0]};",
        "listen 8443 ssl http2;": f"listen 127.0.0.1:{ports[1]} ssl http2;",
        **changes,
    }
    for path in copy.glob("*.conf"):
        text = path.read_text("utf-8")
        for old, new in here.items():
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
    subject = ["-subj", f"/CN={HOST}", "-days", "1", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "certificate.pem")]
    directory.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", *subject, *files], check=True, capture_output=True)
    return copy, Proxy(*ports)


def command(shape: Path) -> list[str]:
    """nginx with this file, in the foreground; as root it would give its rights to a user who may not read here."""
    whole = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
    return [NGINX or "nginx", "-e", "stderr", "-c", str(shape), "-g", whole]


@contextmanager
def proxy(directory: Path, upstream: int, changes: Mapping[str, str] | None = None) -> Iterator[Proxy]:
    """nginx in the shape of production. `changes`: texts of its files that are others here."""
    copy, running = configured(directory, upstream, changes or {})
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command(copy / "tls.conf"), stdout=log, stderr=log)
    try:
        assert until(lambda: listens(running.https), 60), (directory / "log").read_text("utf-8")
        yield running
    finally:
        process.terminate()
        process.wait(60)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
