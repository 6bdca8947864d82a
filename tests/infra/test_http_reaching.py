"""Who is reached at an address, and what errors and logs tell of it."""

import logging
import socket
import threading
from email.message import Message

import pytest

from infra import deadlines, http
from tests.infra.asking import SECRET, Echo, ask
from tests.stand_ins.http import Fault


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
        http.HttpAnswer(200, Message(), body).json()

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
