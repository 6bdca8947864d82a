"""What every request and response passes: headers, the client's address, odd requests, languages."""

import ipaddress
from collections.abc import Set
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from registration.lifecycle import tracking_code
from tamin_portal.middleware import HEADERS
from tests.people import national_code

pytestmark = pytest.mark.django_db

EXPECTED = HEADERS | {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OWN_CACHING = {"Cache-Control"}


@pytest.fixture(autouse=True)
def _trouble(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.trouble"


@pytest.fixture
def client(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def assert_headers(response: Any, *, but: Set[str] = frozenset()) -> None:
    given = {name: response.headers.get(name) for name in EXPECTED if name not in but}
    assert given == {name: value for name, value in EXPECTED.items() if name not in but}
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/portal/registration/", 200),
        ("/accounts/login/", 200),
        ("/registration/track/", 200),
        ("/branches/", 200),
        ("/robots.txt", 200),
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/health/state", 404),
        ("/accounts/profile/", 302),
        ("/no/such/page/", 404),
        ("/handset/", 404),
        ("/trouble/post-only/", 405),
        ("/trouble/forbidden/", 403),
        ("/trouble/limit-1/", 429),
        ("/trouble/fault/", 500),
        ("/trouble/database/", 503),
    ],
)
def test_every_response_has_the_headers(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert_headers(response)


def test_what_middlewares_answer_themselves_has_them_too(client: Client, settings: Settings) -> None:
    assert_headers(client.post("/trouble/seen/", "a=1&a=2", content_type="application/x-www-form-urlencoded"))
    assert_headers(Client(enforce_csrf_checks=True).post("/trouble/seen/"))
    assert_headers(client.get("/", HTTP_HOST="evil.example"))
    assert_headers(client.get("/desk/login/"), but=OWN_CACHING)
    settings.SECURE_SSL_REDIRECT = True
    redirect = Client().get("/")  # a new client, so that the middlewares read the settings again
    assert (redirect.status_code, redirect.headers["Location"]) == (301, "https://testserver/")
    assert_headers(redirect)


def test_static_files_have_them_and_may_be_kept(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("body {}", encoding="ascii")
    (tmp_path / "a.0123456789ab.css").write_text("body {}", encoding="ascii")
    settings.STATIC_ROOT = tmp_path
    response = Client().get("/static/a.css")

    response.close()
    assert response.status_code == 200
    assert_headers(response, but=OWN_CACHING)
    assert "no-store" not in response.headers["Cache-Control"]


def test_over_tls_browsers_are_told_to_stay_there(client: Client, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 63_072_000, True

    response = client.get("/", secure=True)

    assert response.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


PROXIES = [ipaddress.ip_network(network) for network in ("10.0.0.0/8", "2001:db8:ffff::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.9, 203.0.113.5", "203.0.113.5"),  # the citizen said the first, our proxy the last
        ("10.0.0.1", "203.0.113.5, 10.1.1.1", "203.0.113.5"),  # two proxies of ours
        ("10.0.0.1", "198.51.100.9, , 203.0.113.5 ,10.1.1.1", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.9, ", "198.51.100.9"),
        ("10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"),  # from inside: all are ours, the first asked
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5:4711", "203.0.113.5"),  # some proxies add the port
        ("10.0.0.1", "198.51.100.9, 203.0.113.5:4711, 10.1.1.1:80", "203.0.113.5"),
        ("10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("10.0.0.1", "[2001:db8::5]", "2001:db8::5"),
        ("10.0.0.1", "fe80::5%eth0", "fe80::5"),
        ("10.0.0.1", "unknown", "10.0.0.1"),  # nobody can be told apart, but the proxy that says so
        ("10.0.0.1", "198.51.100.9, unknown", "10.0.0.1"),  # what stands left of it, anybody may have written
        ("10.0.0.1", "198.51.100.9, unknown, 10.1.1.1", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5:", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.5:port", "10.0.0.1"),
        ("10.0.0.1", "unix:", "10.0.0.1"),
        ("10.0.0.1", "²", "10.0.0.1"),
        ("203.0.113.5", "198.51.100.9", "203.0.113.5"),  # no proxy of ours: says what it likes
        ("203.0.113.5", "10.0.0.1", "203.0.113.5"),
        ("203.0.113.5", None, "203.0.113.5"),
        ("2001:db8:ffff::1", "2001:db8::5", "2001:db8::5"),
        ("2001:db8::5", "198.51.100.9", "2001:db8::5"),
        ("2001:db8:FFFF::1", "2001:DB8:0::5", "2001:db8::5"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
        ("", "203.0.113.5", "203.0.113.5"),  # a Unix socket
        ("", "198.51.100.9, 10.0.0.1", "198.51.100.9"),
        ("", None, "0.0.0.0"),  # noqa: S104
        ("nonsense", "198.51.100.9", "0.0.0.0"),  # noqa: S104
    ],
)
def test_whose_address_counts(
    client: Client, settings: Settings, peer: str, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert client.get("/trouble/seen/", headers=headers, REMOTE_ADDR=peer).json()["address"] == address


@pytest.mark.parametrize(("peer", "address"), [("203.0.113.5", "203.0.113.5"), ("", "0.0.0.0")])  # noqa: S104
def test_without_proxies_nobodys_word_counts(client: Client, settings: Settings, peer: str, address: str) -> None:
    settings.TRUSTED_PROXIES = []
    seen = client.get("/trouble/seen/", headers={"X-Forwarded-For": "198.51.100.9"}, REMOTE_ADDR=peer)
    assert seen.json()["address"] == address


@pytest.mark.parametrize(("peer", "secure"), [("10.0.0.1", True), ("203.0.113.5", False), ("", True)])
def test_only_a_proxy_of_ours_can_say_that_it_was_tls(
    client: Client, settings: Settings, peer: str, secure: bool
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    seen = client.get("/trouble/seen/", headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR=peer)

    assert seen.json()["secure"] is secure


def test_a_limit_counts_the_citizen_and_not_the_proxy(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES, settings.LIMIT_TRACKING_PER_IP = PROXIES, [(1, 3600)]
    answers = {"national_code": national_code(41), "tracking_code": tracking_code.new()}

    def track(citizen: str) -> int:
        headers = {"X-Forwarded-For": citizen}
        return int(client.post("/registration/track/", answers, headers=headers, REMOTE_ADDR="10.0.0.1").status_code)

    assert track("203.0.113.5") != 429
    assert track("203.0.113.6") != 429
    assert track("198.51.100.9, 203.0.113.5") == 429


def post(client: Client, body: str, address: str = "/trouble/seen/") -> int:
    return int(client.post(address, body, content_type="application/x-www-form-urlencoded").status_code)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("a=1&b=2", 200),
        ("a=1&a=2", 400),
        ("a=1&b=2&a=1", 400),
        ("a=&a=", 400),
        ("", 200),
        ("&".join(f"f{number}=1" for number in range(60)), 200),
        ("&".join(f"f{number}=1" for number in range(61)), 400),
        ("a=" + "x" * 32_000, 200),
        ("a=" + "x" * 33_000, 400),
    ],
    ids=lambda value: str(value)[:12],
)
def test_odd_bodies_are_bad_requests(client: Client, body: str, status: int) -> None:
    assert post(client, body) == status


def test_a_field_may_repeat_at_the_desk_alone(client: Client, settings: Settings) -> None:
    assert post(client, "a=1&a=2", "/desk/login/") == 200
    assert post(client, "a=1&a=2", "/accounts/login/") == 400
    assert post(client, "a=1&a=2", "/desks/") == 400
    settings.ADMIN_PATH = "office/"
    assert post(client, "a=1&a=2", "/desk/login/") == 400


def test_no_page_takes_a_file(client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="ascii")
    with (tmp_path / "file").open() as file:
        assert client.post("/trouble/seen/", {"file": file}).status_code == 400


def language(client: Client, **headers: str) -> str:
    return str(client.get("/trouble/seen/", headers=headers).json()["language"])


def test_the_language_is_the_portals_until_the_citizen_switches(client: Client, settings: Settings) -> None:
    assert language(client, **{"Accept-Language": "en-US,en;q=0.9"}) == "fa"  # most browsers in Iran say so
    assert 'lang="fa" dir="rtl"' in client.get("/").content.decode()

    switched = client.post("/language/", {"language": "en", "next": "/branches/"})

    assert (switched.status_code, switched.headers["Location"]) == (302, "/branches/")
    cookie = switched.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("en", True, "Lax")
    assert language(client) == "en"
    page = client.get("/")
    assert 'lang="en" dir="ltr"' in page.content.decode()
    assert page.headers["Content-Language"] == "en"
    client.post("/language/", {"language": "fa", "next": "/"})
    assert language(client) == "fa"


@pytest.mark.parametrize("forged", ["xx", "../../etc", "en\n", "EN", ""])
def test_a_language_that_does_not_exist_is_not_chosen(client: Client, settings: Settings, forged: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = forged
    assert language(client) == "fa"


def test_switching_the_language_leads_nowhere_else(client: Client) -> None:
    assert client.get("/language/?language=en&next=/").status_code == 405
    away = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert away.headers["Location"] == "/"


def test_pages_are_private_to_the_browser_that_asked(client: Client) -> None:
    for address in ("/", "/accounts/login/", "/portal/registration/"):
        assert "no-store" in client.get(address).headers["Cache-Control"]


def test_robots_are_sent_away(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "User-agent: *\nDisallow: /\n"
    assert client.post("/robots.txt").status_code == 405
