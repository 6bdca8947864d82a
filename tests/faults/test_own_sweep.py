"""Redis stops: workers find their work in the rows, and do it, until they are asked to end."""

import signal
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from devtools.servers import until
from registration.models import Status
from sms import statistics
from sms.backends.base import Outgoing
from sms.models import Message
from tamin_portal import own_sweep
from tamin_portal.own_sweep import OwnSweep
from tests import clock
from tests.faults.broker import Broker
from tests.faults.processes import knock, python
from tests.registration.rows import make_request
from tests.registration.wizard.walking import Citizen, register
from tests.sms.failing import queue_result

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 120
WORKER = ("-m", "celery", "-A", "tamin_portal", "worker", "-Q", "texts,work", "-c", "4")
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def test_what_is_submitted_while_redis_is_away_is_decided_and_told(broker: Broker, client: Client) -> None:
    citizen = Citizen(741)
    citizen.enter_registry()
    knock(broker.server.url, "work")
    with python(*WORKER, *ALONE, SMS_BACKEND="handset", DATABASE_POOL="2") as worker:
        assert until(lambda: statistics.heartbeats()["work"] is not None, PATIENCE), "it takes what Redis has"
        broker.stop()

        request = register(client, citizen)

        told = Message.objects.filter(reference=f"request:{request.pk}", purpose="result", state="accepted")
        assert until(told.exists, PATIENCE)
        request.refresh_from_db()
        assert (request.status, request.attempts) == ("activated", 1)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> OwnSweep:
    """Of the queues `texts` and `work` and four threads, done in the test's own one when a test says so."""

    def work_here(work: Callable[[own_sweep.GoOn], object]) -> "Future[None]":
        own_sweep._outlive(lambda: work(lambda: True))
        done: Future[None] = Future()
        done.set_result(None)
        return done

    sweep = OwnSweep(["texts", "work"], threads=4)
    monkeypatch.setattr(sweep, "_let_work", work_here)
    return sweep


def test_what_is_due_just_now_is_left_to_its_wake_up(sweep: OwnSweep, sms_outbox: list[Outgoing]) -> None:
    queue_result()
    sweep.look()
    assert sms_outbox == []
    clock.advance(own_sweep.LATE)

    sweep.look()

    assert len(sms_outbox) == 1


def test_a_worker_whose_threads_are_all_at_work_takes_no_more(
    sweep: OwnSweep, sms_outbox: list[Outgoing], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_result()
    clock.advance(own_sweep.LATE)
    monkeypatch.setattr("tamin_portal.own_sweep.state.active_requests", {1, 2, 3, 4})
    sweep.look()
    assert sms_outbox == []
    monkeypatch.setattr("tamin_portal.own_sweep.state.active_requests", {1, 2, 3})
    sweep.look()
    assert len(sms_outbox) == 1


def test_what_beat_asks_for_is_done_without_it_when_it_is_silent(sweep: OwnSweep) -> None:
    late = make_request(741, Status.SUBMITTED, age=timedelta(hours=settings.DECISION_HOURS + 1))
    for queue in ("texts", "work"):
        statistics.beat(queue)
    sweep.look_at_the_clock()
    late.refresh_from_db()
    assert late.status == "submitted"
    clock.advance(seconds=own_sweep.BEAT_SECONDS + 1)

    sweep.look_at_the_clock()

    late.refresh_from_db()
    assert late.status == "expired"


def test_a_database_that_is_away_ends_no_sweep(log: StringIO) -> None:
    def away() -> None:
        raise OperationalError("the connection of somebody")

    own_sweep._outlive(away)
    assert "own sweep: OperationalError" in log.getvalue()
    assert "somebody" not in log.getvalue()
