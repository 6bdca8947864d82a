"""How much of everything so many registrations need: arithmetic over what one of them was measured to need."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.comparing import WEB, Round
from benchmarks.footprint import Footprint
from benchmarks.tables import median, table

RATES = (10, 100, 1000)  # registrations a minute
ACCOUNTS = 45_000_000
BUSY = 0.5  # of a core's time; more, and a crowd waits for its turn
WEB_CONNECTIONS, WORKER_CONNECTIONS = 24, 10  # of one process at most: its threads, its pool
QUEUES = 3  # each with one worker at least
WEB_PROCESSES = 2  # at least, so that one may be started again
PASSING_DAYS = 30  # the longest time that rows are kept which are not kept for good
DAY = 24 * 60  # minutes


@dataclass(frozen=True)
class One:
    """What one registration needs: seconds of CPU, bytes, and how often others are asked."""

    web: float
    workers: float
    stores: float  # PostgreSQL and Redis
    footprint: Footprint


@dataclass(frozen=True)
class Need:
    """What a rate needs. Cores are those to own, of which BUSY is used; bytes are those of a day."""

    web_cores: float
    worker_cores: float
    store_cores: float
    web_processes: int
    worker_processes: int
    kept: float
    passing: float
    wal: float
    texts: float
    checks: float

    @property
    def cores(self) -> float:
        return self.web_cores + self.worker_cores + self.store_cores

    @property
    def connections(self) -> int:
        return self.web_processes * WEB_CONNECTIONS + self.worker_processes * WORKER_CONNECTIONS


def need(one: One, rate: float) -> Need:
    """`rate`: registrations a minute, all day."""

    def cores(seconds: float) -> float:
        return rate / 60 * seconds / BUSY

    left, a_day = one.footprint, rate * DAY
    return Need(
        web_cores=cores(one.web),
        worker_cores=cores(one.workers),
        store_cores=cores(one.stores),
        web_processes=max(WEB_PROCESSES, math.ceil(cores(one.web))),
        worker_processes=max(QUEUES, math.ceil(cores(one.workers))),
        kept=left.kept * a_day,
        passing=left.passing * a_day,
        wal=left.wal * a_day,
        texts=left.texts * a_day,
        checks=left.checks * a_day,
    )


def show(rounds: Sequence[Round], footprint: Footprint) -> None:
    def middle(*parts: str) -> float:
        return median(sum(one.spent[part] for part in parts) for one in rounds)

    one = One(middle(WEB), middle("workers"), middle("PostgreSQL", "Redis"), footprint)
    table(
        "Capacity on paper",
        ("", *(f"{rate:,} registrations a minute" for rate in RATES), f"{ACCOUNTS:,} accounts", "from"),
        rows(one, [need(one, rate) for rate in RATES]),
        "A peak decides about cores and connections, the mean of a day about the rest.",
    )


def rows(one: One, needs: Sequence[Need]) -> list[list[str]]:
    left = one.footprint

    def of_cores(name: str, of: Callable[[Need], float], seconds: float) -> list[str]:
        source = f"rate ÷ 60 s × {seconds * 1000:.0f} ms of CPU ÷ {BUSY:.0%}, how busy a core may be"
        return [f"cores: {name}", *(f"{of(each):.2f}" for each in needs), "–", source]

    def of_a_day(name: str, of: Callable[[Need], float], each_one: float, show: Callable[[float], str]) -> list[str]:
        source = f"rate × {DAY:,} minutes × {show(each_one)}"
        return [f"{name} a day", *(show(of(each)) for each in needs), f"{show(each_one * ACCOUNTS)} in all", source]

    passing = [_bytes(each.passing * PASSING_DAYS) for each in needs]
    processes = [f"{each.web_processes} + {each.worker_processes}" for each in needs]
    return [
        of_cores("web", lambda each: each.web_cores, one.web),
        of_cores("workers", lambda each: each.worker_cores, one.workers),
        of_cores("PostgreSQL and Redis", lambda each: each.store_cores, one.stores),
        ["**cores**", *(f"**{each.cores:.1f}**" for each in needs), "–", "their sum"],
        ["processes: web + workers", *processes, "–", f"one a core, at least {WEB_PROCESSES} + {QUEUES}"],
        [
            "connections to PostgreSQL, at most",
            *(f"{each.connections:,}" for each in needs),
            "–",
            f"{WEB_CONNECTIONS} a process of web, {WORKER_CONNECTIONS} a process of the workers",
        ],
        of_a_day("rows for good", lambda each: each.kept, left.kept, _bytes),
        [
            f"rows that go after {PASSING_DAYS} days",
            *passing,
            "–",
            f"rate × {DAY:,} minutes × {PASSING_DAYS} days × {_bytes(left.passing)}",
        ],
        of_a_day("the database's log (WAL)", lambda each: each.wal, left.wal, _bytes),
        of_a_day("text messages", lambda each: each.texts, left.texts, _number),
        of_a_day("identity proofing checks", lambda each: each.checks, left.checks, _number),
        [
            "days until all have registered",
            *(f"{ACCOUNTS / rate / DAY:,.0f}" for rate in RATES),
            "–",
            f"{ACCOUNTS:,} ÷ rate ÷ {DAY:,} minutes",
        ],
    ]


def _bytes(size: float) -> str:
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = min(len(units) - 1, max(0, math.floor(math.log(max(size, 1), 1024))))
    shown = size / 1024**power
    return f"{shown:,.0f} {units[power]}" if shown >= 100 or not power else f"{shown:,.1f} {units[power]}"


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure - round(figure)) < 0.05 or figure > 100 else f"{figure:,.1f}"
