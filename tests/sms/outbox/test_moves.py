"""The table of states and moves is all there is: of the code, of the database, of the picture."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from infra import leases
from infra.counting import by_indexes_alone
from sms.models import Message
from sms.outbox import delivery
from sms.outbox.moves import move
from tests.rows import undone
from tests.sms.failing import PARAMS, queue_result
from tests.source_code import pictured, writers

MADE_UP = "registration.management.made_up.rows"
pytestmark = pytest.mark.django_db

MOMENTS: dict[str, dict[str, Any]] = {
    "queued": {"send_at": Now()},
    "unknown": {"ask_at": Now()},
    "accepted": {"accepted_at": Now(), "ask_at": Now()},
}
ONCE_ACCEPTED = {"delivered", "undelivered", "delivery_unknown"}


def in_state(state: str) -> Message:
    """A message in a state, however it came there; a worker holds it."""
    message = queue_result()
    assert leases.claim(delivery.due("texts"), 40)
    values: dict[str, Any] = {"state": state, "send_at": None, **MOMENTS.get(state, {})}
    if state in Message.FINAL:
        values["params"] = {}
    if state in ONCE_ACCEPTED:
        values["accepted_at"] = Now()
    Message.objects.filter(pk=message.pk).update(**values)
    return message


@pytest.mark.parametrize("source", Message.State.values)
def test_a_message_moves_as_the_table_says_and_no_other_way(source: str) -> None:
    for target in Message.State.values:
        with undone():
            assert_moves(in_state(source), source, target)


def assert_moves(message: Message, source: str, target: str) -> None:
    before = Message.objects.values().get()
    legal = target in Message.MOVES.get(source, ())

    assert move(Message.objects.all(), target, **MOMENTS.get(target, {})) == legal, target

    message.refresh_from_db()
    if not legal:
        assert Message.objects.values().get() == before
        return
    assert (message.state, message.lease_token, message.lease_until) == (target, None, None)
    assert (message.send_at is not None, message.ask_at is not None) == (
        target == "queued",
        target in {"unknown", "accepted"},
    )
    assert message.params == ({} if target in Message.FINAL else PARAMS)


def test_every_move_of_the_table_is_one_of_the_picture() -> None:
    assert pictured("States of a text message") == Message.MOVES


def test_nobody_else_writes_a_state() -> None:
    others = ("sso.", "accounts.errands.identity")  # of services, of changes of an identity
    found = {name: places for name, places in writers("state").items() if not name.startswith(others)}
    assert found == {"sms.outbox.moves": {"_change"}, "sms.otp.challenge": {"_message"}, MADE_UP: {"_messages"}}


def test_the_work_of_a_queue_is_found_by_its_index() -> None:
    """Queued and unknown messages come in one order, whichever moment makes them due."""
    first, second, third = (queue_result(number=number) for number in (1, 2, 3))
    ago = [Now() - timedelta(minutes=minutes) for minutes in (3, 2, 1)]
    Message.objects.filter(pk=second.pk).update(state="unknown", send_at=None, ask_at=ago[0])
    Message.objects.filter(pk=third.pk).update(send_at=ago[1])
    Message.objects.filter(pk=first.pk).update(send_at=ago[2])

    claimed = [leases.claim(delivery.due("texts"), 40) for _ in range(3)]

    assert [message and message.pk for message in claimed] == [second.pk, third.pk, first.pk]
    with by_indexes_alone():
        assert "message_work" in delivery.due("texts").alias(due=Message.DUE).order_by("due")[:1].explain()
