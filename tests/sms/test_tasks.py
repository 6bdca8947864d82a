import json

import pytest
from celery import current_app
from redis import Redis

from infra import leases
from infra.wake import MOST_DRAINS
from sms import statistics, tasks
from sms.backends.base import Outgoing
from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.sms.failing import queue_result, the_message
from tests.sms.otp.challenges import begin

pytestmark = pytest.mark.django_db


def wake_ups(redis: Redis, queue: str) -> list[tuple[str, str]]:
    headers = [json.loads(message)["headers"] for message in redis.lrange(queue, 0, -1)]
    return [(header["task"], header["argsrepr"]) for header in headers]


def test_each_task_does_the_work_it_names(sms_outbox: list[Outgoing]) -> None:
    begin()
    result = queue_result()
    code = Message.objects.exclude(pk=result.pk).get()

    tasks.deliver_code(code.pk)
    assert len(sms_outbox) == 1
    tasks.deliver(result.pk)
    assert len(sms_outbox) == 2
    queue_result(number=2)
    tasks.drain_texts()
    assert len(sms_outbox) == 3
    tasks.heartbeat("codes")
    assert statistics.heartbeats()["codes"] == 0


@pytest.mark.parametrize("times", [2, 5])
def test_doubled_and_late_wake_ups_have_no_effect(times: int, sms_outbox: list[Outgoing]) -> None:
    message = queue_result()
    for _ in range(times):
        tasks.deliver(message.pk)
        tasks.deliver(message.pk + 999)
        tasks.drain_texts()

    assert len(sms_outbox) == 1


def test_sweep_wakes_the_worker_of_each_queue_with_due_messages(clean_redis: Redis) -> None:
    tasks.sweep()
    assert clean_redis.llen("codes") == clean_redis.llen("texts") == 0

    begin()
    tasks.sweep()
    assert wake_ups(clean_redis, "codes") == [("sms.drain_codes", "()")]
    assert wake_ups(clean_redis, "texts") == []

    for number in range(50):
        queue_result(number=number)
    tasks.sweep()
    assert wake_ups(clean_redis, "texts") == [("sms.drain_texts", "()")] * MOST_DRAINS  # however long the queue


def test_sweep_leaves_alone_what_is_being_sent_and_finds_what_a_dead_worker_left(clean_redis: Redis) -> None:
    queue_result()
    leases.claim(delivery.due("texts"), 40)
    tasks.sweep()
    assert clean_redis.llen("texts") == 0

    clock.advance(seconds=41)
    tasks.sweep()
    assert clean_redis.llen("texts") == 1


def test_sweep_ends_codes_that_are_over(clean_redis: Redis) -> None:
    begin()
    clock.advance(minutes=11)
    tasks.sweep()

    assert the_message().state == "expired"
    assert clean_redis.llen("codes") == 0


def test_lost_wake_up_is_made_good_by_the_sweep(clean_redis: Redis, sms_outbox: list[Outgoing]) -> None:
    queue_result()
    clean_redis.flushdb()

    tasks.sweep()
    [(task, _)] = wake_ups(clean_redis, "texts")
    current_app.tasks[task]()
    assert len(sms_outbox) == 1


def test_everything_scheduled_exists_and_goes_to_a_queue_that_has_a_worker() -> None:
    current_app.loader.import_default_modules()
    queues = {queue.name for queue in current_app.conf.task_queues}

    assert queues == set(statistics.QUEUES)
    assert set(statistics.QUEUES) == {
        entry["args"][0] for entry in current_app.conf.beat_schedule.values() if entry["task"] == "sms.heartbeat"
    }
    for entry in current_app.conf.beat_schedule.values():
        assert entry["task"] in current_app.tasks
        assert entry["options"]["expires"] <= entry["schedule"]
        options = current_app.amqp.router.route(entry.get("options", {}), entry["task"])
        assert getattr(options["queue"], "name", options["queue"]) in queues


def test_workers_are_threads_and_no_task_relies_on_being_killed() -> None:
    assert current_app.conf.worker_concurrency >= 30
    assert not current_app.conf.task_time_limit
    assert not [name for name, task in current_app.tasks.items() if task.time_limit or task.soft_time_limit]


def test_broker_is_the_configured_redis_and_results_are_kept_nowhere() -> None:
    assert current_app.conf.broker_url.startswith("redis")
    assert not current_app.conf.result_backend
    assert current_app.conf.task_ignore_result
    assert not current_app.conf.task_acks_late
