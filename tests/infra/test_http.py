import logging
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpcore
import pytest

from infra import deadlines, http
from tests.stand_ins.http import Fault, Received, Reply, StandIn

SECRET = "s3cr3t-in-the-path"


class Echo(StandIn):
    """Answers with what it got."""

    def reply(self, request: Received) -> Reply:
        return Reply(201, {"method": request.method, "query": request.query, "body": request.body.decode()})


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as stand_in:
        yield stand_in
        http.close()


def ask(stand_in: StandIn, seconds: float = 5, **more: Any) -> http.HttpAnswer:
    return http.request("POST", f"{stand_in.base_url}/{SECRET}", seconds=seconds, **more)


def failure(stand_in: StandIn, seconds: float = 5) -> http.HttpError:
    with pytest.raises(http.HttpError) as caught:
        ask(stand_in, seconds)
    return caught.value


def test_form_goes_out_and_status_headers_and_json_come_back(echo: Echo) -> None:
    answer = ask(echo, form={"text": "سلام & +"}, params={"a": "۱"}, headers={"Authorization": "Bearer x"})

    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json"
    assert echo.received[0].form == {"text": "سلام & +"}
    assert echo.received[0].headers["Authorization"] == "Bearer x"
    assert answer.json()["query"] == {"a": "۱"}


def test_json_goes_out(echo: Echo) -> None:
    assert ask(echo, json={"apiKey": "k"}).json()["body"] == '{"apiKey":"k"}'


def test_connections_are_used_again_and_cookies_are_not_sent_back(echo: Echo) -> None:
    ask(echo)
    ask(echo)

    assert echo.connections == 1
    assert "Cookie" not in echo.received[1].headers


def test_threads_share_one_client(echo: Echo) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: ask(echo, form={"n": str(number)}).status, range(40)))

    assert statuses == [201] * 40
    assert {request.form["n"] for request in echo.received} == {str(number) for number in range(40)}


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # 3.12 and later, about fork
def test_forked_process_makes_a_client_of_its_own(echo: Echo) -> None:
    ask(echo)
    ours = http.client()
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(writing, b"same" if http.client() is ours else b"own")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"own"
    assert http.client() is ours


def test_environment_names_no_proxy(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert ask(echo).status == 201


def test_redirects_are_answers(echo: Echo) -> None:
    echo.faults.append(Fault.REDIRECT)

    assert ask(echo).status == 307
    assert len(echo.received) == 1


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.ACCEPT_THEN_TIMEOUT, Fault.DRIP, Fault.DRIP_HEAD])
def test_deadline_holds_for_the_whole_exchange(echo: Echo, fault: Fault) -> None:
    echo.faults.append(fault)

    error = failure(echo, seconds=120)  # but see tests.stand_ins.http: not after it has begun not to answer

    assert (error.reason, error.sent) == ("timeout", True)


def test_every_step_gets_only_what_the_earlier_ones_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now, given = [1000.0], list[float | None]()
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Slow(httpcore.NetworkStream):
        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            given.append(timeout)
            now[0] += 2

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            given.append(timeout)
            now[0] += 2
            return b"x"

    stream, token = deadlines._Stream(Slow()), deadlines.current.set(deadlines.Exchange(5))
    try:
        stream.write(b"request")
        stream.read(1)
        stream.read(1)
        with pytest.raises(httpcore.ReadTimeout):
            stream.read(1)
        with pytest.raises(httpcore.WriteTimeout):
            stream.write(b"more")
    finally:
        deadlines.current.reset(token)
    assert given == [5, 3, 1]


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ACCEPT_THEN_CUT])
def test_broken_connection_after_the_request_may_have_had_an_effect(echo: Echo, fault: Fault) -> None:
    echo.faults.append(fault)
    error = failure(echo)

    assert (error.reason, error.sent) == ("connection broken", True)
    assert ask(echo).status == 201, "the next request gets a new connection"


@pytest.mark.parametrize(
    ("fault", "reason"), [(Fault.HUGE, "answer too long"), (Fault.COMPRESSED, "compressed answer")]
)
def test_answers_cannot_fill_the_memory(echo: Echo, fault: Fault, reason: str) -> None:
    echo.faults.append(fault)

    assert failure(echo).reason == reason


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        with pytest.raises(http.HttpError) as caught:
            http.request("GET", f"http://127.0.0.1:{taken.getsockname()[1]}/", seconds=5)

    assert (caught.value.reason, caught.value.sent) == ("no connection", False)


def test_handshake_that_nobody_answers_is_not_sent() -> None:
    silent = socket.create_server(("127.0.0.1", 0))  # takes connections and never says a word
    with silent, pytest.raises(http.HttpError) as caught:
        http.request("GET", f"https://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.3)

    assert (caught.value.reason, caught.value.sent) == ("timeout", False)


def test_certificate_that_does_not_prove_the_host_is_not_sent(echo: Echo) -> None:
    with pytest.raises(http.HttpError) as caught:
        http.request("POST", echo.base_url.replace("http:", "https:"), seconds=5)

    assert (caught.value.reason, caught.value.sent) == ("no connection", False)
    assert echo.received == []


def test_unknown_name_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(http.HttpError) as caught:
        http.request("GET", "https://provider.example/", seconds=5)

    assert (caught.value.reason, caught.value.sent) == ("no connection", False)


def test_deadline_holds_while_the_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answered.wait() and [])
    try:
        with pytest.raises(http.HttpError) as caught:
            http.request("GET", "https://provider.example/", seconds=0.2)
    finally:
        answered.set()

    assert (caught.value.reason, caught.value.sent) == ("timeout", False)


def test_second_address_of_a_name_is_tried(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    # 127.0.0.2 refuses: the stand-in listens on 127.0.0.1 alone.
    monkeypatch.setattr(deadlines, "_resolve", lambda *args: ["127.0.0.2", "127.0.0.1"])

    assert ask(echo).status == 201


def test_address_that_is_none(echo: Echo) -> None:
    with pytest.raises(http.HttpError) as caught:
        http.request("GET", "http://127.0.0.1:port/", seconds=1)

    assert (caught.value.reason, caught.value.sent) == ("invalid address", False)


@pytest.mark.parametrize("fault", [None, *Fault])
def test_path_shows_in_no_log_and_no_error(echo: Echo, fault: Fault | None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    echo.broken = fault
    error: BaseException | None = None
    try:
        ask(echo, seconds=0.3)
    except http.HttpError as raised:
        error = raised

    assert SECRET not in caplog.text
    if error is not None:
        assert SECRET not in f"{error} {error!r} {error.args} {vars(error)}"
        assert error.__cause__ is None
        assert error.__context__ is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\x00", b"[" * 50_000, b'{"a":'])
def test_body_that_is_no_json(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not JSON$") as caught:
        http.HttpAnswer(200, {}, body).json()

    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example",
        "https://api.example:8443/ide",
        "http://127.0.0.1:9/",
        "http://localhost",
        "http://[::1]:9",
    ],
)
def test_addresses_that_can_be_trusted(address: str) -> None:
    assert http.base_url(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "", "api.example", "http://api.example", "http://127.0.0.1.example", "http://localhost.example", "ftp://127.0.0.1",
        "https://user:word@api.example", "https://api.example/?a", "https://api.example/#a", "http://10.0.0.1", "https://[::1",
    ],
)  # fmt: skip
def test_addresses_that_cannot(address: str) -> None:
    with pytest.raises(ValueError, match=r"https|http only|Invalid"):
        http.base_url(address)
