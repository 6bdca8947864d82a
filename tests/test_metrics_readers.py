"""Who may read the numbers that operators watch."""

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-twenty-four-signs-or-more"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_reads(address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 200


@pytest.mark.parametrize("address", ["198.51.100.7", "10.0.0.1", "::2", "128.0.0.1", ""])
def test_for_others_there_is_no_such_page(address: str, settings: Settings) -> None:
    for token in ("", TOKEN):
        settings.METRICS_TOKEN = token
        for sent in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}):
            response = Client(REMOTE_ADDR=address).get("/metrics", headers=sent)
            assert response.status_code == 404
            assert "portal_" not in response.content.decode()


def test_who_has_the_token_reads_from_anywhere(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": f"bearer  {TOKEN} "}).status_code == 200
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
@pytest.mark.parametrize("value", ["198.51.100.7", "127.0.0.1", ""])
def test_a_proxy_on_this_machine_makes_nobody_local(header: str, value: str) -> None:
    """Also where the operator forgot to name it in TRUSTED_PROXIES, and where the visitor claims to be local."""
    assert Client(REMOTE_ADDR="127.0.0.1").get("/metrics", headers={header: value}).status_code == 404


def test_it_is_for_reading_and_needs_no_tls(settings: Settings) -> None:
    local = Client(REMOTE_ADDR="127.0.0.1")
    settings.SECURE_SSL_REDIRECT = True
    assert local.get("/metrics").status_code == 200
    assert local.post("/metrics").status_code == 405
    assert not local.get("/metrics").cookies
