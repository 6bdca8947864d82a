"""Delivery reports: asked for at their times, and written down once."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from sms import tasks
from sms.backends.base import DeliveryState
from sms.models import Message
from sms.outbox import delivery, reports
from tests import clock
from tests.sms.failing import PARAMS, only, queue_result, the_message
from tests.sms.otp.challenges import begin
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import DELIVERED, SENT
from tests.stand_ins.kavenegar import Kavenegar as StandIn
from tests.threads import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(account: StandIn) -> StandIn:
    """A code and a result that the provider has taken over."""
    begin()
    queue_result()
    assert delivery.drain("codes") + delivery.drain("texts") == 2
    return account


def questions(account: StandIn) -> list[list[str]]:
    asked = [request for request in account.received if request.path.endswith("/sms/status.json")]
    return [request.form["messageid"].split(",") for request in asked]


@pytest.mark.parametrize(
    ("number", "state", "reason"),
    [
        (10, "delivered", ""),
        (11, "undelivered", "undelivered"),
        (6, "undelivered", "failed"),
        (13, "undelivered", "cancelled"),
        (14, "undelivered", "blocked"),
    ],
)
def test_final_state_ends_a_message(sent: StandIn, number: int, state: str, reason: str) -> None:
    for message in sent.messages:
        message.state = number
    clock.advance(minutes=5)

    assert reports.poll() == 2

    for row in Message.objects.all():
        assert only(row) == (state, reason)
        assert (row.params, row.code_nonce) == ({}, None)
        assert row.accepted_at is not None
    clock.advance(hours=24)
    assert reports.poll() == 0


def test_questions_come_in_four_windows_and_end_before_the_provider_forgets(sent: StandIn) -> None:
    asked_at, now = [], 0
    for hour in (0, 1, 23, 24, 46, 47, 48):
        for minute in (hour * 60 + more for more in (-1, 0, 1, 4, 5, 6) if hour or more >= 0):
            clock.advance(minutes=minute - now)
            now = minute
            asked_at += [minute] * bool(reports.poll())
            delivery.expire()

    assert asked_at == [5, 60, 24 * 60, 47 * 60]
    assert [len(ids) for ids in questions(sent)] == [2] * 4
    assert {only(row) for row in Message.objects.all()} == {("delivery_unknown", "")}


def test_nothing_is_asked_about_sooner_than_five_minutes(sent: StandIn) -> None:
    clock.advance(minutes=4, seconds=55)
    assert reports.poll() == 0
    assert questions(sent) == []


def test_message_that_is_still_on_its_way_keeps_its_text(sent: StandIn) -> None:
    sent.messages[0].state, sent.messages[1].state = DELIVERED, SENT
    clock.advance(minutes=5)
    reports.poll()

    assert sorted(Message.objects.values_list("state", flat=True)) == ["accepted", "delivered"]
    waiting = Message.objects.get(state="accepted")
    assert waiting.params == PARAMS
    assert waiting.accepted_at is not None
    assert waiting.ask_at is not None
    assert waiting.ask_at - waiting.accepted_at == timedelta(hours=1)


def test_message_the_provider_does_not_know_is_asked_about_again(sent: StandIn) -> None:
    gone = sent.messages.pop()
    clock.advance(minutes=5)
    reports.poll()
    assert the_states() == {"accepted"}

    sent.messages.append(gone)
    gone.state = DELIVERED
    clock.advance(minutes=55)
    reports.poll()
    assert "delivered" in the_states()


def the_states() -> set[str]:
    return set(Message.objects.values_list("state", flat=True))


def test_question_without_an_answer_is_put_again_soon(sent: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    for message in sent.messages:
        message.state = DELIVERED
    clock.advance(minutes=5)
    sent.faults.append(Fault.CUT)
    reports.poll()
    assert the_states() == {"accepted"}
    assert "no reports: transient: connection broken" in caplog.text
    assert reports.poll() == 0

    clock.advance(minutes=10)
    reports.poll()
    assert the_states() == {"delivered"}


def test_account_that_may_not_ask_is_an_error(sent: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    clock.advance(minutes=5)
    sent.codes.append(407)
    reports.poll()

    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_five_hundred_are_asked_about_at_a_time(account: StandIn) -> None:
    rows = [
        Message(
            recipient="+989120000001",
            purpose="notice",
            template="recovered",
            state="accepted",
            provider="kavenegar",
            provider_id=str(number),
            accepted_at=Now() - timedelta(minutes=6),
            send_at=None,
            ask_at=Now(),
        )
        for number in range(1, 1102)
    ]
    Message.objects.bulk_create(rows)

    assert reports.poll() == 1101
    assert [len(ids) for ids in questions(account)] == [500, 500, 101]
    assert len({each for ids in questions(account) for each in ids}) == 1101


def test_other_providers_messages_and_those_without_an_id_are_left_alone(sent: StandIn) -> None:
    first, second = Message.objects.order_by("pk")
    Message.objects.filter(pk=first.pk).update(provider="other")
    Message.objects.filter(pk=second.pk).update(provider_id="")
    clock.advance(minutes=5)

    assert reports.poll() == 0
    assert questions(sent) == []


def test_provider_that_cannot_be_asked_is_not(settings: Settings) -> None:
    settings.SMS_BACKEND = ["memory"]
    queue_result()
    delivery.drain("texts")
    clock.advance(hours=1)

    assert reports.poll() == 0
    clock.advance(hours=48)
    delivery.expire()
    assert the_message().state == "delivery_unknown"


def test_final_states_never_go_back(sent: StandIn) -> None:
    ids = [str(message.id) for message in sent.messages]
    assert reports.record("kavenegar", {ids[0]: DeliveryState.DELIVERED, ids[1]: DeliveryState.BLOCKED}) == 2
    before = sorted(Message.objects.values_list("state", "last_error", "ask_at"))

    for later in DeliveryState:
        assert reports.record("kavenegar", dict.fromkeys(ids, later)) == 0
    assert sorted(Message.objects.values_list("state", "last_error", "ask_at")) == before


def test_states_that_are_not_final_change_nothing(sent: StandIn) -> None:
    states = dict.fromkeys((str(message.id) for message in sent.messages), DeliveryState.SENT)
    assert reports.record("kavenegar", states) == 0
    assert the_states() == {"accepted"}


def test_task_asks(sent: StandIn) -> None:
    sent.messages[0].state = sent.messages[1].state = DELIVERED
    clock.advance(minutes=5)
    tasks.poll_delivery()

    assert the_states() == {"delivered"}


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_share_the_messages(sent: StandIn) -> None:
    clock.advance(minutes=5)
    counts = together(reports.poll, 4)

    assert sum(count for count in counts if isinstance(count, int)) == 2
    assert sum(map(len, questions(sent))) == 2
