"""How many requests one worker process decides in a second, while the identity service takes its time."""

import subprocess
import sys
import time
from itertools import count

from benchmarks import asking
from benchmarks.people import Citizen, introduce
from benchmarks.stack import ROOT, Services, worker
from benchmarks.tables import ROUNDS, median, progress, scaled, table, times
from devtools.servers import until
from infra.wake import wake
from registration.models import RegistrationRequest
from tests.registration.rows import make_request
from tests.stand_ins import jibit
from tests.stand_ins.jibit import Jibit

# Seconds until the service answers one question (a request takes two) → requests a round.
ROUND = {0.0: scaled(80), 0.1: scaled(10), 1.0: 2}
Status = RegistrationRequest.Status


def run(services: Services) -> None:
    decided: dict[float, list[float]] = {seconds: [] for seconds in ROUND}
    bare: dict[float, list[float]] = {seconds: [] for seconds in ROUND}
    numbers = count()
    with Jibit() as registry:
        settings = {
            "IDENTITY_BACKEND": "jibit",
            "JIBIT_BASE_URL": f"{registry.base_url}/ide",
            "JIBIT_API_KEY": jibit.API_KEY,
            "JIBIT_SECRET_KEY": jibit.SECRET_KEY,
        }
        with worker(services, "work", settings, concurrency=1):
            _decide(registry, numbers, 4)  # up, with its connections and its token
            for number in range(ROUNDS):
                progress(f"decisions: round {number + 1} of {ROUNDS}")
                for seconds, requests in ROUND.items():
                    registry.delay = seconds
                    bare[seconds].append(_ask_bare(registry, requests))
                    decided[seconds].append(_decide(registry, numbers, requests))
    _show(decided, bare)


def _decide(registry: Jibit, numbers: "count[int]", requests: int) -> float:
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
    before = time.perf_counter()
    for row in rows:
        wake("registration.check_identity", row.pk)
    if not until(lambda: not waiting.exists(), 120):
        raise TimeoutError("requests were not decided")
    taken = time.perf_counter() - before
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


def _show(decided: dict[float, list[float]], bare: dict[float, list[float]]) -> None:
    rows = []
    for seconds, figures in decided.items():
        ratios = [ours / alone for ours, alone in zip(figures, bare[seconds], strict=True)]
        limit = f"{1 / (2 * seconds):.2f}" if seconds else "–"
        measured = [f"{median(figures):.2f}", f"{median(bare[seconds]):.2f}"]
        rows.append([f"{seconds * 1000:.0f} ms", *measured, limit, times(median(ratios), 1)])
    table(
        "Decisions per second and worker process",
        ("the service answers in", "decisions/s", "the two bare questions/s", "limit 1 ÷ (2 × delay)", "÷ bare"),
        rows,
        f"Jibit's stand-in; requests a round: {', '.join(map(str, ROUND.values()))}; {ROUNDS} rounds. One Celery "
        "process; `make run` starts two for this queue.",
    )
