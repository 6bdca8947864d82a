"""Celery itself in the loop: from the commit over Redis to a worker of its own, and back into the row."""

import pytest
from celery import current_app
from redis import Redis

from devtools.servers import until
from sms import statistics
from sms.models import Message
from tests.faults.processes import python
from tests.sms.failing import queue_result
from tests.sms.otp.challenges import begin

pytestmark = pytest.mark.django_db(transaction=True)


def test_worker_sends_what_it_is_woken_for(clean_redis: Redis) -> None:
    begin()
    queue_result()
    assert clean_redis.llen("codes") == clean_redis.llen("texts") == 1
    beat = current_app.conf.beat_schedule["heartbeat-codes"]
    # As beat sends it, but without an end: on a busy machine a worker may take longer to start.
    current_app.send_task(beat["task"], args=beat["args"], queue=beat["options"]["queue"])

    celery = ("-m", "celery", "-A", "tamin_portal", "worker", "-Q", "codes", "-P", "solo", "--without-gossip")
    with python(*celery, "--without-mingle", SMS_BACKEND="handset"):
        assert until(lambda: Message.objects.filter(state="accepted").exists(), 60)
        assert until(lambda: statistics.heartbeats()["codes"] is not None, 60)

    sent = Message.objects.get(state="accepted")
    assert (sent.purpose, sent.provider, sent.attempts) == ("registration", "handset", 1)
    assert clean_redis.llen("codes") == 0
    assert clean_redis.llen("texts") == 1  # another worker's
