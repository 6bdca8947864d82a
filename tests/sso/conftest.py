"""What these tests share: a person who is signed in, and an open service."""

import pytest
from django.test import Client

from accounts.models import User
from sso.models import Service
from tests.accounts.helpers import make_account, sign_in
from tests.sso.relying import EVERYTHING, Relying, agreed, make_service


@pytest.fixture
def person() -> User:
    return make_account(1, birth_date="1990-01-02", gender="female", email="sara@example.org")


@pytest.fixture
def browser(client: Client, person: User) -> Client:
    """The person's own, signed in."""
    sign_in(client, person)
    return client


@pytest.fixture
def service() -> Service:
    return make_service()


@pytest.fixture
def relying(service: Service) -> Relying:
    return Relying(service)


@pytest.fixture
def connected(person: User, relying: Relying) -> Relying:
    """The person has agreed to everything that the service may ask."""
    agreed(person, relying.service)
    return relying


@pytest.fixture
def offline(person: User) -> Relying:
    """A service that may have everything, and to which the person has agreed in everything."""
    relying = Relying(make_service("offline", scopes=EVERYTHING))
    agreed(person, relying.service, " ".join(["openid", *EVERYTHING]))
    return relying
