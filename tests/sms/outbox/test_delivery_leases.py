"""Workers that die, stall and compete; codes and deliveries that time overtakes."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from infra import leases
from sms.backends.base import ErrorKind, Outgoing, Receipt, SmsError
from sms.models import Message
from sms.outbox import delivery
from sms.outbox.moves import move
from tests import clock
from tests.sms.failing import PARAMS, Scripted, accept, only, queue_result, script, the_message
from tests.sms.otp.challenges import begin
from tests.threads import elsewhere, together

pytestmark = pytest.mark.django_db


def test_expired_code_is_never_sent(sms_outbox: list[Outgoing]) -> None:
    begin()
    clock.advance(minutes=10, seconds=1)

    assert delivery.drain("codes") == 0
    delivery.deliver("codes", the_message().pk)
    assert sms_outbox == []
    delivery.expire()
    row = the_message()
    assert (row.state, row.code_nonce, row.params) == ("expired", None, {})


def test_message_that_is_being_sent_is_not_expired_under_the_worker() -> None:
    begin()
    assert leases.claim(delivery.due("codes"), 10)
    Message.objects.update(expires_at=Now())
    delivery.expire()
    assert the_message().state == "queued"

    clock.advance(seconds=11)
    delivery.expire()
    assert the_message().state == "expired"


def test_worker_that_died_is_replaced_when_its_lease_is_over(sms_outbox: list[Outgoing]) -> None:
    queue_result()
    assert leases.claim(delivery.due("texts"), delivery.LEASE_SECONDS["texts"])  # … and is killed here
    assert delivery.drain("texts") == 0

    clock.advance(seconds=delivery.LEASE_SECONDS["texts"] + 1)
    assert delivery.drain("texts") == 1
    assert len(sms_outbox) == 1
    assert the_message().attempts == 2


def test_acceptance_is_recorded_by_who_learns_it_also_without_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker stalls past its lease, another claims the row, then the first one's answer comes."""

    def slow(outgoing: Outgoing) -> Receipt:
        clock.advance(seconds=41)
        second.append(leases.claim(delivery.due("texts"), 40))
        return accept(outgoing)

    second: list[Message | None] = []
    script(monkeypatch, slow)
    queue_result()
    delivery.drain("texts")

    assert the_message().state == "accepted"
    assert second[0] is not None
    assert not move(leases.held(second[0]), "failed")
    assert the_message().state == "accepted"


def test_error_of_who_lost_the_lease_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(outgoing: Outgoing) -> Receipt:
        clock.advance(seconds=41)
        assert leases.claim(delivery.due("texts"), 40)
        raise SmsError(ErrorKind.PERMANENT, detail="rejected")

    script(monkeypatch, slow)
    queue_result()
    delivery.drain("texts")

    row = the_message()
    assert only(row) == ("queued", "")
    assert (row.params, row.attempts) == (PARAMS, 2)
    assert row.lease_token is not None


def test_delivery_that_nobody_reported_is_unknown_after_two_days() -> None:
    queue_result()
    delivery.drain("texts")
    clock.advance(hours=47)
    delivery.expire()
    assert (the_message().state, the_message().params) == ("accepted", PARAMS)

    clock.advance(hours=1, seconds=1)
    delivery.expire()
    assert (the_message().state, the_message().params) == ("delivery_unknown", {})


def test_drain_ends_after_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def slow(outgoing: Outgoing) -> Receipt:
        now[0] += 14.8
        return accept(outgoing)

    backend = script(monkeypatch, slow)
    monkeypatch.setattr("sms.outbox.delivery.monotonic", lambda: now[0])
    for number in range(5):
        queue_result(number=number)

    assert delivery.drain("texts") == len(backend.given) == 3


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_provider_works(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, list[str]]] = []

    def look(outgoing: Outgoing) -> Receipt:
        def states() -> list[str]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND xact_start IS NOT NULL AND backend_type = 'client backend'"
                )
                return [state for (state,) in cursor.fetchall()]

        seen.append((connection.in_atomic_block, elsewhere(states)))
        return accept(outgoing)

    queue_result()
    script(monkeypatch, look)
    delivery.drain("texts")

    assert seen == [(False, [])]


@pytest.mark.django_db(transaction=True)
def test_parallel_drains_send_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    backend: Scripted = script(monkeypatch)
    for number in range(30):
        queue_result(number=number)

    taken = together(lambda: delivery.drain("texts"), 5)

    assert sum(count for count in taken if isinstance(count, int)) == 30
    assert len({outgoing.idempotency_key for outgoing in backend.given}) == len(backend.given) == 30
    assert set(Message.objects.values_list("state", flat=True)) == {"accepted"}


def test_checks_of_the_leases_hold() -> None:
    call_command("check", tags=["compatibility"], fail_level="ERROR")
    for queue, lease in delivery.LEASE_SECONDS.items():
        assert delivery.SEND_SECONDS[queue] < delivery.STOP_SECONDS[queue] < lease
