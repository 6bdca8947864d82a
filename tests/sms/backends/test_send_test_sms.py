"""`manage.py send_test_sms`: what it sends, what it says, what it never says."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from pytest_django import Settings

from iran.numbers import MOBILE_MESSAGES
from sms import provider_status
from sms.backends import memory
from sms.backends.base import ADVICE, UNKNOWN, Advice, ErrorKind, Outgoing, SmsError
from sms.backends.kavenegar import advice
from sms.backends.kavenegar.client import Kavenegar
from sms.backends.kavenegar.codes import CODES, describe
from sms.models import Message
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import KEY
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db

MOBILE = "09121234567"


def run(*arguments: str, **options: Any) -> None:
    call_command("send_test_sms", *arguments, **options)


def refusal(*arguments: str) -> str:
    """What is said when it was not taken over; the exit code tells as much."""
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.fixture(autouse=True)
def english(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"


def test_text_goes_the_way_of_results(account: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    run(MOBILE)

    [message] = account.messages
    assert (message.channel, message.receptor) == ("send", MOBILE)
    assert "Test message" in message.text
    told = capsys.readouterr().out
    assert str(message.id) in told
    assert account.base_url in told
    assert f"{account.credit} rial" in told
    assert "4567" in told
    assert not Message.objects.exists()


def test_a_result_goes_the_way_of_those_that_did_not_arrive(account: StandIn, settings: Settings) -> None:
    with pytest.raises(CommandError, match=r"^--result") as caught:
        run(MOBILE, "--result")
    assert caught.value.returncode == 1
    settings.KAVENEGAR_RESULT_TEMPLATE = "result"
    account.templates.add("result")
    run(MOBILE, "--result")
    [message] = account.messages
    assert (message.channel, message.text) == ("lookup", "000000000000")
    assert account.received[-2].form["template"] == "result"  # the last one asks for the credit


@pytest.mark.parametrize(("option", "kind"), [("--code", None), ("--call", "call")])
def test_code_goes_the_way_of_codes(account: StandIn, option: str, kind: str | None) -> None:
    run(MOBILE, option)

    [message] = account.messages
    assert (message.channel, message.text) == ("lookup", "000000")
    assert account.received[0].form.get("type") == kind


def test_the_text_of_each_purpose_can_be_tried(account: StandIn, settings: Settings) -> None:
    settings.KAVENEGAR_CODE_TEMPLATE_RECOVERY = "recovery"
    assert "424" in refusal(MOBILE, "--code", "--purpose", "recovery")
    account.templates.add("recovery")
    run(MOBILE, "--call", "--purpose", "recovery")
    run(MOBILE, "--code", "--purpose", "device")
    assert [asked.form["template"] for asked in account.received[1:] if "template" in asked.form][-2:] == [
        "recovery",
        settings.KAVENEGAR_CODE_TEMPLATE,
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_explained_without_the_key(
    account: StandIn, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    account.codes.append(code)
    said = refusal(MOBILE)

    kind, reason = describe(code)
    assert f"{kind} {code}: {reason}" in said
    assert all(part in said for part in ("What happened: ", "What to do: ", "Citizens' messages: "))
    assert KEY[:8] not in said + "".join(capsys.readouterr())
    assert "121234" not in said
    assert (provider_status.configuration_problem() is not None) == (kind is ErrorKind.CONFIGURATION)


def test_every_return_code_that_an_operator_can_mend_has_an_advice_of_its_own() -> None:
    mend = {code for code, (kind, _) in CODES.items() if kind is ErrorKind.CONFIGURATION}

    assert mend <= advice.BY_CODE.keys() <= CODES.keys()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SmsError(ErrorKind.CONFIGURATION, 418, "credit too low"), advice.BY_CODE[418]),
        (SmsError(ErrorKind.TRANSIENT, detail="timeout", unknown=True), UNKNOWN),
        (SmsError(ErrorKind.TRANSIENT, 500, "not in the documentation", unknown=True), UNKNOWN),
        (SmsError(ErrorKind.TRANSIENT, 429, "address limited", unknown=True), UNKNOWN),
        (SmsError(ErrorKind.CONFIGURATION, 499, "not in the documentation"), ADVICE[ErrorKind.CONFIGURATION]),
        (SmsError(ErrorKind.BUG, 400, "parameters incomplete"), ADVICE[ErrorKind.BUG]),
        (SmsError(ErrorKind.PERMANENT, 411, "recipient invalid"), ADVICE[ErrorKind.PERMANENT]),
        (SmsError(ErrorKind.TRANSIENT, detail="no connection"), ADVICE[ErrorKind.TRANSIENT]),
        (SmsError(ErrorKind.TRANSIENT, 409, "server busy"), ADVICE[ErrorKind.TRANSIENT]),
    ],
)
def test_errors_are_explained_by_their_code_or_their_kind(account: StandIn, error: SmsError, expected: Advice) -> None:
    assert Kavenegar().explain(error) == expected


def test_every_kind_of_error_has_an_advice() -> None:
    assert ADVICE.keys() == set(ErrorKind)


def test_lost_answer_is_called_unknown(account: StandIn) -> None:
    account.faults.append(Fault.ACCEPT_THEN_CUT)
    assert "Nobody knows whether" in refusal(MOBILE)


def test_success_ends_a_trouble_that_was_met(account: StandIn) -> None:
    account.codes.append(424)
    refusal(MOBILE, "--code")
    assert provider_status.configuration_problem()

    run(MOBILE)
    assert provider_status.configuration_problem(), "a text says nothing about codes"
    run(MOBILE, "--code")
    assert provider_status.configuration_problem() is None


@pytest.mark.parametrize("typed", ["۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567", "00989121234567", "9121234567"])
def test_number_may_be_spelt_in_many_ways(typed: str, sms_outbox: list[Outgoing]) -> None:
    run(typed)
    assert [sent.recipient for sent in memory.outbox] == ["+989121234567"]


@pytest.mark.parametrize("typed", ["", "0912123456", "02112345678", "091212345678", "09521234567", "Ali"])
def test_what_is_no_mobile_is_refused(typed: str, sms_outbox: list[Outgoing]) -> None:
    with pytest.raises(CommandError) as caught:
        run(typed)
    assert caught.value.returncode == 1
    assert str(caught.value) in {str(text) for text in MOBILE_MESSAGES.values()}, "the words of the citizens' form"
    assert sms_outbox == []


def test_provider_may_be_chosen(account: StandIn, settings: Settings, sms_outbox: list[Outgoing]) -> None:
    settings.SMS_BACKEND = ["kavenegar", "memory"]
    run(MOBILE, "--provider", "memory")
    assert (len(sms_outbox), account.received) == (1, [])
    with pytest.raises(CommandError, match="kavenegar, memory"):
        run(MOBILE, "--provider", "other")


def test_settings_that_cannot_work_are_named(settings: Settings) -> None:
    settings.SMS_BACKEND = ["nobody"]
    with pytest.raises(CommandError, match="SMS_BACKEND"):
        run(MOBILE)


def test_sends_without_a_database(account: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("connection to 10.0.0.7 failed")

    monkeypatch.setattr(provider_status, "works", away)
    monkeypatch.setattr(provider_status, "met_problem", away)
    run(MOBILE)
    account.codes.append(403)
    refusal(MOBILE)
    told = capsys.readouterr().out

    assert len(re.findall("OperationalError", told)) == 2
    assert "10.0.0.7" not in told
