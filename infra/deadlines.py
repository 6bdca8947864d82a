"""Connections under one deadline for a whole exchange, which know whether anything was written.

No HTTP client has a total deadline: their timeouts hold for one read each, so a peer that sends a byte now and then
holds a worker for as long as it likes. Here every connect, handshake, read and write gets only what is left of the
exchange's time.
"""

import io
import ipaddress
import queue
import select
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any

CONNECT_SECONDS = 3.0  # a peer that does not even answer a handshake in this time is away, however long the deadline
MOST_BYTES = 128 * 1024  # of an answer, its head included


class TooLongError(OSError):
    """The peer sends more than any answer has."""


@dataclass
class Exchange:
    """One request and its answer: until when (`time.monotonic`), and whether the peer may have seen any of it."""

    seconds: float
    written: bool = False
    received: int = 0  # bytes
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = time.monotonic() + self.seconds

    def left(self) -> float:
        return self.ends_at - time.monotonic()

    def still_left(self) -> float:
        """Seconds. Raises TimeoutError when none are."""
        left = self.left()
        if left <= 0:
            raise TimeoutError
        return left


class Stream:
    """A connection, as `http.client.HTTPResponse` reads from it. `exchange`: the one that has it now."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self.socket, self.exchange = connected, exchange
        self.has_ended = False  # the peer has closed its end
        self.ends_clean = False  # the last answer was read, and nothing came after it

    def send(self, message: bytes) -> None:
        self.socket.settimeout(self.exchange.still_left())
        self.exchange.written = True
        self.socket.sendall(message)

    def receive(self, buffer: Any) -> int:
        """Fill the buffer with what comes; returns how many bytes, 0: `has_ended`."""
        self.socket.settimeout(self.exchange.still_left())
        number = self.socket.recv_into(buffer)
        self.has_ended = not number
        self.exchange.received += number
        if self.exchange.received > MOST_BYTES:
            raise TooLongError
        return number

    def makefile(self, mode: str) -> io.BufferedReader:
        self.ends_clean = False
        return _Answer(_Incoming(self))

    def is_quiet(self) -> bool:
        """An idle connection has nothing to read: a peer that has closed its end, or says something unasked, has."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        self.socket.close()


class _Incoming(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self.stream: Stream | None = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.stream.receive(buffer) if self.stream else 0


class _Answer(io.BufferedReader):
    """Closed at the end of the answer. What is in its buffer by then belongs to no answer."""

    def close(self) -> None:
        incoming = self.raw
        if isinstance(incoming, _Incoming) and (stream := incoming.stream):
            incoming.stream = None
            stream.ends_clean = not self.peek(1)
        super().close()


def connect(host: str, port: int, tls: ssl.SSLContext | None, exchange: Exchange, *, public: bool = False) -> Stream:
    """TCP, and TLS that proves the host's name. Raises TimeoutError or another OSError.

    `public`: to addresses of the internet alone. The address that is looked at is the one that is used, so a name that
    changes between the two gains nothing. One deadline for resolving the name and for all its addresses together.
    """
    gives_up_at = min(exchange.ends_at, time.monotonic() + CONNECT_SECONDS)
    addresses = _resolve(host, port, gives_up_at - time.monotonic())
    if public and not all(ipaddress.ip_address(address.partition("%")[0]).is_global for address in addresses):
        raise OSError("an address inside")
    failure = OSError("no address")
    for position, address in enumerate(addresses):
        # Each address gets its share: one that swallows packets must leave time for the next.
        share = (gives_up_at - time.monotonic()) / (len(addresses) - position)
        if share <= 0:
            raise TimeoutError
        try:
            connected = socket.create_connection((address, port), share)
        except OSError as error:
            failure = error
        else:
            return Stream(_shaken(connected, host, tls, exchange), exchange)
    raise failure


def _shaken(connected: socket.socket, host: str, tls: ssl.SSLContext | None, exchange: Exchange) -> socket.socket:
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is None:
            return connected
        connected.settimeout(min(exchange.still_left(), CONNECT_SECONDS))
        return tls.wrap_socket(connected, server_hostname=host)
    except BaseException:
        connected.close()
        raise


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
        raise TimeoutError from None
    if not addresses:
        raise OSError("name not resolved")
    return addresses
