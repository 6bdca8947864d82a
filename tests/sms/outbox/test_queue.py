import json
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, transaction
from redis import Redis

from infra.turns import Turns
from sms.backends.base import Outgoing
from sms.models import Message
from sms.outbox import delivery
from sms.outbox import queue as outbox
from tests.sms.failing import queue_result, the_message
from tests.sms.otp.challenges import MOBILE, begin, right_code

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "wake", lambda *args, **options: False)


def published(redis: Redis) -> Iterator[tuple[str, str, str]]:
    """(queue, task, arguments) of every waiting wake-up."""
    for queue in ("codes", "texts", "work"):
        for message in redis.lrange(queue, 0, -1):
            headers = json.loads(message)["headers"]
            yield queue, headers["task"], headers["argsrepr"]


def test_message_is_committed_with_its_cause_and_a_worker_is_woken_then(clean_redis: Redis) -> None:
    with transaction.atomic():
        message = queue_result()
        assert list(published(clean_redis)) == []

    assert (the_message().state, the_message().attempts) == ("queued", 0)
    assert list(published(clean_redis)) == [("texts", "sms.deliver", f"({message.pk},)")]


def test_code_wakes_the_worker_of_codes(clean_redis: Redis) -> None:
    begin()

    assert list(published(clean_redis)) == [("codes", "sms.deliver_code", f"({the_message().pk},)")]


def test_no_cause_no_message(clean_redis: Redis, sms_outbox: list[Outgoing]) -> None:
    with transaction.atomic():
        queue_result()
        begin()
        transaction.set_rollback(True)

    assert not Message.objects.exists()
    assert list(published(clean_redis)) == []
    assert sms_outbox == []


@pytest.mark.usefixtures("no_broker")
def test_while_a_web_process_asks_the_provider_another_request_has_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    free: list[bool] = []
    turns = Turns(at_once=1, places=1, for_one=1)
    monkeypatch.setattr(delivery, "deliver", lambda queue, pk: free.append(turns._free.acquire(blocking=False)))
    with turns.taken("198.18.0.1"):
        begin()
    assert free == [True]


@pytest.mark.usefixtures("no_broker")
def test_code_leaves_from_this_very_process_when_no_worker_can_be_woken(sms_outbox: list[Outgoing]) -> None:
    challenge = begin()

    assert [(sent.recipient, sent.code) for sent in sms_outbox] == [(MOBILE, right_code(challenge))]
    assert (the_message().state, the_message().attempts) == ("accepted", 1)
    assert delivery.drain("codes") == 0
    assert not connection.in_atomic_block


@pytest.mark.usefixtures("no_broker")
def test_result_waits_for_the_sweep_when_no_worker_can_be_woken(sms_outbox: list[Outgoing]) -> None:
    queue_result()

    assert sms_outbox == []
    assert the_message().state == "queued"
    assert delivery.drain("texts") == 1
    assert len(sms_outbox) == 1


@pytest.mark.usefixtures("no_broker")
@pytest.mark.parametrize("trouble", [OperationalError("no route to 10.0.0.1"), RuntimeError("123456"), OSError()])
def test_trouble_after_the_commit_never_reaches_the_caller(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(queue: str, pk: int) -> None:
        raise trouble

    later = []
    monkeypatch.setattr(delivery, "deliver", fail)
    with transaction.atomic():
        challenge = begin()
        transaction.on_commit(lambda: later.append("ran"))

    assert challenge.pk
    assert later == ["ran"]
    assert the_message().state == "queued"
    failures = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert failures == [f"message {the_message().pk} was not sent at once: {type(trouble).__name__}"]
    assert str(trouble) not in caplog.text or str(trouble) == ""


@pytest.mark.usefixtures("no_broker")
def test_worker_that_already_has_the_code_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch, sms_outbox: list[Outgoing]
) -> None:
    """The sweep's worker claims the row between the commit and the attempt of this process."""
    deliver = delivery.deliver

    def claimed_elsewhere(queue: str, pk: int) -> None:
        deliver(queue, pk)
        deliver(queue, pk)

    monkeypatch.setattr(delivery, "deliver", claimed_elsewhere)
    begin()

    assert len(sms_outbox) == 1
    assert the_message().attempts == 1
