"""A worker whose connection to Redis is dead, and nobody has told it: it notices, and no code waits for that."""

import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from redis import Redis

from devtools.servers import until
from sms import statistics
from sms.backends.base import Outgoing
from sms.models import Heartbeat, Message
from sms.outbox import follow_up
from tests.faults.processes import knock, python
from tests.faults.silent_proxy import silent_proxy
from tests.sms.otp.challenges import begin, right_code

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 120
LISTENING = """
import sys, django
from tamin_portal.celery import app
from tamin_portal import own_sweep
own_sweep.LOOK_SECONDS = 600  # it is to hear, not to look
django.setup()
app.worker_main(["worker", "-Q", "codes", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"])
"""


def test_a_worker_hears_again_through_another_connection(clean_redis: Redis) -> None:
    def heard() -> bool:
        return statistics.heartbeats()["codes"] is not None

    def heard_of_another() -> bool:
        knock(settings.REDIS_URL, "codes")
        return until(heard, 1)

    with silent_proxy(settings.REDIS_URL) as proxy, python("-c", LISTENING, REDIS_URL=proxy.url):
        knock(settings.REDIS_URL, "codes")
        assert until(heard, PATIENCE)
        Heartbeat.objects.all().delete()
        proxy.forget()
        # The first one may go into the dead connection, with which Redis is content.
        assert until(heard_of_another, PATIENCE)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process follows codes up, as the web server does."""
    monkeypatch.setattr(follow_up, "LINGER_SECONDS", 0.0)
    follow_up.switch_on()
    yield
    follow_up._is_on = False
    follow_up._watched.clear()
    assert until(lambda: not follow_up._runs, PATIENCE)


def test_a_code_whose_wake_up_nobody_follows_leaves_from_the_web_process(
    web: None, sms_outbox: list[Outgoing], monkeypatch: pytest.MonkeyPatch, clean_redis: Redis
) -> None:
    monkeypatch.setattr(follow_up, "PATIENCE_SECONDS", 0.0)
    challenge = begin()
    assert clean_redis.llen("codes") == 1

    assert until(lambda: Message.objects.get().state == "accepted", PATIENCE)

    assert [sent.code for sent in sms_outbox] == [right_code(challenge)]
    assert Message.objects.get().attempts == 1


def test_what_a_worker_has_taken_is_not_followed_up() -> None:
    begin()
    [message] = Message.objects.all()
    assert follow_up.unclaimed([message.pk]) == [message.pk]
    Message.objects.update(attempts=1)  # it holds it, or will try again
    assert follow_up.unclaimed([message.pk]) == []


def test_a_thread_that_cannot_be_started_is_tried_again_with_the_next_code(
    web: None, sms_outbox: list[Outgoing], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(follow_up, "PATIENCE_SECONDS", 0.0)

    def no_more(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", no_more)
        first = begin()
    assert "not followed up" in caplog.text

    follow_up.watch(0)

    assert until(lambda: Message.objects.get().state == "accepted", PATIENCE)
    assert [sent.code for sent in sms_outbox] == [right_code(first)]
