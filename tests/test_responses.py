"""Every public page: its type and charset, methods that no page has, and no word to other origins."""

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.sign_in.session_store import SessionStore
from tests.accounts.helpers import PASSWORD, make_account, sign_in
from tests.test_addresses import ALL, PUBLIC

pytestmark = pytest.mark.django_db

PAGES = [address for address, name in ALL if name in PUBLIC]
TYPES = {"text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"}  # JSON is UTF-8 by definition


@pytest.mark.parametrize("address", PAGES)
def test_whatever_has_a_body_says_its_type_and_charset(client: Client, address: str) -> None:
    response = client.get(address)
    if response.content:
        assert response.headers["Content-Type"] in TYPES


@pytest.mark.parametrize("address", [*PAGES, "/no/such/page/", "/accounts/profile/"])
def test_nobody_is_traced(client: Client, address: str) -> None:
    """TRACE would answer with the request's own headers, cookies included."""
    response = client.trace(address, headers={"X-Mark": "seen-in-the-request"})
    assert response.status_code in {302, 403, 404, 405}
    assert b"seen-in-the-request" not in response.content


@pytest.mark.parametrize("address", [*PAGES, "/no/such/page/", "/accounts/profile/", "/accounts/profile/data/"])
def test_no_other_origin_may_read(client: Client, address: str) -> None:
    for origin in ("https://evil.example", "null", "https://portal.example.ir.evil.example"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for response in (client.get(address, headers=asked), client.options(address, headers=asked)):
            assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_the_own_data_are_a_download_with_a_name_of_ours(client: Client) -> None:
    sign_in(client, make_account())
    response = client.post("/accounts/profile/data/", {"current_password": PASSWORD, "filename": "../evil.html"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'


def test_a_session_key_has_more_than_128_random_bits() -> None:
    keys = {make_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(re.fullmatch("[a-z0-9]{32}", key) for key in keys)  # 32 of 36 characters: 165 bits
    assert len(set("".join(keys))) == 36


def make_key() -> str:
    session = SessionStore()
    session.create()
    return str(session.session_key)


def test_cookies_are_ours_alone(client: Client) -> None:
    """What a visitor gets before doing anything, and what a signed-in citizen gets."""
    client.get("/portal/registration/")
    assert set(client.cookies) <= {settings.CSRF_COOKIE_NAME}
    sign_in(client, make_account())
    assert set(client.cookies) == {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME, "device"}
