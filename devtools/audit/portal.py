"""The portal for the scanners: a database of its own, made-up people, its limits out of the way, on loopback.

Two of them are signed in the way people sign in: a citizen with account and device, and a superuser at the desk.
"""

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.stack import services, web, worker
from devtools.servers import until

LOGIN, CODE, DESK = "/accounts/login/", "/accounts/login/code/", "/desk/login/"
NO_LIMIT = "1000000/60"  # a scanner asks thousands of times; that the limits hold is what tests are for
WAIT_SECONDS = 60


@dataclass(frozen=True)
class Scanned:
    """`address`: without a slash at the end. The others: the cookies of their browsers. `log`: web's access log."""

    address: str
    stranger: str
    citizen: str
    clerk: str
    log: Path

    def answers(self, since: int) -> list[tuple[str, str, int]]:
        """Method, path and status of every request after the first `since` bytes of the log."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        return [
            (one[1], one[2], int(one[3])) for one in re.finditer(r"^([A-Z]+) (/\S*) ([0-9]{3}) ", text, re.MULTILINE)
        ]

    def csrf(self, who: str) -> str:
        """The token that goes into a form of this browser: the cookie's own value is one."""
        return SimpleCookie(getattr(self, who))["csrf"].value


@contextmanager
def portal() -> Iterator[Scanned]:
    with services() as running:
        limits = _limits()
        citizen, clerk = _people()
        with web(running, limits) as server, worker(running, "codes", limits):
            yield Scanned(
                f"http://localhost:{server.port}",
                stranger=_look(server.port),
                citizen=_sign_in(server.port, LOGIN, {"national_code": citizen[0], "password": citizen[1]}, citizen[2]),
                clerk=_sign_in(server.port, DESK, {"username": clerk[0], "password": clerk[1]}),
                log=running.directory / "web.log",
            )


def _limits() -> Mapping[str, str]:
    from django.conf import settings

    return {name: NO_LIMIT for name in dir(settings) if name.startswith("LIMIT_")}


def _people() -> tuple[tuple[str, str, str], tuple[str, str]]:
    """National code, password and mobile of a citizen; national code and password of a superuser; rows to look at."""
    from accounts.models import Branch
    from tests.accounts.helpers import PASSWORD, make_account
    from tests.registration.rows import make_request

    citizen = make_account(1)
    clerk = make_account(2, mobile="", is_staff=True, is_superuser=True)
    Branch.objects.create(code="1", name="شعبه یک", province="تهران", city="تهران")
    for number in range(10, 20):
        make_request(number)
    return (citizen.national_code, PASSWORD, citizen.local_mobile), (clerk.national_code, PASSWORD)


def _look(port: int) -> str:
    cookies: dict[str, str] = {}
    _ask(port, "GET", LOGIN, cookies)
    return _header(cookies)


def _header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _sign_in(port: int, path: str, fields: Mapping[str, str], mobile: str = "") -> str:
    """The cookies after password and, on a device that the account does not know, the code that the handset shows."""
    cookies: dict[str, str] = {}
    _ask(port, "GET", path, cookies)
    _ask(port, "POST", path, cookies, fields)
    if mobile:
        if not until(lambda: bool(_codes(port, mobile)), WAIT_SECONDS):
            raise RuntimeError("the code did not come")
        _ask(port, "POST", CODE, cookies, {"code": _codes(port, mobile)[0]})
    inside = "/accounts/profile/" if mobile else "/desk/"
    if _ask(port, "GET", inside, cookies)[0] != http.client.OK:
        raise RuntimeError(f"{path}: nobody is signed in")
    return _header(cookies)


def _codes(port: int, mobile: str) -> list[str]:
    listed = json.loads(_ask(port, "GET", f"/handset/?{urlencode({'to': mobile})}", {})[1])
    return [found[1] for message in listed if (found := re.search("#([0-9]{6})", message["text"]))]


def _ask(
    port: int, method: str, path: str, cookies: dict[str, str], fields: Mapping[str, str] | None = None
) -> tuple[int, str]:
    headers = {
        "Host": f"localhost:{port}",
        "Accept": "application/json" if "handset" in path else "text/html",
        "Cookie": _header(cookies),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode({**fields, "csrfmiddlewaretoken": cookies["csrf"]}) if fields else None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            cookies[name] = value
        return response.status, response.read().decode()
    finally:
        connection.close()
