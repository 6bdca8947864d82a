import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from infra import deadlines, http
from tests.infra.asking import Echo, ask, failure
from tests.stand_ins.http import Fault, Reply


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
def test_forked_process_makes_connections_of_its_own(echo: Echo) -> None:
    ask(echo)
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(writing, str(ask(echo).status).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"201"
    assert echo.connections == 2
    ask(echo)
    assert echo.connections == 2, "the child has not taken ours away"


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
    now, given = [1000.0], list[float]()
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: now[0]))

    class Slow(socket.socket):
        def settimeout(self, value: float | None) -> None:
            given.append(value or 0)

        def sendall(self, *args: Any) -> None:
            now[0] += 2

        def recv_into(self, *args: Any) -> int:
            now[0] += 2
            return 1

    with Slow() as slow:
        stream = deadlines.Stream(slow, deadlines.Exchange(5))
        stream.send(b"request")
        stream.receive(bytearray(1))
        stream.receive(bytearray(1))
        with pytest.raises(TimeoutError):
            stream.receive(bytearray(1))
        with pytest.raises(TimeoutError):
            stream.send(b"more")
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


class Raw(Echo):
    """Answers with these bytes, whatever was asked; `over`: and closes the connection."""

    answer, over = b"", False

    def send(self, answer: bytes, *, over: bool = False) -> None:
        self.answer, self.over = answer, over


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> Iterator[Raw]:
    def answer(handler: Any, reply: Reply, fault: Fault | None) -> None:
        handler.wfile.write(stand_in.answer)
        handler.close_connection = stand_in.over

    with Raw() as stand_in:
        monkeypatch.setattr("tests.stand_ins.http._Handler._answer", answer)
        yield stand_in
        http.close()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("answer", "over"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", False),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", False),
        (OK + b"\r\n{}", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", False),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", True),
    ],
)
def test_bodies_of_every_form(raw: Raw, answer: bytes, over: bool) -> None:
    raw.send(answer, over=over)

    assert ask(raw).json() == {}
    assert ask(raw).json() == {}
    assert raw.connections == (2 if over else 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200",
        OK + b"Content-Length: 3\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-7\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\n{}",
        OK + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_answer_that_is_none_or_a_part(raw: Raw, answer: bytes) -> None:
    raw.send(answer, over=True)

    error = failure(raw)

    assert (error.reason, error.sent) == ("connection broken", True)


def test_what_follows_an_answer_is_not_the_next_one(raw: Raw) -> None:
    raw.send(OK + b'Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}')

    assert ask(raw).json() == {}
    assert ask(raw).json() == {}
    assert raw.connections == 2


def test_heads_cannot_fill_the_memory(raw: Raw) -> None:
    raw.send(OK + b"".join(b"X-%d: %s\r\n" % (number, b"x" * 60_000) for number in range(50)), over=True)

    assert failure(raw).reason == "answer too long"


def test_idle_connection_that_the_peer_has_closed_is_not_used_again(echo: Echo) -> None:
    ask(echo)
    echo.hang_up()

    assert ask(echo).status == 201
    assert echo.connections == 2


def test_connection_that_was_idle_for_long_is_not_used_again(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(echo)
    monkeypatch.setattr(http, "IDLE_SECONDS", 0)

    assert ask(echo).status == 201
    assert echo.connections == 2


def test_who_finds_all_places_taken_has_sent_nothing(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http._process, "places", threading.BoundedSemaphore(1))
    with http._process.places, pytest.raises(http.HttpError) as caught:
        ask(echo, seconds=0.1)

    assert (caught.value.reason, caught.value.sent) == ("timeout", False)
    assert ask(echo).status == 201


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "a\0", "ق"])
def test_header_that_would_be_two_is_not_sent(echo: Echo, value: str) -> None:
    with pytest.raises(http.HttpError) as caught:
        ask(echo, headers={"Authorization": value})

    assert (caught.value.reason, caught.value.sent) == ("invalid address", False)
    assert echo.received == []
