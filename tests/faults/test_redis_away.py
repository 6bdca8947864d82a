"""Redis refuses, freezes or forgets: codes leave, nothing is lost, nobody is told of it."""

import time
from collections.abc import Callable

import pytest
from django.test import Client
from redis import Redis

from infra import leases
from infra import redis as infra_redis
from infra.wake import wake
from sms import tasks
from sms.backends.base import Outgoing
from sms.models import Message, OtpChallenge
from sms.outbox import delivery
from tests import clock
from tests.faults.broker import Broker
from tests.sms.failing import queue_result, the_message
from tests.sms.otp.challenges import MOBILE, NATIONAL_CODE, begin, others, refused, right_code

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = pytest.mark.parametrize("go_away", [Broker.stop, Broker.freeze], ids=["refused", "frozen"])


def end_the_break(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two seconds in which nobody asks again are over."""
    monkeypatch.setattr("infra.wake._broken_until", 0.0)
    infra_redis.forget_failures()


@AWAY
def test_code_leaves_from_the_web_process(
    go_away: Callable[[Broker], None], broker: Broker, sms_outbox: list[Outgoing]
) -> None:
    go_away(broker)

    challenge = begin()

    assert [sent.code for sent in sms_outbox] == [right_code(challenge)]
    assert (the_message().state, the_message().attempts, the_message().lease_token) == ("accepted", 1, None)
    assert delivery.drain("codes") == 0


@AWAY
def test_citizen_gets_the_code_and_goes_on(
    go_away: Callable[[Broker], None], broker: Broker, client: Client, sms_outbox: list[Outgoing]
) -> None:
    go_away(broker)

    answers = {"national_code": NATIONAL_CODE, "operator": "mci", "mobile": "09120000001"}
    form = {"registration-current_step": "contact"} | {f"contact-{name}": value for name, value in answers.items()}
    response = client.post("/portal/registration/", form)
    assert (response.status_code, response["Location"]) == (302, "/portal/registration/")
    assert [sent.recipient for sent in sms_outbox] == [MOBILE]
    form = {"registration-current_step": "activation", "activation-code": str(sms_outbox[0].code)}
    assert client.post("/portal/registration/", form).status_code == 302
    assert OtpChallenge.objects.get().confirmed_at is not None


@AWAY
def test_result_is_kept_for_the_sweep(
    go_away: Callable[[Broker], None], broker: Broker, sms_outbox: list[Outgoing], drain: Callable[[], int]
) -> None:
    go_away(broker)

    queue_result()

    assert (the_message().state, sms_outbox) == ("queued", [])
    assert drain() == 1
    assert len(sms_outbox) == 1


@AWAY
def test_sweep_itself_survives_and_is_not_needed_to_drain(
    go_away: Callable[[Broker], None], broker: Broker, drain: Callable[[], int]
) -> None:
    queue_result()
    go_away(broker)

    tasks.sweep()

    assert drain() == 1
    assert the_message().state == "accepted"


@AWAY
def test_limits_hold_without_redis(go_away: Callable[[Broker], None], broker: Broker) -> None:
    go_away(broker)
    begin()

    assert refused().rule == "sends-per-mobile"
    assert Message.objects.count() == 1


def test_frozen_broker_is_waited_for_once(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first failure a whole crowd passes by without asking it."""
    asked = []

    def ask() -> Redis:
        asked.append(1)
        return infra_redis.client()

    monkeypatch.setattr("infra.wake.client", ask)
    broker.freeze()
    began = time.monotonic()
    monkeypatch.setattr("infra.wake.time.monotonic", lambda: began)

    for number in range(20):
        begin(**others(number))

    assert len(asked) == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"accepted"}


def test_broker_that_comes_back_is_used_again(
    broker: Broker, sms_outbox: list[Outgoing], monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.stop()
    begin(**others(1))
    assert len(sms_outbox) == 1

    broker.start()
    end_the_break(monkeypatch)
    begin(**others(2))

    assert len(sms_outbox) == 1  # the worker's task now
    with Redis.from_url(broker.server.url) as client:
        assert client.llen("codes") == 1


def test_thawed_broker_is_used_again(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wake("sms.deliver", 1)
    broker.freeze()
    assert not wake("sms.deliver", 2)
    broker.thaw()
    end_the_break(monkeypatch)

    assert wake("sms.deliver", 3)


def test_wake_ups_that_a_restart_lost_are_made_good(
    broker: Broker, sms_outbox: list[Outgoing], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_result()
    broker.stop()
    broker.start()  # it keeps nothing on disk
    with Redis.from_url(broker.server.url) as client:
        assert client.llen("texts") == 0
        end_the_break(monkeypatch)
        tasks.sweep()
        assert client.llen("texts") == 1
    tasks.drain_texts()
    assert len(sms_outbox) == 1


def test_code_the_dying_web_process_had_claimed_is_sent_by_a_worker(broker: Broker, sms_outbox: list[Outgoing]) -> None:
    """Killed between claim and send: nothing is left but a lease, which runs out."""
    begin()

    assert leases.claim(delivery.due("codes"), delivery.LEASE_SECONDS["codes"])
    assert delivery.drain("codes") == 0

    clock.advance(seconds=delivery.LEASE_SECONDS["codes"] + 1)
    assert delivery.drain("codes") == 1
    assert len(sms_outbox) == 1
