"""What an attack looks like in the log, and that the log knows nobody."""

from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from infra import security_log
from infra.limits import LimitReached
from tests.people import national_code

CODE = national_code(71)


def lines(log: StringIO) -> list[str]:
    return [line.partition("infra.security_log ")[2] for line in log.getvalue().splitlines()]


def test_a_line_names_an_account_and_an_address_by_fingerprint(log: StringIO) -> None:
    with security_log.visit("192.0.2.7", "portal") as request_id:
        security_log.tell("password", outcome="wrong", national_code=CODE)
    account = security_log.fingerprint("account", CODE)
    address = security_log.fingerprint("address", "192.0.2.7")
    assert lines(log) == [f"[{request_id}] password outcome=wrong area=portal address={address} account={account}"]


def test_what_a_request_is_about_stays_with_it(log: StringIO) -> None:
    with security_log.visit("192.0.2.7", "desk"):
        security_log.concerns(CODE)
        LimitReached("sign-in-ip", 60)
    with security_log.visit("192.0.2.7", "desk"):
        LimitReached("sign-in-ip", 60)
    first, second = lines(log)
    assert "limit rule=sign-in-ip wait=60 area=desk" in first
    assert f"account={security_log.fingerprint('account', CODE)}" in first
    assert "account=" not in second


def test_every_request_has_an_id_of_its_own() -> None:
    seen = []

    def answer() -> None:
        with security_log.visit("192.0.2.7", "portal") as request_id:
            seen.append((request_id, security_log.request_id()))

    for _ in range(2):
        thread = Thread(target=answer)
        thread.start()
        thread.join()
    (first, also_first), (second, also_second) = seen
    assert (first, second) == (also_first, also_second)
    assert first != second
    assert security_log.request_id() == "-"


def test_a_fingerprint_depends_on_the_kind_and_the_key(settings: Settings) -> None:
    before = security_log.fingerprint("account", CODE)
    assert len(before) == 16
    assert before == security_log.fingerprint("account", CODE)
    assert before != security_log.fingerprint("address", CODE)
    settings.SECRET_KEY = "another secret key"
    assert before != security_log.fingerprint("account", CODE)


@pytest.mark.parametrize("value", ["سارا", "0912 123 4567", "a\nb", "a=b", "Sara", "a@example.com"])
def test_a_fact_is_a_word_of_ours(value: str) -> None:
    with pytest.raises(ValueError, match=r"^password: outcome is no word of ours$"):
        security_log.tell("password", outcome=value)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    stdin = StringIO()
    monkeypatch.setattr("sys.stdin", stdin)
    return stdin


@pytest.mark.parametrize(
    ("typing", "kind", "value"),
    [(f" {CODE[:3]}-{CODE[3:]}\n", "account", CODE), ("192.0.2.7", "address", "192.0.2.7")],
)
def test_an_operator_finds_the_fingerprint_of_somebody(typed: StringIO, typing: str, kind: str, value: str) -> None:
    typed.write(typing)
    typed.seek(0)
    out = StringIO()
    call_command("fingerprint", stdout=out)
    assert out.getvalue() == f"{kind}={security_log.fingerprint(kind, value)}\n"


def test_of_anything_else_there_is_none(typed: StringIO) -> None:
    typed.write("somebody\n")
    typed.seek(0)
    with pytest.raises(CommandError) as error:
        call_command("fingerprint")
    assert "somebody" not in str(error.value)
