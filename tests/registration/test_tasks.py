"""Celery's side: tasks do what they name, a lost wake-up is made good, old rows go away."""

import json
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone
from redis import Redis

from accounts import tasks as accounts_tasks
from accounts.models import BrowserSession as Session
from infra import leases
from infra.wake import MOST_DRAINS
from registration import tasks
from registration.identity import check
from registration.models import RegistrationRequest
from sms import tasks as sms_tasks
from sms.models import OtpChallenge
from tests import clock
from tests.registration.identity.provider import Provider, provider
from tests.registration.rows import make_request

__all__ = ["provider"]  # the fixture

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status


def wake_ups(redis: Redis, queue: str = "work") -> list[tuple[str, str]]:
    headers = [json.loads(message)["headers"] for message in redis.lrange(queue, 0, -1)]
    return [(header["task"], header["argsrepr"]) for header in headers]


def statuses() -> list[str]:
    return list(RegistrationRequest.objects.order_by("pk").values_list("status", flat=True))


def test_each_task_does_the_work_it_names(provider: Provider) -> None:
    first, *_ = [make_request(number, Status.SUBMITTED) for number in (41, 42, 43)]

    tasks.check_identity(first.pk)
    assert statuses() == ["activated", "submitted", "submitted"]
    tasks.drain()
    assert statuses() == ["activated"] * 3
    tasks.check_identity(first.pk + 999)


def test_the_sweep_wakes_a_bounded_number_of_threads_however_much_is_due(clean_redis: Redis) -> None:
    tasks.sweep()
    assert clean_redis.llen("work") == 0
    make_request(41, Status.SUBMITTED)
    tasks.sweep()
    assert wake_ups(clean_redis) == [("registration.drain", "()")]

    clean_redis.flushdb()
    for number in range(42, 62):
        make_request(number, Status.SUBMITTED)
    tasks.sweep()
    assert wake_ups(clean_redis) == [("registration.drain", "()")] * MOST_DRAINS


def test_the_sweep_leaves_alone_what_is_held_and_finds_what_a_dead_worker_left(clean_redis: Redis) -> None:
    make_request(41, Status.SUBMITTED)
    leases.claim(check.due(), check.LEASE_SECONDS)
    tasks.sweep()
    assert clean_redis.llen("work") == 0
    clock.advance(seconds=check.LEASE_SECONDS + 1)

    tasks.sweep()

    assert clean_redis.llen("work") == 1


def test_the_sweep_ends_what_could_not_be_decided(clean_redis: Redis) -> None:
    make_request(41, Status.SUBMITTED)
    clock.advance(hours=settings.DECISION_HOURS, seconds=1)

    tasks.sweep()

    assert statuses() == ["expired"]
    assert clean_redis.llen("work") == 0


def test_a_lost_wake_up_is_made_good_by_the_sweep(clean_redis: Redis, provider: Provider) -> None:
    make_request(41, Status.SUBMITTED)
    tasks.sweep()
    clean_redis.flushdb()
    tasks.sweep()

    [(task, arguments)] = wake_ups(clean_redis)
    assert arguments == "()"
    current_app.tasks[task]()

    assert statuses() == ["activated"]


def test_without_a_broker_the_sweep_still_ends_what_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("infra.wake.client", away)
    make_request(41, Status.SUBMITTED, age=timedelta(hours=settings.DECISION_HOURS + 1))
    make_request(42, Status.SUBMITTED)

    tasks.sweep()

    assert statuses() == ["expired", "submitted"]


def test_each_app_deletes_its_own_old_rows() -> None:
    draft = make_request(41, Status.DRAFT)
    Session.objects.create(session_key="over", session_data="", expire_date=timezone.now() - timedelta(seconds=1))
    clock.advance(hours=48, seconds=1)

    tasks.purge()
    assert not RegistrationRequest.objects.exists()
    assert OtpChallenge.objects.get() == draft.challenge
    sms_tasks.purge()
    assert not OtpChallenge.objects.exists()
    assert Session.objects.exists()
    accounts_tasks.purge()
    assert not Session.objects.exists()


def test_work_ends_before_the_lease_of_its_request_without_anybody_who_kills_it() -> None:
    assert check.WORK_SECONDS < check.HELD_SECONDS
    for task in (tasks.check_identity, tasks.drain):
        assert (task.soft_time_limit, task.time_limit) == (None, None)  # signals, which threads do not get
