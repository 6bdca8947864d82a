"""Members of the staff as rows."""

from typing import Any

from accounts.models import Branch, User
from registration.desk import roles
from tests.accounts import helpers


def office(province: str = "تهران", city: str = "تهران") -> Branch:
    """A branch there; made-up citizens live in Tehran."""
    named = {"name": f"شعبهٔ {city}", "province": province, "city": city}
    return Branch.objects.get_or_create(code=f"T{len(province)}{len(city)}", defaults=named)[0]


def member(number: int, role: roles.Role, **fields: Any) -> User:
    user = helpers.make_account(number, **{"is_staff": True, **fields})
    user.groups.add(roles.group(role))
    return user
