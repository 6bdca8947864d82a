"""A citizen's browser: one kept connection, cookies, and an address of its own."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.people import Citizen, posted
from benchmarks.phones import Phones

WIZARD, RECEIVED = "/portal/registration/", "/portal/registration/received/"
CSRF = "benchmark" * 3 + "token"  # a page would have set such a cookie; 32 letters
IDLE_SECONDS = 4  # gunicorn closes connections that are idle for five


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]


class Browser:
    """`own`: an address of this machine to come from, for a proxy that believes no header."""

    def __init__(self, port: int, address: str, own: str = "127.0.0.1") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(own, 0))
        self.address = address
        self.cookies = {"csrf": CSRF}
        self._used = 0.0

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, 200)

    def post(self, path: str, fields: Mapping[str, str], expected: int = 302) -> Answer:
        return self._ask("POST", path, expected, urlencode({**fields, "csrfmiddlewaretoken": self.cookies["csrf"]}))

    def _ask(self, method: str, path: str, expected: int, body: str | None = None) -> Answer:
        if time.monotonic() - self._used > IDLE_SECONDS:
            self.connection.close()
        headers = {
            "Host": "localhost",
            "X-Forwarded-For": self.address,
            "X-Real-IP": self.address,  # where a peer looks
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        self._used = time.monotonic()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status != expected:
            raise RuntimeError(f"{method} {path}: {response.status} instead of {expected}")
        return Answer(response.status, content, dict(response.headers))

    def close(self) -> None:
        self.connection.close()


def register(port: int, citizen: Citizen, question: str, phones: Phones) -> None:
    """The three steps as a person takes them, every page looked at."""
    browser = Browser(port, citizen.address)
    browser.get(WIZARD)
    browser.post(WIZARD, posted("contact", citizen.contact))
    browser.get(WIZARD)
    browser.post(WIZARD, posted("activation", {"code": phones.code(citizen.mobile)}))
    browser.get(WIZARD)
    browser.post(WIZARD, posted("identity", citizen.identity(question)))
    browser.get(RECEIVED)
    browser.close()
