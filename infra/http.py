"""The one way out of the portal: HTTP requests to service providers, each with a total deadline.

One httpx client per process (threads share it), no redirects, no proxies or certificates from the environment, no
cookies, answers of at most 64 KiB. Errors say only whether the peer can have seen the request; they hold no URL, header
or body, and have no cause or context that does: a provider may want its key in the path.
"""

import functools
import ipaddress
import json as json_module
import logging
import os
import ssl
import threading
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpcore
import httpx

from infra import deadlines, pool

MAX_BODY = 64 * 1024
# An idle connection is dropped before the shortest common server default (5 s: Apache, Node) does it: a request written
# into a connection that the peer is just closing has an unknown outcome.
IDLE_SECONDS = 4.0
MAX_CONNECTIONS = 100
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tamin-portal"}

# httpx logs every URL, httpcore every answer's headers. Filters hold whatever levels are configured elsewhere.
for _name in ("httpx", "httpcore.connection", "httpcore.http11"):
    logging.getLogger(_name).addFilter(lambda record: False)


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
    headers: Mapping[str, str] = field(repr=False)  # names in any case
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
) -> HttpAnswer:
    """Ask once and return whatever was answered, whatever its status. Never repeats: that is the caller's decision.

    `seconds` is the total from resolving the name to the last byte. Raises HttpError.
    """
    pool.give_back()
    exchange = deadlines.Exchange(seconds)
    token = deadlines.current.set(exchange)
    try:
        answer, reason = _exchange(
            # Not the client's own way to make a request, which would add its cookies.
            httpx.Request(
                method,
                url,
                params=params,
                data=form,
                json=json,
                headers={**HEADERS, **(headers or {})},
                # How long to wait for a free connection of the pool; all other times come from the deadline.
                extensions={"timeout": {"pool": seconds}},
            )
        )
    except httpx.InvalidURL:
        answer, reason = None, "invalid address"
    finally:
        deadlines.current.reset(token)
    # Raised out here, not in an except block: Python would keep the library's error, with the URL in it, as context.
    if answer is None:
        raise HttpError(reason, sent=exchange.written)
    return answer


def _exchange(outgoing: httpx.Request) -> tuple[HttpAnswer | None, str]:
    """The answer, or None and why there is none."""
    try:
        response = client().send(outgoing, stream=True)
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                return None, "compressed answer"  # was not asked for, and could unpack to any size
            body = bytearray()
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > MAX_BODY:
                    return None, "answer too long"
        finally:
            response.close()
    except (httpcore.TimeoutException, httpx.TimeoutException):
        return None, "timeout"
    except (httpcore.ConnectError, httpx.ConnectError):
        return None, "no connection"
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, httpx.HTTPError):
        return None, "connection broken"
    return HttpAnswer(response.status_code, response.headers, bytes(body)), ""


def client() -> httpx.Client:
    """This process's client; made at the first use."""
    with _process.lock:
        if _process.client is None:
            _process.client = httpx.Client(transport=_Transport(), trust_env=False, follow_redirects=False)
        return _process.client


def close() -> None:
    """Close this process's connections. The next request opens new ones."""
    with _process.lock:
        if _process.client is not None:
            _process.client.close()
            _process.client = None


class _Process:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.client: httpx.Client | None = None


_process = _Process()
# A forked worker must neither write into its parent's connections nor wait for a lock that a thread of the parent held.
os.register_at_fork(after_in_child=_process.__init__)  # type: ignore[misc]


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Transport(httpx.BaseTransport):
    """httpx's own transport, except for the network below it, which that one cannot be given."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls(),
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=deadlines.DeadlineNetwork(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=typing.cast(httpx.SyncByteStream, request.stream),
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


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
