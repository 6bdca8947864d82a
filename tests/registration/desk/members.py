"""Members of the staff as rows."""

from typing import Any

from accounts.models import User
from registration.desk import roles
from tests.accounts import helpers


def member(number: int, role: roles.Role, **fields: Any) -> User:
    user = helpers.make_account(number, **{"is_staff": True, **fields})
    user.groups.add(roles.group(role))
    return user
