"""Every page of the desk at two sizes, tenfold apart: its CPU on web and PostgreSQL, and whether it grows.

`LARGEST=10000000 make bench ONLY=desk` compares larger sizes and takes long.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import connection
from django.test import Client

from accounts.models import User
from benchmarks import cpu, filling, stack
from benchmarks.desk_pages import SOMEBODY, found
from benchmarks.stack import Services
from benchmarks.tables import FEW_ROUNDS, SCALE, figure, median, progress, table, times
from registration.lifecycle import submission
from registration.pages.places import CITY_GROUPS

LARGEST = int(os.environ.get("LARGEST") or 1_000_000)
SIZES = tuple(max(1_000, round(size * SCALE)) for size in (LARGEST // 10, LARGEST))
TRIES = 4  # of a page in a round; their median counts

PROVINCE = CITY_GROUPS[0][0]
PLACE = (PROVINCE, CITY_GROUPS[0][1][0][0])

Cost = tuple[float, float]  # milliseconds of web, of PostgreSQL


def run(services: Services) -> None:
    databases = {size: f"bench_{size}" for size in SIZES}
    for size, database in databases.items():
        began = time.monotonic()
        services.fresh(database)
        filling.fill(size)
        progress(f"desk: {size:,} requests made in {time.monotonic() - began:.0f} s")
    costs: dict[str, dict[int, list[Cost]]] = defaultdict(lambda: defaultdict(list))
    hashes = []
    for number in range(FEW_ROUNDS):
        for size, database in databases.items():
            progress(f"desk: round {number + 1} of {FEW_ROUNDS}, {size:,}")
            stack.use(database, services)
            hashes.append(cpu.of_one_hash() * 1000)
            for name, cost in _round(min(SOMEBODY, SIZES[0] // 3)).items():
                costs[name][size].append(cost)
    _show(costs, median(hashes))


def _round(somebody: int) -> dict[str, Cost]:
    head = User.objects.get(first_name="-", is_staff=True)
    clerk = User.objects.filter(is_staff=True, branch__province=PROVINCE).order_by("pk")[0]
    costs = {}
    for who, user in (("head office", head), ("clerk", clerk)):
        client = Client(REMOTE_ADDR="198.18.0.1")
        client.force_login(user)
        for name, address in found(client, PLACE, somebody).items():
            costs[f"{who}: {name}"] = _cost(partial(client.get, address))
    for what, code in (("nobody’s code", filling.NOBODY), ("a taken code", filling.ACTIVATED)):
        costs[f"citizen: duplicate check {what}"] = _cost(partial(submission.is_taken, code))
    return costs


def _cost(act: Callable[[], object]) -> Cost:
    act()
    taken = []
    for _ in range(TRIES):
        backend, web = _of_backend(), time.process_time()
        act()
        taken.append(((time.process_time() - web) * 1000, (_of_backend() - backend) * 1000))
    return median(one for one, _ in taken), median(other for _, other in taken)


def _of_backend() -> float:
    """Seconds of CPU that the server's process of this connection has used: the first figure of proc_pid_schedstat."""
    connection.ensure_connection()
    text = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text("ascii")
    return int(text.split()[0]) / 1e9


def _show(costs: dict[str, dict[int, list[Cost]]], one_hash: float) -> None:
    small, large = SIZES
    both = {name: own for name, own in costs.items() if small in own and large in own}
    ratios = {
        name: median(sum(many) / sum(few) for few, many in zip(own[small], own[large], strict=True))
        for name, own in both.items()
    }
    at_large = {name: median(map(sum, own[large])) for name, own in both.items()}
    kinds: dict[str, list[str]] = defaultdict(list)
    for name in both:
        kinds[" ".join(name.split(" ?")[0].split(" ")[: 3 if name.startswith("head") else 2])].append(name)

    def row(kind: str, name: str) -> list[str]:
        few, many = median(map(sum, both[name][small])), at_large[name]
        postgres = median(cost[1] for cost in both[name][large])
        shown = f"{few:.1f}", f"{many:.1f}", f"{postgres:.1f}", times(many, one_hash), times(ratios[name], 1)
        return [f"{kind} ({len(kinds[kind])})", name.removeprefix(kind).strip(" ") or "–", *shown]

    worst = [
        row(kind, name)
        for kind, names in sorted(kinds.items())
        for name in dict.fromkeys((max(names, key=lambda one: at_large[one]), max(names, key=lambda one: ratios[one])))
    ]
    head = ["address (pages)", "which", f"ms at {small:,}", f"ms at {large:,}", "of it PostgreSQL", "÷ one hash"]
    table(
        "CPU of the desk's pages",
        [*head, f"{large:,} ÷ {small:,}"],
        worst,
        f"Of each address the dearest page and the one that grows most, of {len(both)} pages. Web and PostgreSQL, in "
        f"process, all middleware; the median of {TRIES} tries counts, {FEW_ROUNDS} interleaved rounds. Reference: one "
        f"password hash, {one_hash:.1f} ms. Accounts: 0.82 for each request.",
    )
    figure("desk, growth", max(ratios.values()))
    figure("desk, dearest", max(at_large.values()))
