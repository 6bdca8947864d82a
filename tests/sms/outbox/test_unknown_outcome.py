"""Messages of unknown fate: their provider is asked what became of them before anything is sent again."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from infra import leases
from sms.backends import memory
from sms.backends.kavenegar.client import Kavenegar
from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.sms.failing import due_in, only, queue_result, the_message
from tests.sms.otp.challenges import begin
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db


def methods(account: StandIn) -> list[str]:
    return [request.path.rpartition("/")[2] for request in account.received]


def lose_an_answer(account: StandIn, fault: Fault = Fault.ACCEPT_THEN_CUT) -> None:
    """A result is sent, nobody knows whether it was taken over, and the time to look again has come."""
    account.faults.append(fault)
    queue_result()
    assert delivery.drain("texts") == 1
    assert only(the_message()) == ("unknown", "unknown")
    assert due_in() >= timedelta(seconds=29)
    assert the_message().first_attempt_at is not None
    clock.advance(minutes=5)


def test_message_the_provider_has_is_not_sent_again(account: StandIn) -> None:
    lose_an_answer(account)
    assert delivery.drain("texts") == 1

    assert only(the_message()) == ("accepted", "")
    assert (the_message().provider, the_message().provider_id) == ("kavenegar", str(account.messages[0].id))
    assert methods(account) == ["send.json", "statuslocalmessageid.json"]
    assert len(account.messages) == 1


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.BAD_GATEWAY])
def test_message_the_provider_has_not_is_sent_again_under_its_number(account: StandIn, fault: Fault) -> None:
    lose_an_answer(account, fault)
    assert account.messages == []
    assert delivery.drain("texts") == 1

    assert the_message().state == "accepted"
    assert methods(account) == ["send.json", "statuslocalmessageid.json", "send.json"]
    assert [message.idempotency_key for message in account.messages] == [str(the_message().idempotency_key)]


def test_nothing_is_sent_while_the_question_has_no_answer(account: StandIn) -> None:
    lose_an_answer(account)
    account.broken = Fault.CUT
    for _ in range(3):
        assert delivery.drain("texts") == 1
        assert only(the_message()) == ("unknown", "unknown")
        assert due_in() >= timedelta(seconds=29)
        clock.advance(minutes=5)

    assert methods(account) == ["send.json"] + ["statuslocalmessageid.json"] * 3
    account.broken = None
    assert delivery.drain("texts") == 1
    assert the_message().state == "accepted"
    assert len(account.messages) == 1


def test_bug_in_the_question_sends_nothing(account: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_an_answer(account)

    def broken(self: Kavenegar, idempotency_key: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Kavenegar, "status_by_idempotency_key", broken)
    assert delivery.drain("texts") == 1

    assert only(the_message()) == ("unknown", "unknown")
    assert methods(account) == ["send.json"]


def test_unknown_for_eleven_hours_is_an_operators_and_never_sent_again(
    account: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    lose_an_answer(account, Fault.CUT)
    clock.advance(hours=10, minutes=54)
    account.faults.extend([Fault.CUT, Fault.CUT])  # neither question nor repetition is answered
    assert delivery.drain("texts") == 1
    assert only(the_message()) == ("unknown", "unknown")

    clock.advance(minutes=5)
    assert delivery.drain("texts") == 1

    row = the_message()
    assert only(row) == ("failed", "unknown for 11 h")
    assert (row.params, row.lease_token) == ({}, None)
    assert f"message {row.pk}: unknown for 11 h" in caplog.text
    sent = methods(account).count("send.json")
    clock.advance(hours=3)
    assert delivery.drain("texts") == 0
    assert methods(account).count("send.json") == sent
    assert account.messages == []


def test_message_that_is_found_at_last_is_accepted_however_late(account: StandIn) -> None:
    lose_an_answer(account)
    clock.advance(hours=11)
    delivery.drain("texts")

    assert only(the_message()) == ("accepted", "")


def test_message_the_provider_denies_after_eleven_hours_is_not_sent(account: StandIn) -> None:
    lose_an_answer(account, Fault.CUT)
    clock.advance(hours=11)
    delivery.drain("texts")

    assert only(the_message()) == ("failed", "unknown for 11 h")
    assert account.messages == []


def test_dead_workers_message_is_asked_for_before_it_is_sent(account: StandIn, backend: Kavenegar) -> None:
    """Killed after the provider had it, or before: the row looks the same."""
    sent, unsent = queue_result(number=1), queue_result(number=2)
    for message in (sent, unsent):
        attempt = {"provider": "kavenegar", "first_attempt_at": message.created_at}
        assert leases.claim(delivery.due("texts").filter(pk=message.pk), 40, **attempt)
    backend.send(delivery._outgoing(sent))
    clock.advance(seconds=41)
    assert delivery.drain("texts") == 2

    assert set(Message.objects.values_list("state", flat=True)) == {"accepted"}
    assert sorted(message.idempotency_key for message in account.messages) == sorted(
        map(str, (sent.idempotency_key, unsent.idempotency_key))
    )
    assert methods(account).count("send.json") == 2


def test_attempt_that_has_surely_sent_nothing_leaves_nothing_to_ask_for(account: StandIn) -> None:
    """Refused for a day: the provider has never had it, so eleven hours mean nothing."""
    queue_result()
    for _ in range(24):
        account.codes.append(409)
        assert delivery.drain("texts") == 1
        assert only(the_message()) == ("queued", "transient 409: server busy")
        assert (the_message().first_attempt_at, the_message().provider) == (None, "")
        clock.advance(hours=1)
    assert delivery.drain("texts") == 1

    assert the_message().state == "accepted"
    assert methods(account) == ["send.json"] * 25


def test_refusal_after_the_provider_has_denied_an_earlier_attempt_settles_that_one(account: StandIn) -> None:
    lose_an_answer(account, Fault.CUT)
    account.faults.clear()
    account.credit = 0
    delivery.drain("texts")
    assert only(the_message()) == ("queued", "configuration 418: credit too low")
    clock.advance(hours=20)
    account.credit = 10_000
    delivery.drain("texts")

    assert the_message().state == "accepted"
    assert len(account.messages) == 1


def test_question_that_an_account_may_not_ask_is_told_and_waits(
    account: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    lose_an_answer(account)
    account.codes.append(403)
    delivery.drain("texts")

    assert only(the_message()) == ("unknown", "configuration 403: API key invalid")
    assert due_in() >= timedelta(seconds=599)
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    clock.advance(minutes=10)
    delivery.drain("texts")
    assert the_message().state == "accepted"
    assert methods(account).count("send.json") == len(account.messages) == 1


def test_provider_that_is_not_configured_any_more_cannot_be_asked(account: StandIn, settings: Settings) -> None:
    lose_an_answer(account)
    settings.SMS_BACKEND = ["memory"]
    for _ in range(2):
        assert delivery.drain("texts") == 1
        assert only(the_message()) == ("unknown", "configuration: provider not in SMS_BACKEND")
        clock.advance(minutes=10)
    clock.advance(hours=11)
    delivery.drain("texts")

    assert only(the_message()) == ("failed", "unknown for 11 h")
    assert memory.outbox == []


def test_a_code_has_no_number_to_ask_for_and_goes_out_once_more_instead(account: StandIn) -> None:
    account.faults.append(Fault.ACCEPT_THEN_CUT)
    begin()
    delivery.drain("codes")
    clock.advance(minutes=9)

    assert (delivery.drain("codes"), delivery.drain("codes")) == (1, 0)
    assert methods(account) == ["lookup.json"] * 2
