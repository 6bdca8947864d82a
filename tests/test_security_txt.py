"""/.well-known/security.txt: RFC 9116."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

ADDRESS = "/.well-known/security.txt"
CONTACTS = ["mailto:security@example.ir", "https://portal.example.ir/contact"]


def fields(client: Client) -> list[tuple[str, str]]:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = response.content.decode()
    assert text.endswith("\n")
    assert re.fullmatch("([A-Za-z-]+: [^\n]+\n)+", text)
    return [tuple(line.split(": ", 1)) for line in text.splitlines()]  # type: ignore[misc]


def test_whom_to_tell_and_until_when(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT, settings.PORTAL_HOST, settings.HTTPS = CONTACTS, "portal.example.ir", True
    told = fields(client)
    assert [value for name, value in told if name == "Contact"] == CONTACTS  # the preferred one first
    once = dict(told)
    assert once["Canonical"] == f"https://portal.example.ir{ADDRESS}"
    assert once["Preferred-Languages"] == "fa, en"
    names = [name for name, _ in told]
    assert names.count("Expires") == names.count("Canonical") == names.count("Preferred-Languages") == 1
    assert dt.datetime.fromisoformat(once["Expires"]).tzinfo == dt.UTC


@pytest.mark.django_db
def test_it_never_expires_while_the_portal_runs(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = CONTACTS
    expires = dt.datetime.fromisoformat(dict(fields(client))["Expires"])
    assert dt.timedelta(days=100) < expires - timezone.now() < dt.timedelta(days=365)  # RFC 9116: less than a year
    assert dict(fields(client))["Expires"] == expires.strftime("%Y-%m-%dT%H:%M:%SZ")  # the same text all day


def test_without_a_contact_there_is_none(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = []
    assert client.get(ADDRESS).status_code == 404


def test_it_is_read_only(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = CONTACTS
    assert client.head(ADDRESS).status_code == 200
    assert client.post(ADDRESS).status_code == 405
