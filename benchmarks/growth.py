"""What stays fast when requests pile up: the desk's list, its search, the duplicate check. A database for each size.

`LARGEST=10000000 make bench ONLY=growth` compares larger sizes and takes long.
"""

import os
import time
from collections.abc import Callable
from itertools import count

from django.test import Client

from accounts.models import User
from benchmarks import filling, stack
from benchmarks.people import Citizen
from benchmarks.stack import Services
from benchmarks.tables import ROUNDS, SCALE, figure, median, progress, table, times
from registration.lifecycle import submission
from registration.pages.places import CITY_GROUPS

LARGEST = int(os.environ.get("LARGEST") or 1_000_000)
SIZES = tuple(max(100, round(size * SCALE)) for size in (LARGEST // 100, LARGEST // 10, LARGEST))
LIST = "/desk/registration/registrationrequest/"
CITY = CITY_GROUPS[0][1][0][0]  # of the clerk's province
TRIES = 10  # a round; their median counts


def run(services: Services) -> None:
    databases = {size: f"bench_{size}" for size in SIZES}
    for size, database in databases.items():
        began = time.monotonic()
        services.fresh(database)
        filling.fill(size)
        progress(f"growth: {size:,} requests made in {time.monotonic() - began:.0f} s")
    found: dict[str, dict[int, list[float]]] = {}
    for number in range(-1, ROUNDS):  # one to warm up
        progress(f"growth: round {number + 1} of {ROUNDS}")
        for size, database in databases.items():
            stack.use(database, services)
            for name, act in _actions(size).items():
                taken = _median_of_tries(act)
                if number >= 0:
                    found.setdefault(name, {}).setdefault(size, []).append(taken)
    _show(found)


def _actions(size: int) -> dict[str, Callable[[], object]]:
    desk = Client(REMOTE_ADDR="198.18.0.1")
    desk.force_login(User.objects.get(is_superuser=True))
    somebody = count(size // 3)

    clerk = Client(REMOTE_ADDR="198.18.0.1")
    clerk.force_login(User.objects.get(is_staff=True, is_superuser=False))

    def page(address: str = LIST, by: Client = desk) -> None:
        if by.get(address).status_code != 200:
            raise RuntimeError(f"{address} does not answer")

    def search() -> None:
        found = desk.post(f"{LIST}find/", {"q": Citizen(next(somebody)).national_code})
        page(found.headers["Location"])

    return {
        "changelist, first page": page,
        "changelist, all statuses": lambda: page(f"{LIST}?status=all"),
        "a province, first page": lambda: page(by=clerk),
        "a province, all statuses": lambda: page(f"{LIST}?status=all", by=clerk),
        "a city of a province": lambda: page(f"{LIST}?city={CITY}", by=clerk),
        "search by national code": search,
        "duplicate check, nobody's code": lambda: submission.is_taken(filling.NOBODY.national_code),
        "duplicate check, a taken code": lambda: submission.is_taken(filling.ACTIVATED.national_code),
    }


def _median_of_tries(act: Callable[[], object]) -> float:
    """Milliseconds; the first try after another database is left out."""
    act()
    taken = []
    for _ in range(TRIES):
        before = time.perf_counter()
        act()
        taken.append((time.perf_counter() - before) * 1000)
    return median(taken)


def _show(found: dict[str, dict[int, list[float]]]) -> None:
    small, middle, large = SIZES
    comparisons = ((middle, small), (large, small), (large, middle))

    ratios = {
        name: [
            median(one / other for one, other in zip(taken[size], taken[base], strict=True))
            for size, base in comparisons
        ]
        for name, taken in found.items()
    }

    def row(name: str, taken: dict[int, list[float]]) -> list[str]:
        return [name, *(f"{median(taken[size]):.2f}" for size in SIZES), *(times(one, 1) for one in ratios[name])]

    table(
        "Milliseconds at so many requests",
        ["", *(f"{size:,}" for size in SIZES), *(f"{size:,} ÷ {base:,}" for size, base in comparisons)],
        [row(name, taken) for name, taken in found.items()],
        f"In process, pages drawn; the median of {TRIES} tries counts, {ROUNDS} interleaved rounds.",
    )
    figure("desk, growth", max(own[-1] for name, own in ratios.items() if not name.startswith("duplicate")))
