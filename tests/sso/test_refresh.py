"""Refresh tokens and revocation: rotation, reuse, scope, whose they are (RFC 9700, 4.14; RFC 7009)."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from sso.models import Service
from tests import clock
from tests.sso.relying import (
    Relying,
    allow,
    answered,
    read,
)

pytestmark = pytest.mark.django_db


def test_refresh_tokens_only_for_who_may_and_has_agreed(browser: Client, person: User, connected: Relying) -> None:
    assert "refresh_token" not in connected.tokens(browser, scope="openid offline_access")
    Service.objects.update(scopes=["profile", "offline_access"])
    response = connected.send(browser, scope="openid offline_access")
    got = connected.redeem(answered(allow(browser, response))["code"]).json()
    assert got["scope"] == "openid offline_access"
    assert got["refresh_token"]


def test_refresh_tokens_rotate_and_one_that_comes_again_ends_all(browser: Client, offline: Relying) -> None:
    first = offline.tokens(browser, scope="openid profile offline_access")
    second = offline.refresh(first["refresh_token"]).json()
    before, after = read(first["id_token"]), read(second["id_token"])
    assert all(before[name] == after[name] for name in ("sub", "auth_time", "sid", "acr", "aud", "iss"))
    assert "nonce" not in after
    assert offline.userinfo(second["access_token"]).status_code == 200
    assert offline.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    for token in (first["access_token"], second["access_token"]):
        assert offline.userinfo(token).status_code == 401
    assert offline.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_bound_to_its_service(browser: Client, offline: Relying, connected: Relying) -> None:
    token = offline.tokens(browser, scope="openid offline_access")["refresh_token"]
    Service.objects.filter(client_id="pension").update(scopes=["offline_access"])
    assert connected.refresh(token).json()["error"] == "invalid_grant"
    assert offline.refresh(token).status_code == 200


def test_the_scope_of_a_refresh_may_only_shrink(browser: Client, offline: Relying) -> None:
    token = offline.tokens(browser, scope="openid profile offline_access")["refresh_token"]
    assert offline.refresh(token, scope="openid national_code").json()["error"] == "invalid_scope"
    less = offline.refresh(token, scope="openid").json()  # the refusal has cost nothing
    assert less["scope"] == "openid"
    assert offline.userinfo(less["access_token"]).json().keys() == {"sub"}


def test_a_refresh_token_lives_thirty_days(browser: Client, offline: Relying) -> None:
    token = offline.tokens(browser, scope="openid offline_access")["refresh_token"]
    clock.advance(timedelta(days=29))
    token = offline.refresh(token).json()["refresh_token"]
    clock.advance(timedelta(days=2))
    assert offline.refresh(token).json()["error"] == "invalid_grant"


def test_revocation(browser: Client, offline: Relying, connected: Relying) -> None:
    first, second = (offline.tokens(browser, scope="openid offline_access") for _ in range(2))

    def revoke(relying: Relying, token: str) -> int:
        real, relying.http.post = relying.http.post, lambda path, *a, **k: real("/o/revoke", *a, **k)  # type: ignore
        try:
            return int(relying.token(token=token).status_code)
        finally:
            relying.http.post = real  # type: ignore[method-assign]

    assert revoke(connected, first["access_token"]) == 200  # another service's: nothing happens
    assert offline.userinfo(first["access_token"]).status_code == 200
    assert revoke(offline, first["access_token"]) == revoke(offline, "nothing") == 200
    assert offline.userinfo(first["access_token"]).status_code == 401
    assert revoke(offline, second["refresh_token"]) == 200
    assert offline.userinfo(second["access_token"]).status_code == 401
    assert offline.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert connected.http.post("/o/revoke", {"token": "x"}).status_code == 401
