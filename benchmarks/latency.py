"""How long citizens wait for a page, alone and together, on a quiet machine and while others register."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

from benchmarks import cpu, waiting
from benchmarks.browser import WIZARD, Browser, register
from benchmarks.people import Citizen, a_question, posted
from benchmarks.phones import Phones
from benchmarks.stack import Services, Web, web, workers
from benchmarks.tables import FEW_ROUNDS, median, percentile, progress, scaled, table

REQUESTS, CLIENTS, STORM = scaled(100), (1, 8), 8
BARE = "GET /health/live (reference)"
FIRST, IDENTITY, CODE = "GET first page", "GET identity page", "POST code"
PAGES = (BARE, FIRST, IDENTITY, CODE)
MEASURED = 500_000  # numbers of the people whom we wait with; those of the storm begin at 0

Key = tuple[str, int, bool]  # page, clients, in a storm


def run(services: Services) -> None:
    question, storming, numbers = a_question(), count(), count(MEASURED)
    found: dict[Key, list[tuple[float, float]]] = defaultdict(list)  # milliseconds: p50 and p99 of each round
    hashes, finished = [], []
    with Phones() as phones, web(services, phones.environment) as server, workers(services, phones.environment):

        def measure(storm: bool) -> None:
            for clients in CLIENTS:
                for page in PAGES:
                    taken = _wait(server, page, clients, numbers)
                    found[page, clients, storm].append((percentile(taken, 0.5), percentile(taken, 0.99)))

        for number in range(FEW_ROUNDS):
            progress(f"latency: round {number + 1} of {FEW_ROUNDS}, quiet")
            hashes.append(cpu.of_one_hash())
            measure(storm=False)
            progress(f"latency: round {number + 1} of {FEW_ROUNDS}, during a storm of {STORM} who register")
            began = time.monotonic()
            with storm(lambda: register(server.port, Citizen(next(storming)), question, phones)) as done:
                measure(storm=True)
            finished.append(len(done) / (time.monotonic() - began))
    _show(found, hashes, finished)


def _wait(server: Web, page: str, clients: int, numbers: Iterator[int]) -> list[float]:
    """Milliseconds of REQUESTS requests by so many clients, each of whom begins again when it has its answer."""
    each = max(1, REQUESTS // clients)
    people = [Citizen(next(numbers)) for _ in range(each * clients if page == CODE else clients)]
    drafts = waiting.drafts(people, proved=page == IDENTITY) if page in (IDENTITY, CODE) else []
    taken: list[float] = []
    barrier = threading.Barrier(clients)

    def client(place: int) -> None:
        browser = Browser(server.port, people[place].address)
        browser.get("/health/live")  # connected
        if page == IDENTITY:
            browser.cookies["session"] = drafts[place].session
        barrier.wait(60)
        for turn in range(each):
            draft = drafts[place * each + turn] if page == CODE else None
            if draft:
                browser.cookies["session"] = draft.session
            before = time.perf_counter()
            if draft:
                browser.post(WIZARD, posted("activation", {"code": draft.code}))
            else:
                browser.get("/health/live" if page == BARE else WIZARD)
            taken.append((time.perf_counter() - before) * 1000)
        browser.close()

    _together(client, clients)
    return taken


def _together(act: Callable[[int], None], clients: int) -> None:
    """Raises what one of them raised, when all have ended."""
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(act, range(clients)))


@contextmanager
def storm(register_one: Callable[[], None]) -> Iterator[list[int]]:
    """STORM people who register one after the other, as long as the block lasts. Yields one entry for each."""
    done: list[int] = []
    over = threading.Event()

    def citizens(place: int) -> None:
        while not over.is_set():
            register_one()
            done.append(place)

    with ThreadPoolExecutor(STORM) as pool:
        storm = pool.map(citizens, range(STORM))
        time.sleep(1)  # until every step is under way
        try:
            yield done
        finally:
            over.set()
    list(storm)  # raises what one of them raised


def _show(found: dict[Key, list[tuple[float, float]]], hashes: Sequence[float], finished: Sequence[float]) -> None:
    def cells(page: str, clients: int, storm: bool) -> list[str]:
        return [f"{median(pair[place] for pair in found[page, clients, storm]):.1f}" for place in (0, 1)]

    table(
        "Milliseconds until the answer",
        ("request", "clients", "p50", "p99", "storm: p50", "storm: p99"),
        [
            [page, str(clients), *cells(page, clients, storm=False), *cells(page, clients, storm=True)]
            for page in PAGES
            for clients in CLIENTS
        ],
        f"{REQUESTS} requests a figure, {FEW_ROUNDS} rounds; the clients share the cores with the servers. In the "
        f"storm {STORM} people register without a pause, {median(finished):.1f} registrations/s. "
        f"One password hash takes {median(hashes) * 1000:.1f} ms of CPU.",
    )
