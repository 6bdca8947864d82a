"""A worker that is killed while it sends: nothing to clean, another takes over when the lease is over."""

import pytest
from django.db import connection

from sms.backends.base import Outgoing
from sms.outbox import delivery
from tests import clock
from tests.faults.processes import python
from tests.sms.failing import queue_result, the_message
from tests.sms.otp.challenges import begin

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import sys, time, django
django.setup()
from sms.backends.base import SmsBackend
from sms.outbox import delivery

class Silent(SmsBackend):
    name = "memory"

    def send(self, outgoing):
        print("sending", outgoing.idempotency_key, flush=True)
        time.sleep(600)

delivery.get_backends = lambda: [Silent()]
delivery.drain(sys.argv[1])
"""


@pytest.mark.parametrize("queue", ["codes", "texts"])
def test_killed_in_the_middle_of_a_send(queue: str, sms_outbox: list[Outgoing]) -> None:
    if queue == "codes":
        begin()
    else:
        queue_result()
    with python("-c", WORKER, queue) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"sending {the_message().idempotency_key}\n"
        assert open_transactions() == 0
        process.kill()
        process.wait()

    row = the_message()
    assert (row.state, row.attempts, row.last_error) == ("queued", 1, "")
    assert row.lease_token is not None
    assert delivery.drain(queue) == 0

    clock.advance(seconds=delivery.LEASE_SECONDS[queue] + 1)
    assert delivery.drain(queue) == 1
    assert [sent.idempotency_key for sent in sms_outbox] == [
        row.idempotency_key
    ]  # the provider knows the number if it had it already
    assert the_message().state == "accepted"


def open_transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start IS NOT NULL AND backend_type = 'client backend'"
        )
        [count] = cursor.fetchone()
    assert isinstance(count, int)
    return count
