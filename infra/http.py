"""The one way out of the portal: HTTP requests to service providers, each with a total deadline.

HTTP/1.1 by the standard library, over connections that are kept for a while and that the threads of a process share.
No redirects, no proxies or certificates from the environment, no cookies, answers of at most 64 KiB. Errors say only
whether the peer can have seen the request; they hold no URL, header or body, and have no cause or context that does: a
provider may want its key in the path.
"""

import functools
import ipaddress
import json as json_module
import os
import re
import ssl
import threading
import time
import typing
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlencode, urlsplit

import certifi

from infra import deadlines, pool

MAX_BODY = 64 * 1024
# An idle connection is dropped before the shortest common server default (5 s: Apache, Node) does it: a request written
# into a connection that the peer is just closing has an unknown outcome.
IDLE_SECONDS = 4.0
MAX_CONNECTIONS = 100
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tamin-portal"}
_ONE_LINE = re.compile("[\t -~\x80-\xff]*")

Address = tuple[str, str, int]  # scheme, host, port


class HttpError(Exception):
    """No usable answer. `reason`: a few fixed words.

    `sent`: the request, or a part of it, may have reached the peer, which may have carried it out; if False, it
    certainly has not.
    """

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: "Message[str, str]" = field(repr=False)  # names in any case
    body: bytes = field(repr=False)

    def json(self) -> typing.Any:
        """The body as JSON. Raises ValueError, without the body in it, if it is none."""
        document: typing.Any = None
        try:
            document = json_module.loads(self.body)
        except (ValueError, RecursionError):
            valid = False
        else:
            valid = True
        if not valid:
            raise ValueError("not JSON")
        return document


def request(
    method: str,
    url: str,
    *,
    seconds: float,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    json: object = None,
    headers: Mapping[str, str] | None = None,
    public: bool = False,
) -> HttpAnswer:
    """Ask once and return whatever was answered, whatever its status. Never repeats: that is the caller's decision.

    `seconds` is the total from resolving the name to the last byte. `public`: only if the host's address is one of the
    internet, on a connection of its own; for addresses that somebody else has chosen. Raises HttpError.
    """
    pool.give_back()
    exchange = deadlines.Exchange(seconds)
    answer, reason = None, "invalid address"
    outgoing = _outgoing(method, url, params, form, json, headers or {})
    if outgoing is not None:
        answer, reason = _exchange(exchange, *outgoing, public)
    # Raised out here, not in an except block: Python would keep another error, with the URL in it, as context.
    if answer is None:
        raise HttpError(reason, sent=exchange.written)
    return answer


def _outgoing(
    method: str,
    url: str,
    params: Mapping[str, str] | None,
    form: Mapping[str, str] | None,
    json: object,
    headers: Mapping[str, str],
) -> tuple[Address, bytes] | None:
    """Where a request goes, and all its bytes; None for what cannot be sent."""
    body, kind = b"", {}
    if json is not None:
        body = json_module.dumps(json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        kind = {"Content-Type": "application/json"}
    elif form is not None:
        body, kind = urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    if body or method != "GET":
        kind["Content-Length"] = str(len(body))
    try:
        parts = urlsplit(url)
        address = (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        query = "&".join(filter(None, (parts.query, urlencode(params or {}))))
        target = f"{parts.path or '/'}?{query}" if query else parts.path or "/"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in {**HEADERS, **kind, **headers}.items()]
        if not address[1] or " " in target or not all(map(_ONE_LINE.fullmatch, lines)):
            return None
        return address, "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    except ValueError:  # a port that is none, or letters that no header takes
        return None


def _exchange(
    exchange: deadlines.Exchange, address: Address, message: bytes, public: bool
) -> tuple[HttpAnswer | None, str]:
    """The answer, or None and why there is none."""
    if not _process.places.acquire(timeout=max(exchange.left(), 0)):
        return None, "timeout"
    try:
        return _over(exchange, address, message, public)
    finally:
        _process.places.release()


def _over(
    exchange: deadlines.Exchange, address: Address, message: bytes, public: bool
) -> tuple[HttpAnswer | None, str]:
    try:
        kept = None if public else _process.take(address)
        stream = kept or deadlines.connect(*address[1:], _tls(address[0]), exchange, public=public)
    except TimeoutError:
        return None, "timeout"
    except OSError:
        return None, "no connection"
    stream.exchange = exchange
    lasts = False
    try:
        stream.send(message)
        response = HTTPResponse(typing.cast("typing.Any", stream))
        try:
            answer, reason = _read(response, stream)
        finally:
            response.close()
        lasts = answer is not None and not response.will_close and stream.ends_clean
    except TimeoutError:
        answer, reason = None, "timeout"
    except deadlines.TooLongError:
        answer, reason = None, "answer too long"
    except (OSError, HTTPException, ValueError):  # the last one: numbers that make no sense
        answer, reason = None, "connection broken"
    finally:
        if lasts and not public:
            _process.keep(address, stream)
        else:
            stream.close()
    return answer, reason


def _read(response: HTTPResponse, stream: deadlines.Stream) -> tuple[HttpAnswer | None, str]:
    response.begin()
    if stream.has_ended:  # in the middle of the head, which the library takes for its end
        return None, "connection broken"
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None, "compressed answer"  # was not asked for, and could unpack to any size
    body = response.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return None, "answer too long"
    if response.length:
        return None, "connection broken"  # before all that was promised had come
    return HttpAnswer(response.status, response.headers, body), ""


def close() -> None:
    """Close this process's idle connections. The next request opens new ones."""
    _process.drop(0)


class _Process:
    """Connections that nobody uses just now, the newest last, and since when; places for those in use."""

    def __init__(self) -> None:
        self.places = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._lock = threading.Lock()
        self._idle: defaultdict[Address, list[tuple[deadlines.Stream, float]]] = defaultdict(list)

    def take(self, address: Address) -> deadlines.Stream | None:
        """The one that was used last, if it can still be used."""
        self.drop(IDLE_SECONDS)
        while True:
            with self._lock:
                if not self._idle[address]:
                    return None
                stream, _ = self._idle[address].pop()
            if stream.is_quiet():
                return stream
            stream.close()

    def keep(self, address: Address, stream: deadlines.Stream) -> None:
        with self._lock:
            self._idle[address].append((stream, time.monotonic()))

    def drop(self, seconds: float) -> None:
        """Close those that have been idle for so long."""
        since, over = time.monotonic() - seconds, []
        with self._lock:
            for idle in self._idle.values():
                while idle and idle[0][1] <= since:
                    over.append(idle.pop(0)[0])
        for stream in over:
            stream.close()


_process = _Process()
# A forked worker must neither write into its parent's connections nor wait for a lock that a thread of the parent held.
os.register_at_fork(after_in_child=_process.__init__)  # type: ignore[misc]


@functools.cache
def _certificates() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _tls(scheme: str) -> ssl.SSLContext | None:
    return None if scheme == "http" else _certificates()


def base_url(value: str) -> str:
    """A provider's base URL without its last slash. Raises ValueError unless it is https, or http on loopback."""
    parts = urlsplit(value)
    host = parts.hostname or ""
    if not host or parts.username is not None or parts.query or parts.fragment or parts.scheme not in ("https", "http"):
        raise ValueError("not a plain https address")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("http only to loopback")
    return value.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
