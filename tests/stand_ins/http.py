"""An HTTP server on loopback that stands in for a service provider, with faults on demand.

A client that never gets its answer waits for a deadline, and a test must not: see `_give_up_soon`.
"""

import contextlib
import enum
import json
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, islice, repeat
from typing import Any, Self
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from infra import deadlines

DRIP_SECONDS = 0.1
GIVE_UP_SECONDS = 0.2  # more than between two drips, so that only a deadline for the whole exchange ends one
ENDLESS_SECONDS = 60  # a client that has not given up by then never would: it gets a broken connection, not a timeout


class Fault(enum.Enum):
    SLOW = "reads the request, and does nothing"
    CUT = "reads the request, does nothing, and resets the connection"
    BAD_GATEWAY = "a gateway's page instead of the service, which has seen nothing"
    LIMITED = "a gateway's page that refuses, with Retry-After; the service has seen nothing"
    REDIRECT = "sends elsewhere, the request's own path included"
    ACCEPT_THEN_TIMEOUT = "does what was asked, and never answers"
    ACCEPT_THEN_CUT = "does what was asked, and breaks off in the middle of the answer"
    ACCEPT_THEN_GARBAGE = "does what was asked, and answers nonsense"
    DRIP = "does what was asked, and answers with a byte of the body every 0.1 s, without end"
    DRIP_HEAD = "does what was asked, and answers with a byte of the head every 0.1 s, without end"
    HUGE = "does what was asked, and answers without end"
    COMPRESSED = "does what was asked, and claims that its answer is compressed"


ENDLESS = {Fault.SLOW, Fault.ACCEPT_THEN_TIMEOUT, Fault.DRIP, Fault.DRIP_HEAD}
_NOT_SEEN = {Fault.SLOW, Fault.CUT, Fault.BAD_GATEWAY, Fault.LIMITED, Fault.REDIRECT}
_PAGE = b"<html><body><h1>Not now</h1></body></html>"


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    status: int
    document: object  # bytes go as they are, anything else as JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        if isinstance(self.document, bytes):
            return self.document
        return json.dumps(self.document, ensure_ascii=False).encode()


class StandIn:
    """Context manager. Subclasses say what the service does: `reply`.

    `faults`: for the next requests, one each. `broken`: for every request, until it is None again. `delay`: seconds
    before every answer. `received`: every request, the failed ones too. `connections`: how many were opened.
    """

    def __init__(self) -> None:
        self.faults: deque[Fault] = deque()
        self.broken: Fault | None = None
        self.delay = 0.0
        self.received: list[Received] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.endless: set[int] = set()  # ports of the clients that wait in vain
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def reply(self, request: Received) -> Reply:
        """What the service does with a request; called by one thread at a time."""
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._patch = mock.patch.object(
            deadlines.Stream, "receive", _give_up_soon(deadlines.Stream.receive, self.endless)
        )
        self._patch.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._patch.stop()
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()

    def hang_up(self) -> None:
        """Close all connections, and return when that is done."""
        self._server.close_connections()
        while self._server.has_connections():
            self.stopping.wait(0.01)

    def take(self, request: Received) -> tuple[Reply, Fault | None]:
        with self.lock:
            self.received.append(request)
            fault = self.broken or (self.faults.popleft() if self.faults else None)
            if fault is Fault.REDIRECT:
                return Reply(307, _PAGE, {"Location": f"{self.base_url}/elsewhere{request.path}"}), fault
            if fault in _NOT_SEEN:
                return Reply(429 if fault is Fault.LIMITED else 502, _PAGE, {"Retry-After": "90"}), fault
            return self.reply(request), fault


def _give_up_soon(receive: Callable[..., int], endless: set[int]) -> Callable[..., int]:
    """The client's `receive`, but what is left of an exchange's time is GIVE_UP_SECONDS once the stand-in has begun not
    to answer it. So a test may give an exchange much time, which a busy machine may need for what comes before, and it
    ends soon nevertheless; and the stand-in has surely received what then counts as sent.
    """

    def receive_or_give_up(stream: deadlines.Stream, buffer: Any) -> int:
        exchange, connection = stream.exchange, stream.socket
        port = connection.getsockname()[1]
        while port not in endless and exchange.left() > 0:
            if select.select([connection], [], [], 0.01)[0]:
                break
        if port in endless:
            exchange.ends_at = min(exchange.ends_at, time.monotonic() + GIVE_UP_SECONDS)
        return receive(stream, buffer)

    return receive_or_give_up


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # all threads of a worker may connect at once

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.stand_in.lock:
            self.stand_in.connections += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.stand_in.lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Wake the threads that wait for another request."""
        with self.stand_in.lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)

    def has_connections(self) -> bool:
        with self.stand_in.lock:
            return bool(self._open)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is what the faults are for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        stand_in = self.server.stand_in
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = dict(parse_qsl(address.query))
        reply, fault = stand_in.take(Received(self.command, address.path, query, dict(self.headers), body))
        stand_in.stopping.wait(stand_in.delay)
        if fault in ENDLESS:
            stand_in.endless.add(self.client_address[1])
        try:
            self._answer(reply, fault)
        finally:
            stand_in.endless.discard(self.client_address[1])

    do_GET = do_POST  # noqa: N815

    def _answer(self, reply: Reply, fault: Fault | None) -> None:
        head, body = self._head(reply), reply.body()
        match fault:
            case Fault.SLOW | Fault.ACCEPT_THEN_TIMEOUT:
                self.server.stand_in.stopping.wait(ENDLESS_SECONDS)
                self.close_connection = True
            case Fault.CUT:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
            case Fault.ACCEPT_THEN_CUT:
                self.wfile.write(head + body[: len(body) // 2])
                self.close_connection = True
            case Fault.ACCEPT_THEN_GARBAGE:
                garbage = Reply(200, b"\xff\x00" + b"[" * 50_000)
                self.wfile.write(self._head(garbage) + garbage.body())
            case Fault.DRIP:
                self._drip(self._head(reply, length=1 << 20), body)
            case Fault.DRIP_HEAD:
                self._drip(b"", head.removesuffix(b"\r\n") + b"X-Slow: ")
            case Fault.HUGE:
                self.wfile.write(self._head(reply, length=1 << 40))
                while not self.server.stand_in.stopping.is_set():
                    self.wfile.write(b" " * 4096)
            case Fault.COMPRESSED:
                self.wfile.write(self._head(Reply(200, body, {"Content-Encoding": "gzip"})) + body)
            case _:
                self.wfile.write(head + body)

    def _head(self, reply: Reply, length: int | None = None) -> bytes:
        size = len(reply.body()) if length is None else length
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(size),
            "Set-Cookie": "balancer=1",
            **reply.headers,
        }
        lines = [f"HTTP/1.1 {reply.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode()

    def _drip(self, at_once: bytes, slowly: bytes) -> None:
        self.wfile.write(at_once)
        drips = int(ENDLESS_SECONDS / DRIP_SECONDS)
        for byte in islice(chain(slowly, repeat(ord(" "))), drips):
            if self.server.stand_in.stopping.wait(DRIP_SECONDS):
                break
            self.wfile.write(bytes([byte]))
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Requests are in `received`."""
