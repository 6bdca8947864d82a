"""`manage.py drain`: everything that is due is done in one process, without Redis and without workers."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import OperationalError

from registration.identity import check
from registration.management.commands import drain as command
from registration.management.commands.prepare import DEMO_REGISTRY
from registration.models import RegistrationRequest
from sms.backends.base import Outgoing, Receipt
from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.faults.processes import python
from tests.registration.identity.provider import Provider, provider
from tests.registration.rows import make_request
from tests.sms.failing import accept, queue_result, script
from tests.sms.otp.challenges import begin

__all__ = ["provider"]  # the fixture

Status = RegistrationRequest.Status
NO_REDIS = "redis://127.0.0.1:1/0"
REPORTS = "delivery reports: 0, results followed up: 0"
EXPIRED = "expired messages: {0}, expired requests: {0}, ended sign-ins at services: 0, notices of sign-outs: 0"


@pytest.fixture(autouse=True)
def handlers_stay() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def drained(*arguments: str) -> str:
    printed = StringIO()
    call_command("drain", *arguments, stdout=printed)
    return printed.getvalue()


@pytest.mark.django_db
def test_it_does_what_is_due_and_says_how_many_of_each(provider: Provider, sms_outbox: list[Outgoing]) -> None:
    make_request(41, Status.SUBMITTED, age=timedelta(hours=django_settings.DECISION_HOURS + 1))
    begin(mobile="+989120000009")
    clock.advance(minutes=11)  # that code is of no use any more
    begin()
    queue_result(number=10**9)  # of no request that is made here
    make_request(42, Status.SUBMITTED)

    printed = drained()

    assert printed == f"codes: 1, identity checks: 1, other messages: 3, {REPORTS}, {EXPIRED.format(1)}\n"
    assert list(RegistrationRequest.objects.order_by("pk").values_list("status", flat=True)) == ["expired", "activated"]
    assert sorted(Message.objects.values_list("state", flat=True)) == ["accepted"] * 4 + ["expired"]
    assert [message.code is not None for message in sms_outbox] == [True, *[False] * 3]  # codes go first
    assert drained() == f"codes: 0, identity checks: 0, other messages: 0, {REPORTS}, {EXPIRED.format(0)}\n"


@pytest.mark.django_db
def test_a_code_that_comes_meanwhile_goes_before_the_rest(
    sms_outbox: list[Outgoing], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        queue_result(number=number)
    send_one = delivery._take_one

    def and_a_code_comes(queue: str) -> bool:
        if queue == "texts" and len(sms_outbox) == 1:
            begin()
        return send_one(queue)

    monkeypatch.setattr(delivery, "_take_one", and_a_code_comes)
    drained()
    assert [message.code is not None for message in sms_outbox] == [False, False, True, False]


@pytest.mark.django_db
def test_nothing_is_begun_after_the_time_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        queue_result(number=number)
    now = [0.0]
    monkeypatch.setattr(command, "monotonic", lambda: now[0])
    send_one = delivery._take_one

    def slowly(queue: str) -> bool:
        now[0] += 20
        return send_one(queue)

    monkeypatch.setattr(delivery, "_take_one", slowly)
    printed = drained("--at-most", "50")  # the search for codes takes 20 of them
    assert "other messages: 2," in printed
    assert printed.endswith("; stopped before the end\n")
    assert Message.objects.filter(state="queued").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_the_work_in_hand(
    number: signal.Signals, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (41, 42, 43):
        make_request(each, Status.SUBMITTED)
    ask = check._ask

    def and_the_signal_comes(request: RegistrationRequest) -> None:
        os.kill(os.getpid(), number)
        ask(request)

    monkeypatch.setattr(check, "_ask", and_the_signal_comes)
    printed = drained("--every", "3600")
    assert "identity checks: 1," in printed
    assert printed.endswith("; stopped before the end\n")
    decided = RegistrationRequest.objects.exclude(status=Status.SUBMITTED)
    assert decided.count() == 1
    assert not RegistrationRequest.objects.exclude(lease_token=None).exists()


@pytest.mark.django_db(transaction=True)
def test_it_outlives_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    queue_result()
    expire, complaints = delivery.expire, StringIO()

    def away() -> int:
        monkeypatch.setattr(delivery, "expire", expire)
        raise OperationalError("away")

    def sent_and_told_to_end(outgoing: Outgoing) -> Receipt:
        os.kill(os.getpid(), signal.SIGTERM)
        return accept(outgoing)

    monkeypatch.setattr(delivery, "expire", away)
    script(monkeypatch, sent_and_told_to_end)
    call_command("drain", "--every", "0.01", stdout=StringIO(), stderr=complaints)
    assert complaints.getvalue() == "the database: OperationalError\n"
    assert Message.objects.get().state == "accepted"


@pytest.mark.django_db(transaction=True)
def test_it_needs_no_redis_and_goes_on_until_it_is_told_to_end() -> None:
    call_command("import_registry", str(DEMO_REGISTRY), stdout=StringIO(), stderr=StringIO())
    begin()
    make_request(42, Status.SUBMITTED)
    arguments = ("manage.py", "drain", "--every", "0.05")
    with python(*arguments, REDIS_URL=NO_REDIS, SMS_BACKEND="handset", IDENTITY_BACKEND="reference") as process:
        assert process.stdout
        first = process.stdout.readline()
        assert first.startswith("codes: 1, identity checks: 1, other messages: 1, ")  # the person is in no registry
        queue_result()
        while "other messages: 1" not in (line := process.stdout.readline()):
            assert line
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert RegistrationRequest.objects.get().status == Status.MISMATCH
    assert set(Message.objects.values_list("state", "provider")) == {("accepted", "handset")}


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "often", "86401"])
def test_a_pause_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(CommandError, match="a number of seconds, more than 0 and at most 86400"):
        drained("--every", value)
