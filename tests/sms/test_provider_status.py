"""Troubles with a provider's account: met, shown to operators, over. And a second provider."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from sms import provider_status, statistics, tasks
from sms.backends.base import ErrorKind
from sms.backends.kavenegar.codes import CODES
from sms.models import ProviderState
from sms.outbox import delivery
from tests import clock
from tests.sms.failing import due_in, only, queue_result, the_message
from tests.sms.otp.challenges import begin, others
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import TEMPLATE
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db


def health(client: Client) -> tuple[bool, Any, Any]:
    for queue in statistics.QUEUES:
        statistics.beat(queue)
    report = client.get("/health/state", REMOTE_ADDR="127.0.0.1").json()
    return report["healthy"], report["sms_configuration"], report["sms_credit"]


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in caplog.records if record.name.startswith("sms.")]


@pytest.mark.parametrize("code", [code for code, (kind, _) in CODES.items() if kind is ErrorKind.CONFIGURATION])
def test_refused_account_keeps_messages_and_is_shown(
    account: StandIn, client: Client, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    account.codes.append(code)
    queue_result()
    delivery.drain("texts")

    reason = f"configuration {code}: {CODES[code][1]}"
    assert only(the_message()) == ("queued", reason)
    assert due_in() == timedelta(seconds=600)
    assert levels(caplog) == ["ERROR"]
    assert reason in caplog.text
    assert provider_status.configuration_problem() == f"kavenegar: {reason}"
    assert health(client) == (False, f"kavenegar: {reason}", None)

    clock.advance(minutes=10)
    assert delivery.drain("texts") == 1
    assert the_message().state == "accepted"
    assert health(client) == (True, None, None)


@pytest.mark.parametrize("code", [code for code, (kind, _) in CODES.items() if kind is ErrorKind.BUG])
def test_bug_of_ours_is_an_error_and_nobody_elses_trouble(
    account: StandIn, client: Client, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    account.codes.append(code)
    queue_result()
    delivery.drain("texts")

    assert only(the_message()) == ("failed", f"bug {code}: {CODES[code][1]}")
    assert levels(caplog) == ["ERROR"]
    assert health(client) == (True, None, None)


@pytest.mark.parametrize("code", [code for code, (kind, _) in CODES.items() if kind is ErrorKind.PERMANENT])
def test_message_that_cannot_be_sent_is_failed_alone(
    account: StandIn, client: Client, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    account.codes.append(code)
    queue_result(number=1)
    queue_result(number=2)
    delivery.drain("texts")

    assert len(account.messages) == 1
    assert levels(caplog) == ["WARNING"]
    assert health(client) == (True, None, None)


@pytest.mark.parametrize("code", [429, 451])
def test_limited_account_is_left_alone_for_a_minute(account: StandIn, client: Client, code: int) -> None:
    account.codes.append(code)
    queue_result()
    delivery.drain("texts")

    assert the_message().state == "queued"
    assert due_in() == timedelta(seconds=60)
    assert health(client) == (True, None, None)


def test_wait_that_the_service_asks_for_is_kept(account: StandIn) -> None:
    account.faults.append(Fault.LIMITED)
    queue_result()
    delivery.drain("texts")

    assert due_in() == timedelta(seconds=90)


def test_codes_and_results_have_troubles_of_their_own(account: StandIn, client: Client, settings: Settings) -> None:
    settings.KAVENEGAR_CODE_TEMPLATE = "misspelt"
    begin()
    queue_result()
    delivery.drain("codes")
    delivery.drain("texts")

    problem = "kavenegar: configuration 424: template missing or not approved"
    assert health(client) == (False, problem, None), "a result that passed says nothing about codes"
    settings.KAVENEGAR_CODE_TEMPLATE = TEMPLATE
    begin(**others(2))
    delivery.drain("codes")
    assert health(client) == (True, None, None)


def test_trouble_that_nobody_meets_any_more_is_over(account: StandIn, client: Client) -> None:
    """Else a portal without citizens, because it is not ready, would never find out."""
    account.codes.append(418)
    begin()
    delivery.drain("codes")
    clock.advance(minutes=19)
    delivery.expire()
    assert health(client)[0] is False
    clock.advance(minutes=2)
    assert health(client)[0] is True


def test_credit_is_watched(
    account: StandIn, client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KAVENEGAR_MIN_CREDIT = 500_000
    tasks.check_accounts()
    assert levels(caplog) == []
    assert health(client) == (True, None, "ok")

    account.credit = 499_999
    tasks.check_accounts()
    assert levels(caplog) == ["ERROR"]
    assert "499999 rial" in caplog.text
    assert health(client) == (True, None, "low"), "messages still leave"
    assert ProviderState.objects.get().credit == 499_999
    account.credit = 500_000
    tasks.check_accounts()
    assert health(client) == (True, None, "ok")


def test_account_that_is_closed_is_found_out_without_a_message(account: StandIn, client: Client) -> None:
    account.codes.append(403)
    provider_status.check_accounts()
    assert provider_status.configuration_problem() == "kavenegar: configuration 403: API key invalid"

    provider_status.check_accounts()
    assert provider_status.configuration_problem() is None


def test_service_that_does_not_tell_its_credit_keeps_the_last(
    account: StandIn, client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KAVENEGAR_MIN_CREDIT = 2_000_000
    provider_status.check_accounts()
    account.faults.append(Fault.CUT)
    provider_status.check_accounts()

    assert levels(caplog) == ["ERROR", "WARNING"]
    assert health(client) == (True, None, "low")


def test_provider_without_an_account_is_not_asked(settings: Settings) -> None:
    settings.SMS_BACKEND = ["memory"]
    provider_status.check_accounts()

    assert provider_status.credit_level() is None
    assert provider_status.configuration_problem() is None


def test_alarms_name_no_key(account: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for code in (401, 403, 407, 409, 418):
        account.codes.append(code)
        provider_status.check_accounts()

    assert "4B6F7665" not in caplog.text + "".join(state.problem for state in ProviderState.objects.all())
