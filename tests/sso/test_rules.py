"""What keeps a provider safe (RFC 9700, OpenID Connect Core): black-box, in the order of docs/security, services."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from psycopg import sql
from redis import Redis

from accounts.models import User
from sso import keys
from sso.models import Connection, PendingRequest, Service
from tests import clock
from tests.accounts.helpers import PASSWORD
from tests.sso.relying import (
    BACK,
    EVERYTHING,
    Relying,
    agreed,
    allow,
    answered,
    led_to,
    make_service,
    read,
)

pytestmark = pytest.mark.django_db


NOT_REGISTERED = [
    "https://service.example/other",
    "https://service.example/Back",
    "https://SERVICE.example/back",
    "https://service.example/back/",
    "https://service.example/x/../back",
    "https://service.example/back?a=1",
    "https://service.example/back#x",
    "https://service.example/back%20",
    " https://service.example/back",
    "https://user@service.example/back",
    "https://service.example:443/back",
    "http://service.example/back",
    "https://service.example.evil.example/back",
    "https://sеrvice.example/back",
    "//service.example/back",
    "javascript:alert(1)",
    "",
    "\0",
]


@pytest.mark.parametrize("uri", NOT_REGISTERED)
def test_nobody_is_sent_to_an_address_that_is_not_registered(browser: Client, connected: Relying, uri: str) -> None:
    odd: list[dict[str, str]] = [{}, {"prompt": "none"}, {"response_type": "token"}, {"request": "x"}]
    for more in odd:
        response = connected.send(browser, redirect_uri=uri, **more)
        assert response.status_code == 400
        assert "Location" not in response.headers
        assert b"http-equiv" not in response.content
    assert not PendingRequest.objects.exists()


@pytest.mark.parametrize("client_id", ["", "nobody", "PENSION", "pension ", "\0", "x" * 5000, "کد"])
def test_nobody_is_sent_anywhere_by_an_unknown_service(browser: Client, connected: Relying, client_id: str) -> None:
    response = connected.send(browser, client_id=client_id)
    assert response.status_code == 400
    assert "Location" not in response.headers


@pytest.mark.parametrize("state", [Service.State.DRAFT, Service.State.CLOSED])
def test_a_service_that_is_not_open_is_not_known(browser: Client, connected: Relying, state: str) -> None:
    code = connected.code(browser)
    got = connected.tokens(browser)
    Service.objects.update(state=state)
    assert connected.send(browser).status_code == 400
    assert connected.redeem(code).status_code == 401
    assert connected.userinfo(got["access_token"]).status_code == 401


@pytest.mark.parametrize(
    "grant",
    ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "", '"', "ک"],
)
def test_no_other_grant(connected: Relying, grant: str) -> None:
    response = connected.token(grant_type=grant, username="x", password="x")
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "more",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": "ک" * 43},
        {"code_challenge": "a" * 44},
    ],
    ids=str,
)
def test_pkce_is_asked_of_everybody(browser: Client, connected: Relying, more: dict[str, Any]) -> None:
    assert answered(connected.send(browser, **more))["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", ["", "w" * 43, "short", "ک" * 43])
def test_a_wrong_verifier_burns_the_code(browser: Client, connected: Relying, verifier: str) -> None:
    code = connected.code(browser)
    assert connected.redeem(code, code_verifier=verifier).status_code == 400
    assert connected.redeem(code).json()["error"] == "invalid_grant"


def test_a_code_lives_a_minute(browser: Client, connected: Relying) -> None:
    code = connected.code(browser)
    clock.advance(seconds=59)
    assert connected.redeem(code).status_code == 200
    late = connected.code(browser)
    clock.advance(seconds=61)
    assert connected.redeem(late).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_service_and_address(browser: Client, person: User, connected: Relying) -> None:
    other = Relying(make_service("health", sector="health"))
    code = connected.code(browser)
    other.verifier = connected.verifier
    assert other.redeem(code).json()["error"] == "invalid_grant"
    assert connected.redeem(code).status_code == 200  # the other one has used nothing up
    code = connected.code(browser)
    assert connected.redeem(code, redirect_uri=f"{BACK}x").json()["error"] == "invalid_grant"


def test_every_answer_says_who_gives_it(browser: Client, connected: Relying) -> None:
    for more in ({}, {"scope": "x"}, {"max_age": "x"}, {"response_type": "token"}, {"request": "x"}):
        assert answered(connected.send(browser, **more))["iss"] == "http://localhost"


def test_agreeing_needs_the_page(person: User, relying: Relying) -> None:
    """A form of another origin has no token; the service's own POST grants nothing."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    waiting = led_to(relying.send(browser))
    assert browser.post(waiting, {"act": "allow", "scopes": "openid profile"}).status_code == 403
    assert browser.post("/o/authorize", relying.params()).status_code == 303
    assert not Connection.objects.exists()
    page = browser.get(waiting)
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_nothing_given_out_can_be_read_in_the_tables(browser: Client, person: User) -> None:
    relying = Relying(make_service(scopes=EVERYTHING))
    agreed(person, relying.service, " ".join(["openid", *EVERYTHING]))
    code = relying.code(browser, scope="openid offline_access")
    got = relying.redeem(code).json()
    given = [code, got["access_token"], got["refresh_token"], got["id_token"]]
    tables = [name for name in connection.introspection.table_names() if name.startswith("sso_")]
    assert len(tables) >= 9
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            held = str(cursor.fetchall())
            assert not [value for value in given if value in held], table


def test_nothing_given_out_can_be_read_in_redis(browser: Client, offline: Relying, clean_redis: Redis) -> None:
    code = offline.code(browser, scope="openid offline_access")
    got = offline.redeem(code).json()
    names = clean_redis.keys("*")
    assert names
    held = b"".join(name + (clean_redis.dump(name) or b"") for name in names)  # type: ignore[operator, misc]
    assert not [value for value in (code, *map(str, got.values())) if len(value) > 20 and value.encode() in held]


def test_no_form_is_answered_by_a_redirect_to_a_service(browser: Client, connected: Relying) -> None:
    """Nor by 307, which would take the form along; and the page that leads on tells nobody where it was."""
    Connection.objects.all().delete()
    waiting = led_to(connected.send(browser))
    refused = browser.post(waiting, {"act": "deny"})
    agreed_to = allow(browser, connected.send(browser))
    again = led_to(connected.send(browser, prompt="login"))
    proved = browser.post(again, {"current_password": PASSWORD})
    assert [answer.status_code for answer in (refused, agreed_to, proved)] == [200, 200, 302]
    assert led_to(proved) == again
    for page in (refused, agreed_to, browser.get(again)):
        assert (page.status_code, answered(page)["iss"]) == (200, "http://localhost")
        assert page.headers["Referrer-Policy"] in ("same-origin", "no-referrer", "strict-origin")


def test_an_access_token_comes_in_no_address(browser: Client, connected: Relying) -> None:
    got = connected.tokens(browser)
    access = got["access_token"]
    assert connected.http.get(f"/o/userinfo?access_token={access}").status_code == 401
    assert connected.http.post(f"/o/userinfo?access_token={access}").status_code == 401
    for wrong in (got["id_token"], "x", f"{access}x", "\0", "ک"):
        response = connected.http.post("/o/userinfo", {"access_token": wrong})
        assert response.status_code in (400, 401)
    assert connected.http.get("/o/userinfo").headers["WWW-Authenticate"] == 'Bearer realm="services"'


def test_waiting_requests_are_limited_by_address(client: Client, relying: Relying, settings: Any) -> None:
    settings.LIMIT_SERVICES_PER_IP = [(2, 60)]
    assert [relying.send(client).status_code for _ in range(3)] == [302, 302, 429]


BAD: list[tuple[str, str]] = [
    ("state", "a\0b"),
    ("state", "s" * 1025),
    ("nonce", "n" * 256),
    ("nonce", "\0"),
    ("x\0", "y"),
    ("id_token_hint", "x" * 4001),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda part: part[:12])
def test_what_no_honest_request_holds(browser: Client, connected: Relying, name: str, value: str) -> None:
    assert connected.send(browser, **{name: value}).status_code == 400
    assert browser.post("/o/authorize", {**connected.params(), name: value}).status_code == 400
    assert browser.get(f"/o/logout?{urlencode({name: value})}").status_code == 400


@pytest.mark.parametrize("name", ["client_id", "nonce", "code_challenge", "prompt", "state", "x"])
def test_no_name_comes_twice(browser: Client, connected: Relying, name: str) -> None:
    query = urlencode([*connected.params().items(), (name, "a"), (name, "a")])
    assert browser.get(f"/o/authorize?{query}").status_code == 400
    assert browser.get(f"/o/logout?{query}").status_code == 400


@pytest.mark.parametrize("address", ["/o/token", "/o/userinfo", "/o/revoke"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{}", "application/json"),
        ("grant_type=a\0", "application/x-www-form-urlencoded"),
        ("grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        ("grant_type=%ff%fe%00", "application/x-www-form-urlencoded"),
        ("grant_type=a", "application/x-www-form-urlencoded; charset=utf-7"),
        ("", "multipart/form-data; boundary=x"),
        ("grant_type=a", "text/plain"),
    ],
)
def test_whatever_a_service_sends_it_is_its_own_mistake(client: Client, address: str, body: str, kind: str) -> None:
    assert client.post(address, body, content_type=kind).status_code in (400, 401)


def test_without_keys_there_is_nothing(client: Client, relying: Relying, settings: Any) -> None:
    settings.SSO_KEYS_FILE = ""
    keys.current.forget()
    for address in ("/.well-known/openid-configuration", "/o/jwks.json", "/o/authorize", "/o/userinfo", "/o/logout"):
        assert client.get(address).status_code == 404
    assert client.post("/o/token").status_code == client.post("/o/revoke").status_code == 404


def test_what_is_stated_is_what_is_done(browser: Client, offline: Relying) -> None:
    """Every scope and claim of the discovery document is given, no other one is, and every address answers."""
    told = browser.get("/.well-known/openid-configuration").json()
    got = offline.tokens(browser, scope=" ".join([*told["scopes_supported"], "address"]))
    assert sorted(got["scope"].split()) == sorted(told["scopes_supported"])
    given = offline.userinfo(got["access_token"]).json().keys() | read(got["id_token"]).keys()
    assert given - {"at_hash"} == set(told["claims_supported"])
    assert offline.refresh(got["refresh_token"]).status_code == 200
    addresses = [value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 6
    for address in addresses:
        assert browser.head(address.removeprefix(told["issuer"])).status_code in (200, 400, 401, 405), address


def test_what_is_not_in_the_tables_is_not_in_the_log(
    browser: Client, connected: Relying, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    code = connected.code(browser)
    got = connected.redeem(code).json()
    assert not [value for value in (code, got["access_token"], got["id_token"]) if value in caplog.text]
