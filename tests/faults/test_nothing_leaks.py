"""A whole registration by the real provider's protocol, with faults on the way: neither the account's key nor anything
about the person is told to a log, to Redis, to a task or by an exception.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings
from redis import Redis

from infra.http import HttpError
from registration.models import RegistrationRequest
from sms import provider_status, tasks
from sms.backends.base import SmsError
from sms.models import Message
from sms.outbox import delivery, reports
from tests import clock
from tests.registration.wizard.test_session_scan import PERSIAN, found
from tests.registration.wizard.walking import (
    ANSWER,
    PASSWORD,
    RECEIVED,
    RESEND,
    Citizen,
    assert_leads_to,
    contact,
    errors,
    identify,
    send,
    wrong_code,
)
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import DELIVERED, KEY
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db(transaction=True)

ME = Citizen(733, first_name="پوراندخت", last_name="کلباسی")
CALLBACK_SECRET = "kR7-panel_8mZq2xVw5nT9bYc3"
EMAIL = "narges@example.com"
MOBILES = (ME.mobile, ME.mobile[1:], ME.mobile[3:], f"0{ME.mobile[3:]}")
PRIVATE = (*MOBILES, ME.national_code, ME.first_name, ME.last_name, EMAIL, PASSWORD, ANSWER, "073516")
ACCOUNT = (KEY, KEY[:8], "stand-in-key", CALLBACK_SECRET)


@pytest.fixture
def heard(clean_redis: Redis) -> Iterator[list[str]]:
    """Every command that Redis gets while the test lasts, as its MONITOR shows it, scripts and values included."""
    commands: list[str] = []
    end, ours = "the end of the test", int(clean_redis.get_connection_kwargs()["db"])
    listening = Redis.from_url(django_settings.REDIS_URL, socket_timeout=None)  # a busy machine may be silent for long
    with listening, listening.monitor() as monitor:  # type: ignore[no-untyped-call]

        def listen() -> None:
            for command in monitor.listen():
                if int(command["db"]) != ours:
                    continue  # of tests that run at the same time
                commands.append(plain(str(command["command"])))
                if end in commands[-1]:
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        yield commands
        clean_redis.echo(end)
        listener.join(60)


def plain(command: str) -> str:
    r"""MONITOR writes bytes that are not ASCII as \xNN."""
    raw = command.encode("ascii", "backslashreplace").decode("unicode_escape")
    return raw.encode("latin-1", "backslashreplace").decode("utf-8", "backslashreplace")


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the errors of the way out could tell."""
    told: list[str] = []
    for kind in (SmsError, HttpError):
        original = kind.__init__

        def init(self: Exception, *args: Any, _original: Any = original, **options: Any) -> None:
            _original(self, *args, **options)
            told.append(f"{self!r} {self} {vars(self)} {self.__context__!r}")

        monkeypatch.setattr(kind, "__init__", init)
    return told


def codes_sent(account: StandIn) -> list[str]:
    return [message.text for message in account.messages if message.channel == "lookup"]


def register(client: Client, account: StandIn) -> None:
    """As citizens do, with every kind of trouble at the provider."""
    errors(contact(client, ME, national_code="123"))
    account.codes.append(403)
    contact(client, ME)
    delivery.drain("codes")
    clock.advance(minutes=12)
    account.codes.append(409)
    client.post(RESEND)
    delivery.drain("codes")
    clock.advance(seconds=3)
    account.faults.append(Fault.ACCEPT_THEN_GARBAGE)  # it reaches the phone, and nobody here knows
    delivery.drain("codes")
    code = codes_sent(account)[-1]
    errors(send(client, "activation", {"code": wrong_code(ME)}))
    assert send(client, "activation", {"code": code.translate(PERSIAN)}).status_code == 302
    assert "city" in errors(identify(client, ME, city="ناکجا"))
    assert_leads_to(identify(client, ME), RECEIVED)
    assert client.get(RECEIVED).status_code == 200


def be_told(account: StandIn, client: Client, everything_due: Callable[[], int]) -> None:
    """The result is decided, gets lost on its way, is found again and reported."""
    for trouble in (451, 418, Fault.ACCEPT_THEN_CUT, Fault.CUT, 403, Fault.HUGE, None):
        if isinstance(trouble, Fault):
            account.faults.append(trouble)
        elif trouble:
            account.codes.append(trouble)
        tasks.sweep()
        everything_due()
        clock.advance(minutes=11)
    [result] = [message for message in account.messages if message.channel == "send"]
    assert ME.last_name in result.text
    result.state = DELIVERED
    for ask in (reports.poll, provider_status.check_accounts):
        account.codes.append(407)
        ask()
        clock.advance(minutes=11)
        ask()
    report = {"messageid": str(result.id), "status": "11"}
    assert client.get(f"/sms/kavenegar/status/{CALLBACK_SECRET}", report).status_code == 200
    assert client.get(f"/sms/kavenegar/status/{CALLBACK_SECRET}x", report).status_code == 403
    assert Message.objects.get(purpose="result").state == "delivered"


def test_whole_registration_gives_nothing_away(
    account: StandIn, client: Client, settings: Settings, heard: list[str], raised: list[str],
    caplog: pytest.LogCaptureFixture, drain: Callable[[], int]
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    for name in ("sms", "django", "celery"):
        caplog.set_level(logging.DEBUG, logger=name)
    settings.KAVENEGAR_CALLBACK_SECRET = CALLBACK_SECRET
    ME.enter_registry()
    register(client, account)
    be_told(account, client, drain)
    assert RegistrationRequest.objects.get().status == "activated"
    signed_in = client.post("/accounts/login/", {"national_code": ME.national_code, "password": PASSWORD})
    assert signed_in.status_code == 302
    drain()  # a code, if this browser is new to the account
    logs = [f"{record.name} {record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records]
    places = {"Redis": "\n".join(heard), "logs": "\n".join(logs), "errors": "\n".join(raised)}

    # What is searched is there: wake-ups, lines, errors of every class.
    for task in ("sms.deliver_code", "registration.check_identity", "sms.drain_texts"):
        assert task in places["Redis"]
    assert all(level in {record.levelname for record in caplog.records} for level in ("WARNING", "ERROR"))
    for kind in ("configuration 403", "transient 451", "unknown: ", "connection broken"):
        assert kind in places["errors"]
    for secret in (*PRIVATE, *ACCOUNT, *codes_sent(account)):
        for place, told in places.items():
            assert not found(secret, told), f"{secret} in {place}"


@pytest.mark.parametrize("secret", [KEY, ME.national_code, ME.last_name, "482913"])
def test_search_finds_what_is_hidden(secret: str) -> None:
    hidden = [secret, secret.translate(PERSIAN), secret.encode().hex(), plain(repr(secret.encode()))]
    for text in hidden:
        assert found(secret, f"<{text}>"), text
