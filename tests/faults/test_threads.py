"""A worker of threads: open calls hold up nobody, end by themselves, need few connections, and may end at SIGTERM."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

import pytest
from django.db import connection
from pytest_django import Settings

from devtools.servers import until
from infra import http
from infra.wake import wake
from registration.identity import check, get_backend, tokens
from registration.models import RegistrationRequest
from tests.faults.processes import python
from tests.people import national_code
from tests.registration.identity.checking import BORN, JIBIT_MARYAM, MARYAM
from tests.registration.rows import make_request
from tests.stand_ins import jibit as stand_in
from tests.stand_ins.http import Fault, Received, Reply
from tests.stand_ins.jibit import Jibit

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 120
FOR_EVER = 600  # longer than a test takes, however busy the machine
FIRST = 600  # of the made-up people here
THREADS, CONNECTIONS = 6, 2
WORKER = """
import sys, django
from tamin_portal import own_sweep
from tamin_portal.celery import app
own_sweep.LOOK_SECONDS = 600  # this is about tasks alone:
django.setup()
# so none may be lost. A Redis that gets no processor for 3 s looks dead to kombu, which drops the connection; what
# BRPOP takes from the list at that moment is lost with it, and only the sweep, which is off here, would find its row.
app.conf.broker_transport_options["health_check_interval"] = 600
from registration.identity import time_budget
time_budget.ASK_SECONDS = float(sys.argv[1])
app.worker_main(["worker", "-Q", "work", "-c", sys.argv[2], "--without-gossip", "--without-mingle", "-l", "WARNING"])
"""


class Registry(Jibit):
    """`silent`: about these people it says nothing before the `release`; `stuck`: how many questions that were.

    Whoever asks waits at the `gate`; `waiting`: how many do.
    """

    def __init__(self) -> None:
        super().__init__()
        self.silent: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.release = threading.Event()
        self.waiting = self.stuck = 0

    def take(self, request: Received) -> tuple[Reply, Fault | None]:
        with self.lock:
            self.waiting += 1
        self.gate.wait(PATIENCE)
        with self.lock:
            self.waiting -= 1
        if request.query.get("nationalCode") in self.silent:
            with self.lock:
                self.stuck += 1
            self.release.wait(FOR_EVER)
        return super().take(request)


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with Registry() as running:
        settings.IDENTITY_BACKEND, settings.JIBIT_BASE_URL = "jibit", f"{running.base_url}/ide"
        settings.JIBIT_API_KEY, settings.JIBIT_SECRET_KEY = stand_in.API_KEY, stand_in.SECRET_KEY
        yield running
        running.gate.set()
        running.release.set()
        http.close()
        tokens.forget()


@contextmanager
def worker(registry: Registry, *, seconds: float) -> Iterator["Popen[str]"]:
    """A worker of the queue `work` whose questions may take so many seconds."""
    environment = {
        "IDENTITY_BACKEND": "jibit",
        "JIBIT_BASE_URL": f"{registry.base_url}/ide",
        "JIBIT_API_KEY": stand_in.API_KEY,
        "JIBIT_SECRET_KEY": stand_in.SECRET_KEY,
        "DATABASE_POOL": str(CONNECTIONS),
        "PGAPPNAME": "worker",
    }
    with python("-c", WORKER, str(seconds), str(THREADS), **environment) as process:
        yield process


def submitted(registry: Registry, *numbers: int) -> list[RegistrationRequest]:
    """Requests of people whom the registry knows, each with a wake-up."""
    made = []
    for number in numbers:
        code, mobile = national_code(FIRST + number), f"0900000{FIRST + number:04}"
        registry.people[code, BORN], registry.owners[mobile] = dict(JIBIT_MARYAM), code
        own = {"national_code": code, "mobile": f"+98{mobile[1:]}", "certificate_number": code}
        made.append(make_request(FIRST + number, "submitted", **dict(vars(MARYAM)) | own))
        assert wake("registration.check_identity", made[-1].pk)
    return made


def statuses(requests: list[RegistrationRequest]) -> set[str]:
    rows = RegistrationRequest.objects.filter(pk__in=[request.pk for request in requests])
    return set(rows.values_list("status", flat=True))


def connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'worker'")
        [count] = cursor.fetchone()
    assert isinstance(count, int)
    return count


def test_calls_that_nobody_answers_hold_up_nobody_else(registry: Registry) -> None:
    registry.silent = {national_code(FIRST + number) for number in range(THREADS - 1)}
    stuck = submitted(registry, *range(THREADS - 1))
    with worker(registry, seconds=FOR_EVER):
        assert until(lambda: registry.stuck == len(stuck), PATIENCE)
        others = submitted(registry, *range(10, 20))
        assert until(lambda: statuses(others) == {"activated"}, PATIENCE)
        held = RegistrationRequest.objects.filter(lease_token__isnull=False)
        assert held.count() == len(stuck)  # still open
        assert connections() <= CONNECTIONS
    assert statuses(stuck) == {"submitted"}


def test_a_call_that_nobody_answers_gives_its_thread_back(registry: Registry) -> None:
    """All threads are held at first, and nobody kills one."""
    numbers = range(4)  # a fifth failure in a row would open the breaker
    registry.silent = {national_code(FIRST + number) for number in numbers}
    stuck = submitted(registry, *numbers)
    with worker(registry, seconds=1):
        told = RegistrationRequest.objects.filter(last_error="away: timeout", lease_token=None)
        assert until(lambda: told.count() == len(stuck), PATIENCE)
        others = submitted(registry, 10, 11)
        assert until(lambda: statuses(others) == {"activated"}, PATIENCE)
    assert statuses(stuck) == {"submitted"}


def test_who_is_asked_to_end_finishes_what_is_open(registry: Registry) -> None:
    requests = submitted(registry, *range(2 * THREADS))
    token = get_backend().ownership(MARYAM)  # so that nobody waits for it at the gate
    assert token.ownership == "not_owned"
    registry.received.clear()
    registry.gate.clear()
    with worker(registry, seconds=PATIENCE) as process:
        assert until(lambda: registry.waiting == THREADS, PATIENCE)
        held = list(RegistrationRequest.objects.filter(lease_token__isnull=False))
        process.send_signal(signal.SIGTERM)
        registry.gate.set()
        assert process.wait(PATIENCE) == 0

    assert len(held) == THREADS
    assert statuses(held) == {"activated"}
    assert not RegistrationRequest.objects.filter(lease_token__isnull=False).exists()
    check.drain()  # what it did not take any more is as if nobody had ever woken it
    assert statuses(requests) == {"activated"}
    assert sorted(registry.asked) == ["identity"] * len(requests) + ["matching"] * len(requests)


def test_of_the_connections_that_a_restart_of_postgresql_broke_a_worker_meets_one(registry: Registry) -> None:
    """Who meets it fails, which the sweep makes good; nobody else does."""
    first = submitted(registry, *range(20))
    with worker(registry, seconds=PATIENCE):
        assert until(lambda: statuses(first) == {"activated"}, PATIENCE)
        assert until(lambda: connections() == CONNECTIONS, PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker'")
        assert until(lambda: connections() == 0, PATIENCE)
        unlucky = submitted(registry, 30)
        assert until(lambda: connections() == CONNECTIONS, PATIENCE)  # both replaced
        others = submitted(registry, *range(31, 35))
        assert until(lambda: statuses(others) == {"activated"}, PATIENCE)
    check.drain()
    assert statuses(unlucky) == {"activated"}
