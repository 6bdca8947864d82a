"""Every address is public because a list says so, or lies behind a sign-in."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.accounts.helpers import make_account

pytestmark = pytest.mark.django_db

# Names of what strangers may open. Everything else must ask who they are.
PUBLIC = {
    *("registration:home", "registration:track", "registration:branches", "registration:guide"),
    *(
        f"registration:track-{page}"
        for page in ("send", "code", "resend", "call", "stay", "request", "look", "withdraw")
    ),
    *(
        f"registration:{flow}-{page}"
        for flow in ("portal", "eservices")
        for page in ("registration", "resend", "call", "received")
    ),
    *("accounts:login", "accounts:login-code", "accounts:login-resend", "accounts:login-stay", "accounts:logout"),
    *(
        f"accounts:recover{step}"
        for step in ("", "-code", "-resend", "-stay", "-answers", "-password", "-anew", "-done")
    ),
    *(
        "sms:handset",
        "sms:kavenegar-status",
        "set_language",
        "health-live",
        "health-ready",
        "health-state",
        "metrics",
        "robots",
    ),
    "security-txt",
    *(
        f"sso:{name}"
        for name in ("discovery", "jwks", "authorize", "continue", "token", "userinfo", "revoke", "logout")
    ),
    *("sso:demo", "sso:demo-start", "sso:demo-back"),
    *("desk:login", "desk:login-code", "desk:login-code-stay", "desk:enrol", "desk:enrol-password", "desk:enrol-app"),
}
SAMPLES = {"int": "1", "path": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000"}


def addresses(resolver: URLResolver, route: str = "", names: str = "") -> Iterator[tuple[str, str]]:
    """Address and name of every pattern, with something in place of its variables."""
    for pattern in resolver.url_patterns:
        whole = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, whole, f"{names}{pattern.namespace}:" if pattern.namespace else names)
        elif isinstance(pattern, URLPattern):
            yield "/" + _sample(whole), names + (pattern.name or "")


def _sample(route: str) -> str:
    route = re.sub(r"<(?:([a-z]+):)?[a-z_]+>", lambda found: SAMPLES[found[1] or "str"], route)
    route = re.sub(r"\^?\(\?P<[a-z_]+>\(?([a-z]+)[^)]*\)+", r"\1", route)  # one of several words
    return re.sub(r"\^|\(\?P<[a-z_]+>\.\*\)|\$", "", route)


ALL = sorted(set(addresses(get_resolver())))


def test_the_list_names_nothing_that_is_gone() -> None:
    assert {name for _, name in ALL} >= PUBLIC


@pytest.mark.parametrize(("address", "name"), ALL)
def test_strangers_see_what_is_public_and_sign_in_for_the_rest(client: Client, address: str, name: str) -> None:
    response = client.get(address)
    asked = response.status_code == 302 and "/login/" in response.headers["Location"]
    if name in PUBLIC:
        assert (
            response.status_code != 404
            or name.startswith("sso:demo")
            or name in {"sms:handset", "health-state", "metrics", "security-txt"}
        )
        assert not asked or ":login-" in name  # a second step leads back to the first
    else:
        assert asked, response.status_code


@pytest.mark.parametrize(("address", "name"), [(a, n) for a, n in ALL if n not in PUBLIC])
def test_nobody_posts_behind_the_sign_in(client: Client, address: str, name: str) -> None:
    response = client.post(address, {"reason": "x"})
    assert response.status_code == 302
    assert "/login/" in response.headers["Location"]


def test_the_desk_is_closed_to_citizens(client: Client) -> None:
    client.force_login(make_account(41))
    for address, name in ALL:
        if name.startswith("desk:") and name not in {"desk:login", "desk:logout", "desk:enrol"}:
            response: Any = client.get(address)
            assert response.status_code in {302, 403, 404}, address
            assert "model" not in (response.context or {}), address


def test_the_desk_is_where_the_setting_says() -> None:
    assert all(address.startswith(f"/{settings.ADMIN_PATH}") for address, name in ALL if name.startswith("desk:"))
