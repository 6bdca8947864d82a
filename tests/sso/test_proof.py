"""How a service proves who it is (RFC 7523, 3; RFC 6749, 2.3), and what happens when it does not."""

import time
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from accounts.models import User
from sso.models import Service
from tests.sso.relying import (
    ASSERTED,
    Relying,
    agreed,
    make_service,
)

pytestmark = pytest.mark.django_db


RSA, EC, FOREIGN = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), ECKey.generate_key("P-256")


@pytest.fixture(params=["RS256", "ES256"])
def asserting(request: pytest.FixtureRequest, person: User) -> Relying:
    key = RSA if request.param == "RS256" else EC
    service = make_service(
        "asserting",
        auth_method=Service.Auth.PRIVATE_KEY_JWT,
        secret_hash="",
        jwks={"keys": [key.as_dict(private=False)]},
    )
    agreed(person, service)
    return Relying(service, key)


def test_a_service_proves_itself_by_a_signed_assertion(browser: Client, asserting: Relying) -> None:
    assert asserting.tokens(browser)["id_token"]
    code = asserting.code(browser)
    for_endpoint = asserting.assertion(aud="http://localhost/o/token", exp=int(time.time()) + 3600)
    assert asserting.redeem(code, client_assertion=for_endpoint).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example/"},
        {"aud": None},
        {"sub": "pension"},
        {"sub": None},
        {"sub": 7},
        {"iss": "pension"},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**30},
        {"exp": 4_000_000_000},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": ["a"]},
    ],
    ids=str,
)
def test_an_assertion_must_be_right(browser: Client, asserting: Relying, claims: dict[str, Any]) -> None:
    code = asserting.code(browser)
    response = asserting.redeem(code, client_assertion=asserting.assertion(**claims))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert asserting.redeem(code).status_code == 200  # who has proved nothing has used nothing up


def test_an_assertion_is_used_once(browser: Client, asserting: Relying) -> None:
    once = asserting.assertion()
    assert asserting.redeem(asserting.code(browser), client_assertion=once).status_code == 200
    assert asserting.redeem(asserting.code(browser), client_assertion=once).status_code == 401


def test_an_assertion_is_signed_by_the_services_own_key(browser: Client, asserting: Relying) -> None:
    own = asserting.key
    assert own is not None
    claims = jwt.decode(asserting.assertion(), own).claims
    secret = OctKey.import_key(str(own.as_dict(private=False)))  # joserfc itself refuses a PEM as a secret
    forged = [
        jwt.encode({"alg": "ES256"}, dict(claims), FOREIGN),
        jwt.encode({"alg": "HS256"}, dict(claims), secret),
        f"eyJhbGciOiJub25lIn0.{asserting.assertion().split('.')[1]}.",
        asserting.assertion()[:-8] + "AAAAAAAA",
        "x.y.z",
        "",
        "ک",
        "e30.e30.e30",
        '{"a":1}',
    ]
    code = asserting.code(browser)
    for assertion in forged:
        response = asserting.http.post(
            "/o/token", {**ASSERTED, "grant_type": "authorization_code", "client_assertion": assertion, "code": code}
        )
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client"), assertion


def test_only_the_method_of_the_row_counts(browser: Client, asserting: Relying, connected: Relying) -> None:
    from_secret, from_key = Relying(asserting.service), Relying(connected.service, EC)
    from_secret.service.auth_method = Service.Auth.BASIC
    assert from_secret.token(grant_type="authorization_code", code="x").status_code == 401
    from_key.service.auth_method = Service.Auth.PRIVATE_KEY_JWT
    assert from_key.token(grant_type="authorization_code", code="x").status_code == 401
    for form in ({}, {"client_id": "pension"}, {"client_id": "asserting"}, {"client_id": "nobody"}):
        response = connected.http.post("/o/token", {"grant_type": "authorization_code", "code": "x", **form})
        assert response.status_code == 401
        assert response.json() == {
            "error": "invalid_client",
            "error_description": "The service is not known, or has not proved who it is.",
        }


@pytest.mark.parametrize("header", ["Basic", "Basic x", "Basic /w==", "Basic Og==", "Bearer x", "Basic OjA6", "\xff"])
def test_an_odd_header_proves_nothing(connected: Relying, header: str) -> None:
    response = connected.http.post("/o/token", {"grant_type": "authorization_code"}, headers={"Authorization": header})
    assert response.status_code == 401


def test_a_public_app_goes_by_pkce_alone(browser: Client, person: User) -> None:
    relying = Relying(make_service("app", auth_method=Service.Auth.NONE, secret_hash=""))
    agreed(person, relying.service)
    assert relying.tokens(browser)["id_token"]
    relying.code(browser)
    code = relying.code(browser)
    assert relying.redeem(code, code_verifier="").status_code == 400


def test_who_fails_again_and_again_waits_and_nobody_else(browser: Client, connected: Relying, settings: Any) -> None:
    settings.LIMIT_SERVICE_FAILURES_PER_IP = [(3, 60)]
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    answers = [stranger.post("/o/token", {"grant_type": "authorization_code"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].headers["Content-Type"] == "application/json"
    assert connected.tokens(browser)["id_token"]


def test_a_service_that_fails_shuts_out_no_other_one_of_its_address(
    browser: Client, connected: Relying, person: User, settings: Any
) -> None:
    settings.LIMIT_SERVICE_FAILURES_PER_IP = [(2, 60)]
    basic, post = make_service("old"), make_service("form", auth_method=Service.Auth.POST)
    signed = Relying(make_service("signs", auth_method=Service.Auth.PRIVATE_KEY_JWT), FOREIGN)
    for broken in (Relying(basic), Relying(post), signed):
        Service.objects.filter(pk=broken.service.pk).update(secret_hash="", jwks={"keys": []})
        assert [broken.redeem("x").status_code for _ in range(3)] == [401, 401, 429]
    for odd in ("Basic %%", "Basic " + "A" * 9, "basic /w=="):
        assert connected.http.post("/o/token", {}, headers={"Authorization": odd}).status_code in (400, 401, 429)
    for odd in ("", "x", "x.%.y", "x.W10.y", "x.eyJzdWIiOiJcdWQ4MDAifQ.y", "x." + "W1" * 3000 + ".y"):
        form = {**ASSERTED, "client_assertion": odd}
        assert connected.http.post("/o/token", form).status_code in (400, 401, 429)
    assert connected.tokens(browser)["id_token"]


CODE = {"grant_type": "authorization_code", "code": "x"}


def test_names_that_no_service_has_share_one_count(browser: Client, connected: Relying, settings: Any) -> None:
    settings.LIMIT_SERVICE_FAILURES_PER_IP = [(3, 60)]
    tried = [connected.http.post("/o/token", {"client_id": f"x{number}", **CODE}).status_code for number in range(5)]
    assert tried == [401, 401, 401, 429, 429]
    assert connected.http.post("/o/token", {"client_id": "\0", **CODE}).status_code == 429
    assert connected.tokens(browser)["id_token"]


def test_an_address_fails_only_so_often_whatever_services_it_claims_to_be(
    browser: Client, connected: Relying, settings: Any
) -> None:
    settings.LIMIT_ALL_SERVICE_FAILURES_PER_IP = [(3, 60)]
    names = [make_service(name).client_id for name in ("one", "two", "three", "four")]
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    tried = [stranger.post("/o/token", {"client_id": name, **CODE}).status_code for name in names]
    assert tried == [401, 401, 401, 429]
    assert connected.tokens(browser)["id_token"]


def test_tokens_that_hold_no_longer_shut_no_service_out(browser: Client, connected: Relying, settings: Any) -> None:
    """A service asks with old tokens all the time; and who failed to prove itself still learns who somebody is."""
    settings.LIMIT_SERVICE_FAILURES_PER_IP = [(2, 60)]
    assert [connected.userinfo("old").status_code for _ in range(4)] == [401] * 4
    assert [connected.http.get("/o/userinfo").status_code for _ in range(4)] == [401] * 4
    got = connected.tokens(browser)
    wrong = {"token": "x", "client_id": connected.service.client_id}
    failed = [connected.http.post("/o/revoke", wrong).status_code for _ in range(3)]
    assert failed == [401, 401, 429]
    assert connected.redeem("x").status_code == 429
    assert connected.userinfo(got["access_token"]).status_code == 200


def test_public_keys_have_public_parts_alone(client: Client) -> None:
    shown = client.get("/o/jwks.json").json()["keys"]
    assert {key["alg"] for key in shown} == {"RS256", "ES256"}
    for key in shown:
        assert key.keys() <= {"kty", "use", "alg", "kid", "n", "e", "crv", "x", "y"}


def test_a_database_that_is_away_is_told_as_json(connected: Relying, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("sso.protocol.tokens.redeem", away)
    response = connected.redeem("x")
    assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
    assert response.headers["Retry-After"] == "60"
