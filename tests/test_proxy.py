"""What nginx does in front of the portal, tried with a real one: what it answers, hands on, and does not wait for."""

import ipaddress
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.proxy import HOST, Proxy, command, configured, portal, proxy
from tests.source_code import ROOT
from tests.test_middleware import EXPECTED

NOBODY = 1  # a port at which nobody answers
HSTS = "max-age=63072000; includeSubDomains; preload"


@pytest.fixture
def in_production(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.trouble"
    settings.ALLOWED_HOSTS = [HOST]
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("127.0.0.1/32")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


@pytest.fixture
def running(in_production: None, tmp_path: Path) -> Iterator[Proxy]:
    with portal() as port, proxy(tmp_path, port) as server:
        yield server


@pytest.mark.parametrize("shape", ["plain.conf", "tls.conf"])
def test_nginx_takes_the_files(tmp_path: Path, shape: str) -> None:
    copy, _ = configured(tmp_path, NOBODY, {})
    tried = subprocess.run([*command(copy / shape), "-t"], capture_output=True, text=True, timeout=60)
    assert tried.returncode == 0, tried.stderr


def test_debians_nginx_takes_the_files_for_a_machine_without_docker(tmp_path: Path) -> None:
    """They listen where people come, log where logrotate looks, and hand on to where systemd listens."""
    subprocess.run(["sh", "deploy/host_nginx.sh", str(tmp_path)], cwd=ROOT, check=True)
    configured(tmp_path / "certificate", NOBODY, {})
    (tmp_path / "tls").symlink_to(tmp_path / "certificate")
    written = {path: path.read_text("utf-8") for path in tmp_path.glob("*.conf")}
    written |= {path: path.read_text("utf-8") for path in (tmp_path / "portal").glob("*.conf")}
    whole = "".join(written.values())
    for told in ("listen 80;", "listen 443 ssl http2;", "/var/log/nginx/access.log portal;", "user www-data;"):
        assert told in whole
    left = whole.replace(str(tmp_path), "")
    assert [odd for odd in (" /tmp", "/dev/std", "127.0.0.11", "8443", "8080") if odd in left] == []
    socket_unit = (ROOT / "deploy/systemd/tamin-portal-web.socket").read_text("utf-8")
    [listens] = re.findall("^ListenStream=(.*)$", socket_unit, re.MULTILINE)
    assert f"server {listens} " in whole

    for path, text in written.items():  # of this machine, nothing but this folder
        here = re.sub("/var/(log|lib)/nginx|/run(?=/nginx.pid)", str(tmp_path), text).replace("user www-data;", "")
        path.write_text(here, "utf-8")
    tried = subprocess.run([*command(tmp_path / "nginx.conf"), "-t"], capture_output=True, text=True, timeout=60)
    assert tried.returncode == 0, tried.stderr


def test_http_leads_to_https_at_our_own_host_alone(running: Proxy) -> None:
    for host in (HOST, f"{HOST}:8080"):
        answer = running.ask("/branches/?city=x", host=host, plain=True)
        assert (answer.status, answer.headers["Location"]) == (301, [f"https://{HOST}/branches/?city=x"])
    for host in ("evil.example", f"{HOST}.evil.example", f"evil.example:{running.http}", ""):
        answer = running.ask("/branches/", host=host, plain=True)
        assert (answer.status, answer.headers.get("Location")) == (400, None)


@pytest.mark.parametrize(
    "path", ["/metrics", "/health/ready", "/health/state", "//metrics", "/%6Detrics", "/x/../metrics"]
)
def test_what_is_for_machines_inside_is_not_public(running: Proxy, path: str) -> None:
    for plain in (False, True):
        answer = running.ask(path, plain=plain)
        assert (answer.status, "portal_" in answer.body, '"ready"' in answer.body) == (404, False, False)
    assert running.ask("/health/live").status == 200


def refusals(running: Proxy) -> Iterator[tuple[str, int, object]]:
    yield "not-found", 404, running.ask("/metrics")
    yield "bad", 400, running.ask("/", X_Long="x" * 9000)
    yield "too-large", 414, running.ask("/" + "x" * 9000)
    yield "too-large", 413, running.ask("/accounts/login/", "POST", body="x" * 70_000)


def test_its_own_pages_are_in_both_languages_with_the_headers_of_every_page(running: Proxy) -> None:
    for name, status, answer in refusals(running):
        assert_own_page(answer, name, status)


def assert_own_page(answer: object, name: str, status: int) -> None:
    assert getattr(answer, "status", None) == status, name
    headers, body = vars(answer)["headers"], vars(answer)["body"]
    assert body == (ROOT / "deploy" / "nginx" / "pages" / f"{name}.html").read_text("utf-8")
    assert headers["Content-Type"] == ["text/html; charset=utf-8"]
    wanted = EXPECTED | {"Strict-Transport-Security": HSTS, "Content-Language": "fa"}
    assert {key: headers.get(key.title()) for key in wanted} == {key: [value] for key, value in wanted.items()}


def test_a_portal_that_is_away_has_a_page_and_says_when_to_come_back(tmp_path: Path) -> None:
    with proxy(tmp_path, NOBODY) as server:
        answer = server.ask("/")
        assert_own_page(answer, "away", 502)
        assert answer.headers["Retry-After"] == ["60"]
        assert "Strict-Transport-Security" not in server.ask("/", plain=True).headers


def test_pages_are_persian_and_english_and_need_no_other_host() -> None:
    pages = list((ROOT / "deploy" / "nginx" / "pages").glob("*.html"))
    named = re.findall(r"/proxy-pages/(\S+)\.html", (ROOT / "deploy" / "nginx" / "server.conf").read_text("utf-8"))
    assert {page.stem for page in pages} == set(named)
    for page in pages:
        text = page.read_text("utf-8")
        assert '<html lang="fa" dir="rtl">' in text
        assert re.search('<p lang="en" dir="ltr">[A-Z][^<]+</p>', text)
        assert not re.search("//|<script|<style| style=", text)


def test_the_portals_own_error_pages_pass_as_they_are(running: Proxy) -> None:
    answer = running.ask("/trouble/forbidden/")
    assert answer.status == 403
    assert "proxy-pages" not in answer.body
    for name in EXPECTED:
        assert len(answer.headers[name.title()]) == 1, name
    assert running.ask("/proxy-pages/away.html").status == 404


def test_what_clients_say_about_themselves_does_not_count(running: Proxy) -> None:
    for host in (HOST, f"{HOST}:443"):
        answer = running.ask(
            "/trouble/seen/",
            host=host,
            X_Forwarded_For="198.51.100.9",
            X_Forwarded_Proto="http",
            X_Real_IP="198.51.100.9",
            Forwarded="for=198.51.100.9",
        )
        seen = json.loads(answer.body)
        assert (seen["address"], seen["secure"]) == ("127.0.0.1", True)


def test_too_many_requests_of_one_client_end_at_the_proxy(in_production: None, tmp_path: Path) -> None:
    tight = {"rate=50r/s": "rate=1r/m", "burst=400": "burst=5"}
    with portal() as port, proxy(tmp_path, port, tight) as server:
        answers = [server.ask("/robots.txt") for _ in range(8)]
    assert [answer.status for answer in answers] == [200] * 6 + [429] * 2
    assert_own_page(answers[-1], "busy", 429)
    assert answers[-1].headers["Retry-After"] == ["5"]


def test_answers_to_forms_have_a_rate_of_their_own(in_production: None, tmp_path: Path) -> None:
    rates = {"rate=10r/s": "rate=1r/m", "rate=20r/s": "rate=1r/m"}
    tight = rates | {"zone=posts burst=100": "zone=posts burst=1", "zone=services burst=100": "zone=services burst=3"}
    with portal() as port, proxy(tmp_path, port, tight) as server:
        posts = [server.ask("/trouble/forbidden/", "POST", body="a=1").status for _ in range(3)]
        assert posts == [403, 403, 429]
        tokens = [server.ask("/o/token", "POST", body="a=1").status for _ in range(5)]
        assert 429 not in tokens[:4]  # a service asks from one address for everybody who signs in there
        assert tokens[4] == 429
        assert server.ask("/robots.txt").status == 200


def test_one_client_has_so_many_connections(in_production: None, tmp_path: Path) -> None:
    tight = {"limit_conn connections 200": "limit_conn connections 1"}
    with (
        portal() as port,
        proxy(tmp_path, port, tight) as server,
        socket.create_connection(("127.0.0.1", server.http), 60) as slow,
    ):
        slow.sendall(f"POST /robots.txt HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\na".encode())
        assert_busy_soon(server)


def assert_busy_soon(server: Proxy) -> None:
    """The slow request is being read once nginx has taken it up."""
    for _ in range(10_000):
        if server.ask("/robots.txt").status == 429:
            return
    pytest.fail("the second connection was served")


@pytest.mark.parametrize(
    "begun",
    ["GET / HTTP/1.1\r\nHost: ", f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\na"],
    ids=["headers", "body"],
)
def test_a_slow_client_is_not_waited_for_and_never_reaches_the_portal(
    in_production: None, tmp_path: Path, begun: str
) -> None:
    soon = {
        "client_header_timeout 10s": "client_header_timeout 200ms",
        "client_body_timeout 10s": "client_body_timeout 200ms",
    }
    with proxy(tmp_path, NOBODY, soon) as server, socket.create_connection(("127.0.0.1", server.http), 30) as slow:
        slow.sendall(begun.encode())
        try:
            told = slow.recv(1000)
        except ConnectionResetError:  # reset_timedout_connection
            told = b""
    assert b" 502 " not in told  # nobody is behind this proxy: it did not ask
