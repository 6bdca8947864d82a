"""Which branches somebody is told to go to."""

from collections.abc import Sequence

from accounts.models import Branch
from registration.pages.places import CITIES, province_of

NEAREST = 5


def branches_of(city: str) -> Sequence[Branch]:
    """Where somebody who lives in `city` (a value of the city list) goes: its branches, else those of its province."""
    if city not in CITIES:
        return []
    return list(Branch.objects.filter(city=city)[:NEAREST]) or list(
        Branch.objects.filter(province=province_of(city))[:NEAREST]
    )
