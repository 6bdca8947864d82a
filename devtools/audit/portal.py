"""The portal for the scanners: a database of its own, made-up people, its limits out of the way, on loopback.

Two of them are signed in the way people sign in: a citizen with account and device, and a superuser at the desk.
"""

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.stack import services, web, worker
from devtools.servers import until

LOGIN, CODE, DESK = "/accounts/login/", "/accounts/login/code/", "/desk/login/"
NO_LIMIT = "1000000/60"  # a scanner asks thousands of times; that the limits hold is what tests are for
WAIT_SECONDS = 60
STEPS = "/portal/registration/"
CONTACT = {"national_code": "0019999909", "operator": "mci", "mobile": "09970000444"}
INSIDE = {"stranger": "/", "citizen": "/accounts/profile/", "clerk": "/desk/"}


class Way(NamedTuple):
    """How somebody signs in. `mobile`: where the code goes, `09…`; empty for staff."""

    page: str
    fields: dict[str, str]
    mobile: str = ""


@dataclass
class Scanned:
    """`address`: without a slash at the end. `log`: web's access log. `people`: who → how they sign in."""

    address: str
    port: int
    log: Path
    people: dict[str, Way]
    _kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def cookies(self, who: str) -> dict[str, str]:
        """Those of this person's browser, signed in just now: a session ends when nobody used it for a while."""
        kept = self._kept.setdefault(who, {})
        if who in self.people:
            kept.pop("session", None)
            _sign_in(self.port, self.people[who], INSIDE[who], kept)
        else:
            _ask(self.port, "GET", LOGIN, kept)
        return kept

    def is_inside(self, who: str) -> bool:
        """Whether whoever was signed in still is."""
        return _ask(self.port, "GET", INSIDE[who], dict(self._kept[who]))[0] == http.client.OK

    def at_step_3(self) -> dict[str, str]:
        """The cookies of a stranger who has confirmed the mobile, at the page of the identity."""
        cookies: dict[str, str] = {}
        _ask(self.port, "GET", STEPS, cookies)
        _ask(self.port, "POST", STEPS, cookies, {"registration-current_step": "contact", **_named("contact", CONTACT)})
        code = {"code": _code(self.port, CONTACT["mobile"])}
        _ask(
            self.port, "POST", STEPS, cookies, {"registration-current_step": "activation", **_named("activation", code)}
        )
        if "identity-last_name" not in _ask(self.port, "GET", STEPS, cookies)[1]:
            raise RuntimeError("step 3 was not reached")
        return cookies

    def answers(self, since: int) -> list[tuple[str, str, int]]:
        """Method, path and status of every request after the first `since` bytes of the log."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        found = re.finditer(r"\b([A-Z]+) (/\S*) ([0-9]{3}) [0-9]+B [0-9]+ms", text)
        return [(one[1], one[2], int(one[3])) for one in found]


@contextmanager
def portal() -> Iterator[Scanned]:
    with services() as running:
        limits, people = _limits(), _people()
        with web(running, limits) as server, worker(running, "codes", limits):
            yield Scanned(f"http://localhost:{server.port}", server.port, running.directory / "web.log", people)


def _limits() -> Mapping[str, str]:
    from django.conf import settings

    return {name: NO_LIMIT for name in dir(settings) if name.startswith("LIMIT_")}


def _people() -> dict[str, Way]:
    """A citizen and a superuser; and rows to look at."""
    from accounts.models import Branch
    from tests.accounts.helpers import PASSWORD, make_account
    from tests.registration.rows import make_request

    citizen = make_account(1)
    clerk = make_account(2, mobile="", is_staff=True, is_superuser=True)
    Branch.objects.create(code="1", name="شعبه یک", province="تهران", city="تهران")
    for number in range(10, 20):
        make_request(number)
    return {
        "citizen": Way(LOGIN, {"national_code": citizen.national_code, "password": PASSWORD}, citizen.local_mobile),
        "clerk": Way(DESK, {"username": clerk.national_code, "password": PASSWORD}),
    }


def header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _sign_in(port: int, way: Way, inside: str, cookies: dict[str, str]) -> None:
    """With the password and, on a device that the account does not know, the code that the handset shows."""
    _ask(port, "GET", way.page, cookies)
    _ask(port, "POST", way.page, cookies, way.fields)
    if way.mobile and _ask(port, "GET", inside, dict(cookies))[0] != http.client.OK:
        _ask(port, "POST", CODE, cookies, {"code": _code(port, way.mobile)})
    if _ask(port, "GET", inside, cookies)[0] != http.client.OK:
        raise RuntimeError(f"{way.page}: nobody is signed in")


def _code(port: int, mobile: str) -> str:
    """The newest code on this mobile, `09…`, as soon as there is one."""
    if not until(lambda: bool(_codes(port, mobile)), WAIT_SECONDS):
        raise RuntimeError("the code did not come")
    return _codes(port, mobile)[0]


def _named(step: str, answers: Mapping[str, str]) -> dict[str, str]:
    return {f"{step}-{name}": value for name, value in answers.items()}


def _codes(port: int, mobile: str) -> list[str]:
    listed = json.loads(_ask(port, "GET", f"/handset/?{urlencode({'to': mobile})}", {})[1])
    return [found[1] for message in listed if (found := re.search("#([0-9]{6})", message["text"]))]


def _ask(
    port: int, method: str, path: str, cookies: dict[str, str], fields: Mapping[str, str] | None = None
) -> tuple[int, str]:
    headers = {
        "Host": f"localhost:{port}",
        "Accept": "application/json" if "handset" in path else "text/html",
        "Cookie": header(cookies),
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
