"""The directory of branches, and which of them somebody is told to go to."""

from collections.abc import Sequence

from accounts.models import Branch
from infra.kept import Kept
from registration.pages.places import CITIES, province_of

NEAREST = 5


def _read() -> dict[str, list[Branch]]:
    """Province → its branches, in their order. None is ever deleted (registration.desk.lists)."""
    found: dict[str, list[Branch]] = {}
    for branch in Branch.objects.all():
        found.setdefault(branch.province, []).append(branch)
    return found


directory = Kept(_read)


def branches_of(city: str) -> Sequence[Branch]:
    """Where somebody who lives in `city` (a value of the city list) goes: its branches, else those of its province."""
    if city not in CITIES:
        return []
    there = directory().get(province_of(city), [])
    return ([branch for branch in there if branch.city == city] or there)[:NEAREST]
