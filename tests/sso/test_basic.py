"""What the official plans "config" and "basic" ask of a provider: each test has the name of its module."""

import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from sso.models import Service
from tests import clock
from tests.accounts.helpers import PASSWORD, make_account, sign_in
from tests.sso.relying import (
    BACK,
    EVERYTHING,
    Relying,
    agreed,
    allow,
    answered,
    header,
    led_to,
    make_service,
    read,
)

pytestmark = pytest.mark.django_db


def test_oidcc_discovery_endpoint_verification(client: Client) -> None:
    response = client.get("/.well-known/openid-configuration")
    told = response.json()
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert told["issuer"] == "http://localhost"
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert told[name].startswith("http://localhost/o/")
    assert told["response_types_supported"] == ["code"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["subject_types_supported"] == ["pairwise"]
    assert told["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]


def test_oidcc_server(browser: Client, connected: Relying) -> None:
    got = connected.tokens(browser)
    assert {name: got[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "openid profile",
    }
    claims = read(got["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://localhost", "pension", connected.nonce)
    assert (claims["acr"], claims["amr"]) == ("http://localhost/acr/2", ["pwd", "sms", "mfa"])
    assert claims["exp"] - claims["iat"] == 600
    assert set(claims) == {"iss", "aud", "sub", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash"}


def test_oidcc_response_type_missing(browser: Client, connected: Relying) -> None:
    assert answered(connected.send(browser, response_type=None))["error"] == "invalid_request"


@pytest.mark.parametrize("kind", ["token", "id_token", "code id_token", "code token", "none", "Code", '"\n', "کد"])
def test_oidcc_response_type_is_code_alone(browser: Client, connected: Relying, kind: str) -> None:
    answer = answered(connected.send(browser, response_type=kind))
    assert (answer["error"], answer["state"]) == ("unsupported_response_type", connected.state)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_oidcc_idtoken_signature(browser: Client, connected: Relying, algorithm: str) -> None:
    Service.objects.update(id_token_alg=algorithm)
    token = connected.tokens(browser)["id_token"]
    shown = {key["kid"]: key for key in Client().get("/o/jwks.json").json()["keys"]}
    assert header(token)["alg"] == algorithm == shown[header(token)["kid"]]["alg"]
    assert read(token)["sub"]


def test_oidcc_idtoken_unsigned_is_not_offered(client: Client) -> None:
    told = client.get("/.well-known/openid-configuration").json()
    assert "none" not in told["id_token_signing_alg_values_supported"]


@pytest.mark.parametrize("by", ["get", "post-header", "post-body"])
def test_oidcc_userinfo(browser: Client, connected: Relying, by: str) -> None:
    got = connected.tokens(browser)
    access, bearer = got["access_token"], {"Authorization": f"Bearer {got['access_token']}"}
    response = {
        "get": lambda: connected.http.get("/o/userinfo", headers=bearer),
        "post-header": lambda: connected.http.post("/o/userinfo", headers=bearer),
        "post-body": lambda: connected.http.post("/o/userinfo", {"access_token": access}),
    }[by]()
    assert response.json() == {
        "sub": read(got["id_token"])["sub"],
        "name": "سارا محمدی",
        "given_name": "سارا",
        "family_name": "محمدی",
        "gender": "female",
        "birthdate": "1990-01-02",
    }


def test_oidcc_nonce_is_not_needed(browser: Client, connected: Relying) -> None:
    assert "nonce" not in read(connected.tokens(browser, nonce=None)["id_token"])


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", set()),
        ("openid phone", {"phone_number", "phone_number_verified"}),
        ("openid email", {"email", "email_verified"}),
        ("openid national_code", {"national_code"}),
        ("openid address", set()),
        ("openid phone nothing-of-ours", {"phone_number", "phone_number_verified"}),
    ],
)
def test_oidcc_scope(browser: Client, person: User, scope: str, claims: set[str]) -> None:
    relying = Relying(make_service(scopes=EVERYTHING))
    agreed(person, relying.service, " ".join(["openid", *EVERYTHING]))
    got = relying.tokens(browser, scope=scope)
    assert relying.userinfo(got["access_token"]).json().keys() == {"sub"} | claims


def test_oidcc_ensure_other_scope_order_succeeds(browser: Client, connected: Relying) -> None:
    assert connected.tokens(browser, scope="profile openid")["scope"] == "profile openid"


def test_oidcc_scope_without_openid(browser: Client, connected: Relying) -> None:
    assert answered(connected.send(browser, scope="profile"))["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "more",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
        {"login_hint": "somebody"},
        {"claims": '{"userinfo":{"name":{"essential":true}}}'},
        {"extra": "foobar"},
    ],
    ids=str,
)
def test_oidcc_what_is_not_known_is_no_error(browser: Client, connected: Relying, more: dict[str, Any]) -> None:
    assert connected.tokens(browser, **more)["id_token"]


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_oidcc_prompt_login(browser: Client, connected: Relying, prompt: str) -> None:
    response = connected.send(browser, prompt=prompt)
    waiting = led_to(response)
    page = browser.get(waiting)
    assert 'name="current_password"' in page.content.decode()
    wrong = browser.post(waiting, {"current_password": "Wrong12345"})
    assert 'name="current_password"' in wrong.content.decode()
    again = browser.post(waiting, {"current_password": PASSWORD})
    assert led_to(again) == waiting
    back = browser.get(waiting) if "consent" not in prompt else allow(browser, again)
    assert "code" in answered(back)


def test_oidcc_prompt_login_in_a_new_session(client: Client, person: User, connected: Relying) -> None:
    waiting = led_to(connected.send(client, prompt="login"))
    login = led_to(client.get(waiting))
    assert login.startswith("/accounts/login/?next=%2Fo%2Fcontinue%2F")
    assert "سامانهٔ بازنشستگی" in client.get(login).content.decode()
    assert led_to(sign_in(client, person, next=waiting)) == waiting
    assert "code" in answered(client.get(waiting))


def test_oidcc_prompt_none_not_logged_in(client: Client, connected: Relying) -> None:
    answer = answered(connected.send(client, prompt="none"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", connected.state, "http://localhost")


def test_oidcc_prompt_none_logged_in(browser: Client, connected: Relying) -> None:
    assert connected.tokens(browser, prompt="none")["id_token"]


def test_oidcc_prompt_none_without_consent(browser: Client, relying: Relying) -> None:
    assert answered(relying.send(browser, prompt="none"))["error"] == "consent_required"


def test_oidcc_prompt_none_stands_alone(browser: Client, connected: Relying) -> None:
    assert answered(connected.send(browser, prompt="none login"))["error"] == "invalid_request"


def test_oidcc_max_age_1(browser: Client, connected: Relying) -> None:
    first = read(connected.tokens(browser)["id_token"])["auth_time"]
    with time_machine.travel(time.time() + 5):
        waiting = led_to(connected.send(browser, max_age="1"))
        assert waiting.startswith("/o/continue/")
        browser.post(waiting, {"current_password": PASSWORD})
        code = answered(browser.get(waiting))["code"]
        assert read(connected.redeem(code).json()["id_token"])["auth_time"] > first


def test_oidcc_max_age_10000(browser: Client, connected: Relying) -> None:
    first = read(connected.tokens(browser)["id_token"])["auth_time"]
    assert read(connected.tokens(browser, max_age="10000")["id_token"])["auth_time"] == first


@pytest.mark.parametrize("age", ["-1", "x", "۱۰", "", "1.5"])
def test_oidcc_max_age_is_a_number(browser: Client, connected: Relying, age: str) -> None:
    assert answered(connected.send(browser, max_age=age))["error"] == "invalid_request"


def test_oidcc_id_token_hint(browser: Client, connected: Relying) -> None:
    hint = connected.tokens(browser)["id_token"]
    assert "code" in answered(connected.send(browser, prompt="none", id_token_hint=hint))
    other = Client()
    sign_in(other, make_account(2))
    assert answered(connected.send(other, prompt="none", id_token_hint=hint))["error"] == "login_required"
    assert answered(connected.send(browser, id_token_hint=f"{hint[:-4]}AAAA"))["error"] == "login_required"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_oidcc_request_objects(browser: Client, connected: Relying, name: str, error: str) -> None:
    answer = answered(connected.send(browser, **{name: "https://service.example/object"}))
    assert (answer["error"], answer["state"]) == (error, connected.state)


def test_oidcc_ensure_post_request_succeeds(browser: Client, connected: Relying) -> None:
    response = browser.post("/o/authorize", connected.params())
    assert response.status_code == 303
    assert "code" in answered(browser.get(response.headers["Location"]))


@pytest.mark.parametrize("mode", ["fragment", "form_post", "web_message"])
def test_oidcc_answers_come_in_the_query(browser: Client, connected: Relying, mode: str) -> None:
    assert answered(connected.send(browser, response_mode=mode))["error"] == "invalid_request"
    assert "code" in answered(connected.send(browser, response_mode="query"))


def test_oidcc_ensure_redirect_uri_in_authorization_request(browser: Client, connected: Relying) -> None:
    response = connected.send(browser, redirect_uri=None)
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_oidcc_codereuse(browser: Client, connected: Relying) -> None:
    code = connected.code(browser)
    got = connected.redeem(code).json()
    assert connected.userinfo(got["access_token"]).status_code == 200
    assert connected.redeem(code).json()["error"] == "invalid_grant"
    assert connected.userinfo(got["access_token"]).status_code == 401


def test_oidcc_codereuse_30seconds(browser: Client, connected: Relying) -> None:
    """While the code itself would still be good."""
    code = connected.code(browser)
    got = connected.redeem(code).json()
    clock.advance(seconds=30)
    assert connected.redeem(code).json()["error"] == "invalid_grant"
    assert connected.userinfo(got["access_token"]).status_code == 401


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_oidcc_server_client_secret(browser: Client, connected: Relying, method: str) -> None:
    connected.service.auth_method = method
    connected.service.save()
    assert connected.tokens(browser)["id_token"]


def test_oidcc_redirect_uri_query_is_kept(browser: Client, person: User) -> None:
    with_query = f"{BACK}?foo=bar"
    relying = Relying(make_service(redirect_uris=[with_query]))
    agreed(person, relying.service)
    answer = answered(relying.send(browser, redirect_uri=with_query))
    assert answer["foo"] == "bar"
    assert relying.redeem(answer["code"], redirect_uri=with_query).status_code == 200


def test_oidcc_ui_locales(client: Client, connected: Relying) -> None:
    connected.send(client, ui_locales="de en-GB fa")
    assert client.cookies["language"].value == "en"
    connected.send(client, ui_locales="fa")
    assert client.cookies["language"].value == "en"


def test_oidcc_denied(browser: Client, relying: Relying) -> None:
    answer = answered(allow(browser, relying.send(browser), "deny"))
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", relying.state, "http://localhost")
