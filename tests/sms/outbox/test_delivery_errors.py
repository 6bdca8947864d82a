"""What becomes of a message when its provider refuses, hesitates or does not answer."""

from datetime import timedelta

import pytest

from sms import provider_status
from sms.backends import memory
from sms.backends.base import ErrorKind, KeyTakenError, Outgoing, SmsBackend, SmsError
from sms.models import Message
from sms.outbox import delivery, settling
from tests import clock
from tests.sms.failing import PARAMS, Scripted, accept, due_in, only, queue_result, raising, script, the_message
from tests.sms.otp.challenges import begin, right_code

pytestmark = pytest.mark.django_db


def test_rejected_message_is_failed_and_wiped() -> None:
    queue_result(memory.REJECTED)
    delivery.drain("texts")

    row = the_message()
    assert only(row) == ("failed", "permanent: rejected")
    assert (row.params, row.code_nonce, row.lease_token) == ({}, None, None)
    clock.advance(hours=5)
    assert delivery.drain("texts") == 0


def test_rejected_code_is_failed_and_its_nonce_wiped() -> None:
    begin(memory.REJECTED)
    delivery.drain("codes")

    assert (the_message().state, the_message().code_nonce) == ("failed", None)


def test_busy_provider_is_asked_again_with_growing_patience() -> None:
    queue_result(memory.BUSY)
    longest = []
    for attempt in range(1, 9):
        assert delivery.drain("texts") == 1
        assert only(the_message()) == ("queued", "transient: busy")
        longest.append(min(300, 5 * 2**attempt))
        assert 0.2 * longest[-1] <= due_in().total_seconds() <= longest[-1]
        assert delivery.drain("texts") == 0
        clock.advance(seconds=longest[-1])
    assert the_message().attempts == 8
    assert the_message().params == PARAMS


def test_code_is_tried_again_within_seconds() -> None:
    begin(memory.BUSY)
    for _ in range(6):
        assert delivery.drain("codes") == 1
        assert timedelta(0) < due_in() <= timedelta(seconds=3)
        clock.advance(seconds=3)


def test_provider_that_names_a_wait_is_left_alone_that_long(monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, raising(SmsError(ErrorKind.TRANSIENT, 429, "slow down", retry_after=120)))
    queue_result()
    delivery.drain("texts")

    assert due_in() == timedelta(seconds=120)


def test_misconfigured_account_keeps_messages_waiting_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    queue_result(memory.MISCONFIGURED)
    delivery.drain("texts")

    assert only(the_message()) == ("queued", "configuration: refused")
    assert due_in() == timedelta(seconds=600)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    clock.advance(minutes=10)
    assert delivery.drain("texts") == 1


def test_refusal_for_good_is_final_also_when_it_names_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, raising(KeyTakenError()))
    queue_result()
    delivery.drain("texts")

    assert only(the_message()) == ("failed", "configuration: record of another recipient")
    assert provider_status.configuration_problem() == "scripted: configuration: record of another recipient"


@pytest.mark.parametrize("recipient", [memory.LOST, memory.SWALLOWED])
def test_code_of_unknown_fate_is_sent_once_more_after_some_seconds(recipient: str, sms_outbox: list[Outgoing]) -> None:
    challenge = begin(recipient)
    assert delivery.drain("codes") == 1
    row = the_message()
    assert only(row) == ("unknown", "unknown")
    assert (row.expires_at, row.send_at, row.lease_token) == (challenge.expires_at, None, None)
    assert delivery.drain("codes") == 0
    clock.advance(seconds=settling.UNKNOWN_RETRY_SECONDS["codes"])
    sent = len(sms_outbox)

    assert delivery.drain("codes") == 1

    assert len(sms_outbox) == 2 * sent
    assert len({(message.code, message.idempotency_key) for message in sms_outbox}) <= 1
    assert (only(the_message()), the_message().ask_at) == (("unknown", "unknown"), None)
    for _ in range(13):
        clock.advance(minutes=1)
        assert delivery.drain("codes") == 0
        delivery.expire()
    assert len(sms_outbox) == 2 * sent
    assert (the_message().state, the_message().code_nonce) == ("expired", None)


def test_a_code_that_was_surely_not_sent_the_second_time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    unclear, refused = (SmsError(ErrorKind.TRANSIENT, detail="busy", unknown=unknown) for unknown in (True, False))
    answers = iter([raising(unclear), raising(refused), accept])
    backend = script(monkeypatch, lambda outgoing: next(answers)(outgoing))
    begin()
    states = []
    for _ in range(3):
        delivery.drain("codes")
        states.append(the_message().state)
        clock.advance(seconds=4)

    assert states == ["unknown", "queued", "accepted"]
    assert len({outgoing.code for outgoing in backend.given}) == 1


def test_a_code_is_repeated_once_however_often_it_is_refused_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    unclear, refused = (SmsError(ErrorKind.TRANSIENT, detail="busy", unknown=unknown) for unknown in (True, False))
    answers = iter(raising(error) for error in (refused, unclear, refused, refused, unclear))
    backend = script(monkeypatch, lambda outgoing: next(answers)(outgoing))
    begin()
    told = []
    for _ in range(7):
        delivery.drain("codes")
        told.append((the_message().state, the_message().provider))
        clock.advance(seconds=4)

    assert told == [("queued", ""), ("unknown", "scripted"), *[("queued", "")] * 2, *[("unknown", "scripted")] * 3]
    assert len(backend.given) == 5


def test_result_of_unknown_fate_goes_out_again_under_the_same_local_id(sms_outbox: list[Outgoing]) -> None:
    queue_result(memory.SWALLOWED)
    for _ in range(4):
        assert delivery.drain("texts") == 1
        assert only(the_message()) == ("unknown", "unknown")
        assert timedelta(seconds=29) < due_in() <= timedelta(seconds=300)
        clock.advance(minutes=5)

    assert len(sms_outbox) == 4
    assert {(sent.idempotency_key, sent.text) for sent in sms_outbox} == {
        (the_message().idempotency_key, sms_outbox[0].text)
    }


def test_acceptance_ends_an_unknown_fate(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([raising(SmsError(ErrorKind.TRANSIENT, detail="timeout", unknown=True)), accept])
    backend = script(monkeypatch, lambda outgoing: next(answers)(outgoing))
    queue_result()
    delivery.drain("texts")
    clock.advance(minutes=5)
    delivery.drain("texts")

    row = the_message()
    assert only(row) == ("accepted", "")
    assert (row.provider, row.provider_id) == ("scripted", f"id-{row.idempotency_key}")
    assert len(backend.given) == 2


@pytest.mark.parametrize(
    ("remembered", "why"),
    [
        (None, "unknown, and its provider knows no message again"),
        (timedelta(minutes=4), "unknown for 4 min"),
        (timedelta(minutes=90), "unknown for 90 min"),
        (timedelta(hours=2), "unknown for 2 h"),
    ],
)
def test_operators_read_why_a_message_of_unknown_fate_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, remembered: timedelta | None, why: str
) -> None:
    """A backend that says nothing about keys knows none: its message is not sent twice."""
    backend = script(monkeypatch, raising(SmsError(ErrorKind.TRANSIENT, detail="timeout", unknown=True)))
    monkeypatch.setattr(Scripted, "remembers_keys", remembered or SmsBackend.remembers_keys)
    queue_result()
    delivery.drain("texts")
    assert only(the_message()) == ("unknown", "unknown")

    clock.advance(remembered or timedelta(minutes=5))
    delivery.drain("texts")
    assert only(the_message()) == ("failed", why)
    assert f"message {the_message().pk}: {why}, an operator must look" in caplog.text
    assert len(backend.given) == 1


def test_odd_message_backs_off_alone_while_others_flow(
    sms_outbox: list[Outgoing], caplog: pytest.LogCaptureFixture
) -> None:
    odd = queue_result(number=1)
    Message.objects.update(template="a_template_that_does_not_exist")
    queue_result(number=2)

    assert delivery.drain("texts") == 2

    assert len(sms_outbox) == 1
    odd.refresh_from_db()
    assert only(odd) == ("queued", "unexpected TemplateDoesNotExist")
    assert odd.lease_token is None
    assert "محمدی" not in caplog.text


def test_bug_in_a_backend_counts_as_an_unknown_fate(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may have been sent before the bug struck. The exception's text may hold the code: it goes nowhere."""
    challenge = begin()
    code = right_code(challenge)
    script(monkeypatch, raising(ValueError(f"odd code {code}")))
    assert delivery.drain("codes") == 1

    assert only(the_message()) == ("unknown", "unknown")
    assert delivery.drain("codes") == 0
    assert code not in caplog.text
