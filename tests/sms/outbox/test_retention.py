import pytest

from infra.limits import LimitReached
from sms.limits import sends
from sms.limits.ledger import Wanted
from sms.models import Message
from sms.outbox import delivery, retention
from tests import clock
from tests.sms.failing import queue_result
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, begin

pytestmark = pytest.mark.django_db


def old_results(*numbers: int, days: int = 31) -> None:
    for number in numbers:
        queue_result(number=number)
    delivery.drain("texts")
    clock.advance(hours=24 * days)
    delivery.expire()


def references() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("reference", flat=True))


def test_final_messages_go_after_a_month() -> None:
    old_results(1, days=15)
    old_results(2, days=14)
    assert retention.purge() == 0
    clock.advance(hours=25)

    assert retention.purge() == 1
    assert references() == ["request:2"]


@pytest.mark.parametrize("state", sorted(set(Message.State.values) - Message.FINAL))
def test_what_has_not_come_to_its_end_stays_however_old(state: str) -> None:
    old_results(1)
    moments = {"queued": ["send_at"], "unknown": ["ask_at"], "accepted": ["accepted_at", "ask_at"]}[state]
    Message.objects.update(**{"state": state, "accepted_at": None} | dict.fromkeys(moments, "2020-01-01T00:00Z"))

    assert retention.purge() == 0
    assert references() == ["request:1"]


def test_messages_of_open_things_stay_for_who_must_settle_them(monkeypatch: pytest.MonkeyPatch) -> None:
    old_results(1, 2, 3)
    asked = []

    def still_open(references: object) -> list[str]:
        asked.append(references)
        return ["request:2", "request:77"]

    monkeypatch.setitem(retention._askers, "one", still_open)
    monkeypatch.setitem(retention._askers, "another", lambda references: ["request:3"])

    assert retention.purge() == 1
    assert references() == ["request:2", "request:3"]
    assert asked == [{"request:1", "request:2", "request:3"}]


def test_batches_go_on_past_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    open_ones = {"request:1", "request:2", "request:6"}
    monkeypatch.setitem(retention._askers, "one", lambda references: open_ones & set(references))
    old_results(*range(1, 8))

    assert retention.purge() == 4
    assert references() == ["request:1", "request:2", "request:6"]


def test_limits_of_today_remember_what_they_need() -> None:
    begin()
    delivery.drain("codes")
    retention.purge()

    wanted = Wanted("registration", MOBILE, NATIONAL_CODE)
    with pytest.raises(LimitReached):
        sends.check(wanted, sends.look(wanted, CLIENT_IP, {}))
