"""When one provider cannot, the next sends, at once; and never when the first may have sent already."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from sms import provider_status, statistics
from sms.backends import get_backends
from sms.backends.base import Outgoing, Receipt
from sms.models import Message
from sms.outbox import delivery, reports, settling
from tests import clock
from tests.sms.failing import only, queue_result, the_message
from tests.sms.otp.challenges import begin
from tests.sms.second_provider.client import Second
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import DELIVERED
from tests.stand_ins.kavenegar import Kavenegar as StandIn
from tests.stand_ins.second_provider import TOO_OFTEN, WRONG_KEY, SecondProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(account: StandIn, second_account: SecondProvider, settings: Settings) -> SecondProvider:
    settings.SMS_BACKEND = ["kavenegar", "tests.sms.second_provider.client.Second"]
    return second_account


@pytest.mark.parametrize("code", [402, 409, 429, 451, 403, 418])
@pytest.mark.parametrize("queue", ["codes", "texts"])
def test_what_the_first_refuses_for_now_the_second_sends_at_once(
    account: StandIn, second: SecondProvider, queue: str, code: int
) -> None:
    account.codes.append(code)
    begin() if queue == "codes" else queue_result()

    assert delivery.drain(queue) == 1

    row = the_message()
    assert (row.state, row.provider, row.attempts) == ("accepted", "second", 1)
    assert (len(account.messages), len(second.messages)) == (0, 1)
    assert row.provider_id == second.messages[0].id


def test_first_that_is_out_of_reach_makes_way(account: StandIn, second: SecondProvider, settings: Settings) -> None:
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:1"
    queue_result()
    delivery.drain("texts")

    assert (the_message().state, the_message().provider) == ("accepted", "second")


def test_first_is_preferred_again_with_the_next_message(account: StandIn, second: SecondProvider) -> None:
    account.codes.append(409)
    queue_result(number=1)
    queue_result(number=2)
    delivery.drain("texts")

    assert sorted(Message.objects.values_list("provider", flat=True)) == ["kavenegar", "second"]


@pytest.mark.parametrize("code", [411, 413, 422, 400, 406])
def test_message_that_cannot_be_sent_is_not_offered_to_the_second(
    account: StandIn, second: SecondProvider, code: int
) -> None:
    account.codes.append(code)
    queue_result()
    delivery.drain("texts")

    assert the_message().state == "failed"
    assert second.received == []


@pytest.mark.parametrize("fault", [Fault.ACCEPT_THEN_CUT, Fault.CUT, Fault.BAD_GATEWAY])
def test_unknown_outcome_stays_with_its_provider(account: StandIn, second: SecondProvider, fault: Fault) -> None:
    account.faults.append(fault)
    queue_result()
    delivery.drain("texts")
    assert only(the_message()) == ("unknown", "unknown")
    assert the_message().provider == "kavenegar"

    account.broken = Fault.BAD_GATEWAY
    for _ in range(3):
        clock.advance(minutes=10)
        delivery.drain("texts")
    assert the_message().state == "unknown"
    account.broken = None
    clock.advance(minutes=10)
    delivery.drain("texts")

    assert (the_message().state, the_message().provider) == ("accepted", "kavenegar")
    assert len(account.messages) == 1
    assert second.received == []


def test_unknown_outcome_of_the_second_stays_with_the_second(account: StandIn, second: SecondProvider) -> None:
    account.codes.append(409)
    second.faults.append(Fault.ACCEPT_THEN_CUT)
    queue_result()
    delivery.drain("texts")
    assert (only(the_message()), the_message().provider) == (("unknown", "unknown"), "second")

    clock.advance(minutes=10)
    delivery.drain("texts")
    assert (the_message().state, the_message().provider) == ("accepted", "second")
    assert (len(account.messages), len(second.messages), len(account.received)) == (0, 1, 1)


def test_unknown_outcome_that_turns_out_as_not_sent_is_free_again(account: StandIn, second: SecondProvider) -> None:
    account.faults.append(Fault.CUT)
    queue_result()
    delivery.drain("texts")
    clock.advance(minutes=10)
    account.codes.extend([200, 409, 409])  # it has never had it; now it is busy, and busy again
    delivery.drain("texts")
    assert only(the_message()) == ("queued", "transient 409: server busy")
    assert second.received == []
    clock.advance(minutes=10)
    delivery.drain("texts")

    assert (the_message().state, the_message().provider) == ("accepted", "second")
    assert (len(account.messages), len(second.messages)) == (0, 1)


def test_code_of_unknown_fate_is_sent_by_nobody_else(account: StandIn, second: SecondProvider) -> None:
    account.faults.append(Fault.CUT)
    begin()
    for _ in range(9):
        delivery.drain("codes")
        clock.advance(minutes=1)

    assert second.received == []


def test_both_refuse_and_the_message_waits(account: StandIn, second: SecondProvider) -> None:
    account.codes.append(409)
    second.refusals.append(TOO_OFTEN)
    queue_result()
    delivery.drain("texts")

    row = the_message()
    assert only(row) == ("queued", "transient 429: asked too often")
    assert (row.provider, row.first_attempt_at) == ("", None)
    clock.advance(minutes=5)
    delivery.drain("texts")
    assert (the_message().state, the_message().provider) == ("accepted", "kavenegar")


def test_row_names_the_second_before_it_is_asked(
    account: StandIn, second: SecondProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is killed here leaves to its successor whom to ask."""
    named = []
    send = Second.send

    def look(self: Second, outgoing: Outgoing) -> Receipt:
        named.append((the_message().provider, the_message().first_attempt_at is not None))
        return send(self, outgoing)

    monkeypatch.setattr(Second, "send", look)
    account.codes.append(409)
    queue_result()
    delivery.drain("texts")

    assert named == [("second", True)]


def test_who_lost_the_message_meanwhile_does_not_go_on_with_it(
    account: StandIn, second: SecondProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "tell", lambda *args: Message.objects.update(lease_token=None))
    account.codes.append(409)
    queue_result()
    delivery.drain("texts")

    assert second.received == []


@pytest.mark.parametrize(("queue", "seconds", "asked"), [("codes", 3.9, 1), ("codes", 4.1, 0), ("texts", 9.9, 1)])
def test_second_is_only_asked_when_there_is_time(
    account: StandIn, second: SecondProvider, monkeypatch: pytest.MonkeyPatch, queue: str, seconds: float, asked: int
) -> None:
    """The lease must outlast the exchange."""
    now = [0.0]

    def slowly(*args: object) -> None:
        now[0] += seconds

    account.codes.append(409)
    begin() if queue == "codes" else queue_result()
    monkeypatch.setattr(settling, "tell", slowly)
    monkeypatch.setattr("sms.outbox.delivery.monotonic", lambda: now[0])
    delivery._take_one(queue)

    assert len(second.received) == asked


def test_trouble_of_one_account_is_shown_while_the_other_keeps_the_portal_healthy(
    account: StandIn, second: SecondProvider, client: Client
) -> None:
    for queue in statistics.QUEUES:
        statistics.beat(queue)
    account.codes.append(418)
    queue_result(number=1)
    delivery.drain("texts")
    report = client.get("/health/state", REMOTE_ADDR="127.0.0.1").json()
    assert (report["healthy"], report["sms_configuration"]) == (True, "kavenegar: configuration 418: credit too low")

    account.codes.append(418)
    second.refusals.append(WRONG_KEY)
    queue_result(number=2)
    delivery.drain("texts")
    assert client.get("/health/state", REMOTE_ADDR="127.0.0.1").json()["healthy"] is False


def test_each_is_asked_about_its_own_messages_and_account(account: StandIn, second: SecondProvider) -> None:
    account.codes.append(409)
    queue_result(number=1)
    queue_result(number=2)
    delivery.drain("texts")
    account.messages[0].state, second.messages[0].state = DELIVERED, "delivered"
    clock.advance(minutes=10)
    assert reports.poll() == 2
    provider_status.check_accounts()

    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}
    assert [request.path.rpartition("/")[2] for request in account.received][-2:] == ["status.json", "info.json"]
    assert [request.path for request in second.received][-2:] == ["/messages", "/account"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("kavenegar,tests.sms.second_provider.client.Namesake", "names of their own"),
        ("tests.sms.second_provider.client.LongWinded", "at most 16"),
        ("tests.sms.second_provider.client.Missing", "cannot be imported"),
        ("tests.sms.nowhere.Second", "cannot be imported"),
        ("second", "takes one of"),
    ],
)
def test_class_that_cannot_be_used_is_refused(second: SecondProvider, settings: Settings, value: str, why: str) -> None:
    settings.SMS_BACKEND = value
    with pytest.raises(ImproperlyConfigured, match=why):
        get_backends()
