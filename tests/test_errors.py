"""The error pages: Persian, of our own, silent about the inside; the log is silent about people."""

import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from accounts.sign_in.session_store import SessionStore
from tests.accounts.helpers import make_account, persian
from tests.trouble import FAULTS

pytestmark = pytest.mark.django_db

PRIVATE = ("narges-bahrami", "Zangule21", "10.0.0.7", "10.0.0.8")
INSIDE = re.compile(r"Traceback|Exception|Error at|\.py|django|ValueError|psycopg|redis", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _trouble(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.trouble"


@pytest.fixture
def client(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def assert_page(response: Any, status: int, template: str) -> str:
    """Our own page, in Persian, in the portal's frame; returns its text."""
    assert response.status_code == status
    assert template in {drawn.name for drawn in response.templates}
    page: str = response.content.decode()
    assert '<html lang="fa" dir="rtl">' in page
    assert page.count("<h1>") == 1
    assert "1420" in page
    assert 'href="/"' in page
    assert not INSIDE.search(re.sub(r"<(link|script)[^>]*>", "", page))
    return page


PAGES = [
    ("GET", "/no/such/page/", {}, 404, "404.html"),
    ("GET", "/trouble/forbidden/", {}, 403, "403.html"),
    ("GET", "/trouble/post-only/", {}, 405, "405.html"),
    ("DELETE", "/trouble/post-only/", {}, 405, "405.html"),
    ("POST", "/health/live", {}, 405, "405.html"),
    ("GET", "/accounts/logout/", {}, 405, "405.html"),
    ("POST", "/trouble/seen/", {"a": ["1", "2"]}, 400, "400.html"),
    ("POST", "/portal/registration/", {"registration-current_step": "nonsense"}, 400, "400.html"),
    ("POST", "/trouble/limit-1/", {"password": "Zangule21"}, 429, "429.html"),
    ("POST", "/trouble/limit-busy/", {"password": "Zangule21"}, 429, "429.html"),
    ("POST", "/trouble/fault/", {"password": "Zangule21"}, 500, "500.html"),
    ("POST", "/trouble/refused-row/", {"password": "Zangule21"}, 500, "500.html"),
    ("POST", "/trouble/database/", {"password": "Zangule21"}, 503, "503.html"),
    ("POST", "/trouble/redis/", {"password": "Zangule21"}, 503, "503.html"),
    ("POST", "/trouble/slow-redis/", {"password": "Zangule21"}, 503, "503.html"),
]


@pytest.mark.parametrize(("method", "address", "sent", "status", "template"), PAGES, ids=lambda value: str(value)[:24])
def test_every_error_has_its_page_and_no_log_has_what_was_sent(
    client: Client,
    log: StringIO,
    method: str,
    address: str,
    sent: dict[str, Any],
    status: int,
    template: str,
) -> None:
    response = client.post(address, sent) if method == "POST" else client.generic(method, address)
    page = assert_page(response, status, template)

    for value in PRIVATE:
        assert value not in page + log.getvalue()


def test_a_bad_host_is_a_bad_request(client: Client) -> None:
    assert_page(client.get("/", HTTP_HOST="evil.example"), 400, "400.html")


def test_a_form_without_its_token_has_a_page_of_its_own() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert_page(strict.post("/accounts/login/", {"national_code": "1"}), 403, "403_csrf.html")


def test_405_says_what_is_allowed(client: Client) -> None:
    assert client.get("/trouble/post-only/").headers["Allow"] == "POST"


def test_429_is_the_same_page_for_every_rule(client: Client) -> None:
    answers = {name: client.get(f"/trouble/{name}/") for name in FAULTS if name.startswith("limit")}
    waits = {name: answer.headers["Retry-After"] for name, answer in answers.items()}
    pages = {name: re.sub(r'value="[^"]{64}"', "", answer.content.decode()) for name, answer in answers.items()}

    assert waits == {"limit-busy": "77", "limit-1": "3000", "limit-2": "60", "limit-3": "86000"}
    wait = "/trouble/limit-[0-9]/|[۰-۹]+ (ثانیه|دقیقه|ساعت)"
    same = {re.sub(wait, "", page) for name, page in pages.items() if name != "limit-busy"}
    assert len(same) == 1
    told = {"limit-busy": "۷۷ ثانیه", "limit-1": "۵۰ دقیقه", "limit-2": "۶۰ ثانیه", "limit-3": "۲۴ ساعت"}
    assert all(words in pages[name] for name, words in told.items())
    assert "شلوغ" in pages["limit-busy"]
    assert persian("Too many requests") in pages["limit-1"]


def test_503_says_when_to_come_back(client: Client) -> None:
    assert int(client.get("/trouble/database/").headers["Retry-After"]) > 0


def test_the_log_tells_where_a_fault_is_and_nothing_else(client: Client, log: StringIO) -> None:
    client.post("/trouble/fault/", {"password": "Zangule21"})

    written = log.getvalue()
    assert "Internal Server Error: /trouble/fault/" in written
    assert re.search(r"trouble\.py:[0-9]+ in view", written)
    assert written.splitlines().count("ValueError") == 1
    assert written.splitlines().count("KeyError") == 1  # what led to it
    for value in PRIVATE:
        assert value not in written


def away(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("connection to server at 10.0.0.7 failed: narges-bahrami")


@pytest.mark.parametrize(("address", "status"), [("/trouble/fault/", 500), ("/trouble/database/", 503), ("/", 200)])
def test_pages_that_need_no_rows_do_without_postgresql(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str, status: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        response = client.get(address)
    assert response.status_code == status


def test_what_needs_rows_answers_503_without_postgresql(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", away)
        response = client.get("/branches/")
    assert_page(response, 503, "503.html")


def test_a_session_that_cannot_be_read_answers_503(
    client: Client, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    """Sessions are read in middlewares, outside of every view."""
    client.force_login(make_account(41))
    assert client.get("/accounts/profile/").status_code == 200
    monkeypatch.setattr(SessionStore, "load", away)

    response = client.get("/accounts/profile/")

    assert_page(response, 503, "503.html")
    assert response.headers["Retry-After"] == "60"
    assert "OperationalError" in log.getvalue()
    assert "narges-bahrami" not in log.getvalue()


@pytest.mark.parametrize("address", ["/trouble/fault/", "/trouble/database/"])
def test_the_plainest_pages_refer_to_files_that_exist(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', page)

    assert len(files) >= 3
    assert [name for name in files if finders.find(name) is None] == []
    assert "English" in page or 'lang="en"' in page  # in both languages: which one was chosen nobody knows here
