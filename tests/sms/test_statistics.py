from datetime import timedelta

import pytest
from django.db.models.functions import Now

from infra import leases
from sms import statistics
from sms.models import Heartbeat, Message
from sms.outbox import delivery
from tests import clock
from tests.sms.failing import queue_result
from tests.sms.otp.challenges import begin

pytestmark = pytest.mark.django_db


def test_heartbeats_tell_how_long_ago_each_worker_was_reached() -> None:
    assert statistics.heartbeats() == {"codes": None, "texts": None, "work": None}
    statistics.beat("codes")
    clock.advance(seconds=30)
    statistics.beat("texts")

    assert statistics.heartbeats() == {"codes": 30, "texts": 0, "work": None}
    statistics.beat("codes")
    assert statistics.heartbeats() == {"codes": 0, "texts": 0, "work": None}
    assert Heartbeat.objects.count() == 2


def test_waiting_is_what_is_due_and_in_nobodys_hands() -> None:
    assert not leases.waiting(delivery.due("texts"))
    queue_result()
    assert leases.waiting(delivery.due("texts"))
    assert not leases.waiting(delivery.due("codes"))

    leases.claim(delivery.due("texts"), 40)
    assert not leases.waiting(delivery.due("texts"))
    clock.advance(seconds=41)
    assert leases.waiting(delivery.due("texts"))
    Message.objects.update(send_at=Now() + timedelta(seconds=5), lease_until=None)
    assert not leases.waiting(delivery.due("texts"))


def test_oldest_waiting_message() -> None:
    assert statistics.oldest_waiting_message() is None
    queue_result()
    clock.advance(seconds=100)
    begin()
    assert statistics.oldest_waiting_message() == 100

    delivery.drain("texts")
    assert statistics.oldest_waiting_message() == 0
    Message.objects.filter(state="queued").update(send_at=Now() + timedelta(minutes=1))
    assert statistics.oldest_waiting_message() is None
