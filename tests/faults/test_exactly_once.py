"""However the provider's answers get lost: every phone gets its message, and gets it once."""

import contextlib
from collections import Counter
from itertools import cycle, islice

import pytest
from django.db.models.functions import Coalesce, Now

from infra import leases
from sms.backends.base import SmsError
from sms.backends.kavenegar.client import Kavenegar
from sms.models import Message
from sms.outbox import delivery, reports
from tests import clock
from tests.sms.failing import queue_result
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import DELIVERED
from tests.stand_ins.kavenegar import Kavenegar as StandIn
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8
LOSING = [
    Fault.ACCEPT_THEN_CUT,
    Fault.CUT,
    Fault.ACCEPT_THEN_GARBAGE,
    Fault.BAD_GATEWAY,
    Fault.LIMITED,
    Fault.COMPRESSED,
]


@pytest.fixture
def phones(account: StandIn) -> list[str]:
    """A hundred citizens whose requests were decided; nobody has been told yet."""
    numbers = [f"0912{number:07}" for number in range(100)]
    for number, phone in enumerate(numbers):
        queue_result(f"+98{phone[1:]}", number)
    return numbers


def work() -> None:
    """All workers send what is due, with connections of their own."""
    assert not [
        failure for failure in together(lambda: delivery.drain("texts"), WORKERS) if isinstance(failure, Exception)
    ]


def received(account: StandIn) -> Counter[str]:
    """How many messages each phone would have shown, local ids that the provider knows again included."""
    return Counter(message.receptor for message in account.messages)


def sends(account: StandIn) -> Counter[str]:
    """How often the provider was asked to send each message."""
    return Counter(request.form["localid"] for request in account.received if request.path.endswith("/send.json"))


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("state", flat=True))


def test_provider_that_accepts_and_then_times_out(account: StandIn, phones: list[str]) -> None:
    account.broken = Fault.ACCEPT_THEN_TIMEOUT
    work()
    assert states() == {"unknown": 100}

    account.broken = None
    for _ in range(3):
        clock.advance(minutes=5)
        work()

    assert received(account) == dict.fromkeys(phones, 1)
    assert set(sends(account).values()) == {1}, "each was asked for, none sent again on trust in the provider"
    assert states() == {"accepted": 100}
    for message in account.messages:
        message.state = DELIVERED
    clock.advance(minutes=5)
    reports.poll()
    assert states() == {"delivered": 100}
    assert not Message.objects.exclude(params={}).exists()


def test_answers_lost_in_every_way_and_workers_killed_in_between(
    account: StandIn, backend: Kavenegar, phones: list[str]
) -> None:
    account.faults.extend(islice(cycle(LOSING), 250))
    for round_number in range(20):
        attempt = {"provider": backend.name, "first_attempt_at": Coalesce("first_attempt_at", Now())}
        killed = leases.claim(delivery.due("texts").filter(first_attempt_at=None), 40, **attempt)
        if killed and round_number % 2:  # in the moment after sending, else in the one before
            with contextlib.suppress(SmsError):
                backend.send(delivery._outgoing(killed))
        work()
        clock.advance(minutes=11)

    assert not account.faults
    assert received(account) == dict.fromkeys(phones, 1)
    assert states() == {"accepted": 100}
