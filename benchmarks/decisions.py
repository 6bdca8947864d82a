"""How many requests one worker process decides in a second, while the identity service takes its time."""

import subprocess
import sys
import time
from itertools import count
from pathlib import Path

from django.conf import settings

from benchmarks import asking, cpu
from benchmarks.people import Citizen, introduce
from benchmarks.stack import ROOT, Services, worker
from benchmarks.tables import ROUNDS, figure, median, progress, scaled, table, times
from devtools.servers import until
from infra.wake import wake
from registration.models import RegistrationRequest
from tests.registration.rows import make_request
from tests.stand_ins import jibit
from tests.stand_ins.jibit import Jibit

THREADS = settings.CELERY_WORKER_CONCURRENCY
# Seconds until the service answers one question (a request takes two) → requests a round, pairs of bare questions.
ROUND = {0.0: (scaled(400), scaled(80)), 0.1: (scaled(400), scaled(10)), 1.0: (scaled(3 * THREADS), 2)}
Status = RegistrationRequest.Status


class Worker:
    """What one worker process costs: the memory it needs at most (PSS, MiB), CPU seconds of all its threads."""

    def __init__(self, pid: int, database: int) -> None:
        self.pid, self.database = pid, database
        self.most_memory = 0.0
        self.spent: list[tuple[float, float]] = []  # of a decision: the worker's, PostgreSQL's

    def look(self) -> None:
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
        [line] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
        self.most_memory = max(self.most_memory, int(line.split()[1]) / 1024)


def run(services: Services) -> None:
    decided: dict[float, list[float]] = {seconds: [] for seconds in ROUND}
    bare: dict[float, list[float]] = {seconds: [] for seconds in ROUND}
    numbers = count()
    with Jibit() as registry:
        environment = {
            "IDENTITY_BACKEND": "jibit",
            "JIBIT_BASE_URL": f"{registry.base_url}/ide",
            "JIBIT_API_KEY": jibit.API_KEY,
            "JIBIT_SECRET_KEY": jibit.SECRET_KEY,
        }
        with worker(services, "work", environment) as pid:
            process = Worker(pid, services.postgres.pid)
            _decide(registry, numbers, THREADS, process)  # up, with its threads, its connections and its token
            for number in range(ROUNDS):
                progress(f"decisions: round {number + 1} of {ROUNDS}")
                for seconds, (requests, pairs) in ROUND.items():
                    registry.delay = seconds
                    bare[seconds].append(_ask_bare(registry, pairs))
                    decided[seconds].append(_decide(registry, numbers, requests, process))
    _show(decided, bare, process)


def _decide(registry: Jibit, numbers: "count[int]", requests: int, process: Worker) -> float:
    """Decisions per second, from the first wake-up to the last decision."""
    people = [Citizen(next(numbers)) for _ in range(requests)]
    introduce(registry, *people)
    rows = [
        make_request(
            citizen.number % 1000,
            Status.SUBMITTED,
            national_code=citizen.national_code,
            mobile=f"+98{citizen.mobile[1:]}",
            **asking.DESCRIBED,
        )
        for citizen in people
    ]
    waiting = RegistrationRequest.objects.filter(status=Status.SUBMITTED)
    used, before = (cpu.spent(process.pid), cpu.spent(process.database)), time.perf_counter()
    for row in rows:
        wake("registration.check_identity", row.pk)

    def all_decided() -> bool:
        process.look()
        return not waiting.exists()

    if not until(all_decided, 120):
        raise TimeoutError("requests were not decided")
    taken = time.perf_counter() - before
    ours, database = cpu.spent(process.pid) - used[0], cpu.spent(process.database) - used[1]
    process.spent.append((ours / requests, database / requests))
    states = set(RegistrationRequest.objects.filter(pk__in=[row.pk for row in rows]).values_list("status", flat=True))
    if states != {Status.ACTIVATED.value}:
        raise RuntimeError(f"decided otherwise than expected: {states}")
    return requests / taken


def _ask_bare(registry: Jibit, requests: int) -> float:
    """Pairs of questions per second by a process that does nothing else."""
    registry.tokens.add("bare")
    citizen = Citizen(0)
    command = [sys.executable, "-m", "benchmarks.asking", registry.base_url, "bare"]
    command += [citizen.national_code, citizen.mobile, str(requests)]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  our own module
    return requests / float(asked.stdout)


def _show(decided: dict[float, list[float]], bare: dict[float, list[float]], process: Worker) -> None:
    rows, hashes = [], cpu.of_one_hash()
    ours, database = (median(figures) / hashes for figures in zip(*process.spent, strict=True))
    for seconds, figures in decided.items():
        ratios = [ours / alone for ours, alone in zip(figures, bare[seconds], strict=True)]
        limit = f"{THREADS / (2 * seconds):.0f}" if seconds else "–"
        measured = [f"{median(figures):.1f}", f"{median(bare[seconds]):.2f}"]
        figure(f"decisions, {f'{seconds:g} s' if seconds else 'at once'}", median(figures))
        rows.append([f"{seconds * 1000:.0f} ms", *measured, limit, times(median(ratios), 1)])
    table(
        "Decisions per second and worker process",
        ("the service answers in", "decisions/s", "the two bare questions/s", "limit threads ÷ (2 × delay)", "÷ bare"),
        rows,
        f"Jibit's stand-in, which answers on the same cores; requests a round: "
        f"{', '.join(str(requests) for requests, _ in ROUND.values())}; {ROUNDS} rounds. One worker process of "
        f"{THREADS} threads. Bare: one after the other, by one thread. CPU of one decision ÷ one hash: worker "
        f"{ours:.2f}, PostgreSQL {database:.2f}. Memory of the worker with {THREADS} questions open: "
        f"{process.most_memory:.0f} MiB (PSS).",
    )
    figure("memory, worker", process.most_memory)
