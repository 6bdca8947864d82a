"""What one sign-up costs the servers, and its citizens: the portal beside its peers, walked by one driver in turn."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count, islice

from benchmarks import capacity, comparing, cpu
from benchmarks.browser import Browser
from benchmarks.comparing import Round, Storm, Wait
from benchmarks.contestants import FAILURES, PEERS, PORTAL, Contestant, peer, portal
from benchmarks.footprint import left_behind
from benchmarks.installed import python_of_peers
from benchmarks.latency import STORM, storm
from benchmarks.people import Citizen
from benchmarks.stack import Services
from benchmarks.tables import ROUNDS, fail, percentile, progress, scaled

CITIZENS, CLIENTS, READS = scaled(64), 8, scaled(100)
READER = "198.19.255.254"  # nobody's who signs up


class Race:
    """`rounds` and `storms`: of each contestant that still stands, one a round."""

    def __init__(self, contestants: list[Contestant]) -> None:
        self.standing = contestants
        self.rounds: dict[str, list[Round]] = {one.name: [] for one in contestants}
        self.storms: dict[str, list[Storm]] = {one.name: [] for one in contestants}
        self._people = {one.name: map(Citizen, count()) for one in contestants}

    def each(self, act: Callable[[Contestant], None]) -> None:
        """One after the other. A peer that fails is out of the race, and the run says so."""
        for one in list(self.standing):
            try:
                act(one)
            except FAILURES as problem:
                if one.name == PORTAL:
                    raise
                fail(f"{one.name} is not measured: {problem}")
                self.standing.remove(one)
                del self.rounds[one.name], self.storms[one.name]

    def warm_up(self, one: Contestant) -> None:
        """Every thread has its connections, every process has seen every page."""
        self._sign_up(one, max(CLIENTS, scaled(32)))

    def cost(self, one: Contestant) -> None:
        alone, before = cpu.of_one_hash(), _spent(one)
        began = time.perf_counter()
        self._sign_up(one, CITIZENS)
        taken = time.perf_counter() - began
        spent = {part: (now - before[part]) / CITIZENS for part, now in _spent(one).items()}
        self.rounds[one.name].append(Round(alone, one.hashes, spent, CITIZENS / taken))

    def storm(self, one: Contestant) -> None:
        pages = one.read()
        waited: dict[str, list[float]] = {page: [] for page in pages}
        reader, began = Browser(one.port, READER), time.perf_counter()
        with storm(lambda: one.sign_up(next(self._people[one.name]))) as done:
            for _ in range(READS):
                for page, session in pages.items():
                    reader.cookies["session"] = session
                    before = time.perf_counter()
                    reader.get(one.path)
                    waited[page].append((time.perf_counter() - before) * 1000)
        one.settle()
        rate = len(done) / (time.perf_counter() - began)
        reader.close()
        waits = {page: Wait(percentile(taken, 0.5), percentile(taken, 0.99)) for page, taken in waited.items()}
        self.storms[one.name].append(Storm(waits, rate))

    def _sign_up(self, one: Contestant, citizens: int) -> None:
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(one.sign_up, islice(self._people[one.name], citizens)))
        one.settle()


def run(services: Services) -> None:
    with ExitStack() as stack:
        ours, stand_ins = stack.enter_context(portal(services))
        race = Race([ours, *_peers(services, stack)])
        race.each(race.warm_up)
        with left_behind(stand_ins) as footprint:
            for number in range(ROUNDS):
                progress(f"registration: round {number + 1} of {ROUNDS}, {CITIZENS} sign-ups each")
                race.each(race.cost)
                progress(f"registration: round {number + 1} of {ROUNDS}, {READS} pages each while {STORM} sign up")
                race.each(race.storm)
    comparing.costs(race.rounds, f"{CITIZENS} sign-ups a round, {CLIENTS} at once")
    comparing.parts(race.rounds[PORTAL])
    comparing.storms(race.storms, f"{READS} pages a round while {STORM} sign up without a pause")
    capacity.show(race.rounds[PORTAL], footprint)


def _peers(services: Services, stack: ExitStack) -> list[Contestant]:
    """Those that start; of the others the run says why they do not."""
    python, found = python_of_peers(), []
    if python is None:
        fail("The peers are not measured: what they need (requirements-peers.txt) cannot be installed.")
        return []
    for name in PEERS:
        progress(f"registration: starting {name}")
        try:
            found.append(stack.enter_context(peer(services, name, python)))
        except FAILURES as problem:
            fail(f"{name} is not measured: {problem}")
    return found


def _spent(one: Contestant) -> dict[str, float]:
    return {part: cpu.spent(*pids) for part, pids in one.trees.items()}
