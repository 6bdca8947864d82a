import pytest
from django.test import Client

from accounts.models import User
from registration.desk import roles as desk_roles
from tests.accounts import helpers


@pytest.fixture
def clerk() -> User:
    user = helpers.make_account(500, is_staff=True, first_name="مینا", last_name="کارگر")
    user.groups.add(desk_roles.group(desk_roles.CLERK))
    return user


@pytest.fixture
def desk(client: Client, clerk: User) -> Client:
    """The browser of a clerk who has signed in."""
    client.force_login(clerk)
    return client
