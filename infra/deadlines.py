"""A network for httpcore that keeps one deadline over a whole exchange, and knows whether anything was written.

No HTTP client has a total deadline: their timeouts hold for one read each, so a peer that sends a byte now and then
holds a worker for as long as it likes. Here every connect, handshake, read and write gets only what is left of the
exchange's time.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpcore

CONNECT_SECONDS = 3.0  # a peer that does not even answer a handshake in this time is away, however long the deadline


@dataclass
class Exchange:
    """One request and its answer: until when (`time.monotonic`), and whether the peer may have seen any of it."""

    seconds: float
    written: bool = False
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = time.monotonic() + self.seconds

    def left(self) -> float:
        return self.ends_at - time.monotonic()


current: ContextVar[Exchange] = ContextVar("exchange")


class DeadlineNetwork(httpcore.NetworkBackend):
    """TCP under the deadline of the `current` exchange, resolving names included, for all addresses together."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        exchange = current.get()
        gives_up_at = min(exchange.ends_at, time.monotonic() + CONNECT_SECONDS)
        addresses = _resolve(host, port, gives_up_at - time.monotonic())
        failure: Exception = httpcore.ConnectError("no address")
        for position, address in enumerate(addresses):
            # Each address gets its share: one that swallows packets must leave time for the next.
            share = (gives_up_at - time.monotonic()) / (len(addresses) - position)
            if share <= 0:
                raise httpcore.ConnectTimeout
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, share, local_address, socket_options or ())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = current.get().left()
        if left <= 0:
            raise httpcore.ReadTimeout
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = current.get()
        if exchange.left() <= 0:
            raise httpcore.WriteTimeout
        exchange.written = exchange.written or bool(buffer)
        self._stream.write(buffer, exchange.left())

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = min(current.get().left(), CONNECT_SECONDS)
        if left <= 0:
            raise httpcore.ConnectTimeout
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Addresses of a host. In a thread of its own, because nothing else can put an end to `getaddrinfo`."""
    answers: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(address[4][0]) for address in found)))
        except (OSError, UnicodeError):
            answers.put(None)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        addresses = answers.get(timeout=max(seconds, 0))
    except queue.Empty:
        raise httpcore.ConnectTimeout from None
    if not addresses:
        raise httpcore.ConnectError("name not resolved")
    return addresses
