"""Jibit over real HTTP when it refuses or fails: no code, token, fault or gateway decides about anybody."""

import socket

import pytest
from pytest_django import Settings

from registration.identity.base import IdentityBackend
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.jibit import CODES, JibitBackend
from tests.people import replace
from tests.registration.identity.checking import (
    BOTH,
    MARYAM,
    ask,
    assert_gives_nothing_away,
    failure,
    jibit,
    kind_of,
    log_everything,
    report,
)
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import Jibit

__all__ = ["jibit"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(jibit: Jibit) -> IdentityBackend:
    return JibitBackend()


@BOTH
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_kind(backend: IdentityBackend, jibit: Jibit, question: str, code: str) -> None:
    jibit.refusals.append((400, code))
    error = failure(lambda: ask(backend, question))
    assert (error.kind, str(error)) == (CODES[code], f"{CODES[code]}: {code}"[:60])


@BOTH
@pytest.mark.parametrize("code", ["person 0019991010 not known", None, 17, ""], ids=repr)
def test_codes_that_nobody_knows_are_no_answer_and_not_repeated(
    backend: IdentityBackend, jibit: Jibit, question: str, code: object
) -> None:
    jibit.refusals.append((400, code))
    error = failure(lambda: ask(backend, question))
    assert (error.kind, str(error)) == (FailureKind.ODD, "odd answer: unknown code, HTTP 400")


def test_not_found_says_nothing_about_a_mobile(backend: IdentityBackend, jibit: Jibit) -> None:
    jibit.refusals.append((404, "identity_info.not_found"))
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.ODD


@BOTH
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_errors_of_the_server_are_no_answer_whatever_they_say(
    backend: IdentityBackend, jibit: Jibit, question: str, status: int
) -> None:
    jibit.refusals.append((status, "identity_info.not_found"))
    assert kind_of(lambda: ask(backend, question)) is FailureKind.AWAY


@BOTH
@pytest.mark.parametrize("status", [408, 425, 429])
def test_being_asked_to_come_later(backend: IdentityBackend, jibit: Jibit, question: str, status: int) -> None:
    jibit.refusals.append((status, "daily_limit.reached"))
    error = failure(lambda: ask(backend, question))
    assert (error.kind, error.retry_after) == (FailureKind.LIMITED, 60)


def test_without_a_birth_date_nobody_is_asked(backend: IdentityBackend, jibit: Jibit) -> None:
    assert kind_of(lambda: backend.identity(replace(MARYAM, birth_date=None))) is FailureKind.INPUT
    assert jibit.received == []


# ── tokens ──


@BOTH
def test_a_token_that_ran_out_is_renewed_once(backend: IdentityBackend, jibit: Jibit, question: str) -> None:
    ask(backend, question)
    jibit.expire()
    ask(backend, question)
    assert (jibit.fetched, len(jibit.asked)) == (2, 3)


@BOTH
def test_tokens_that_are_always_refused_end_the_question(backend: IdentityBackend, jibit: Jibit, question: str) -> None:
    jibit.refuse_tokens = True
    error = failure(lambda: ask(backend, question))
    assert (error.kind, str(error)) == (FailureKind.REFUSED, "credentials refused: HTTP 401 for a new token")
    assert (jibit.fetched, len(jibit.asked)) == (2, 2)


@BOTH
def test_forbidden_is_asked_once_more_with_a_new_token(backend: IdentityBackend, jibit: Jibit, question: str) -> None:
    jibit.refusals.extend([(403, "forbidden"), (403, "forbidden")])
    assert kind_of(lambda: ask(backend, question)) is FailureKind.FORBIDDEN
    assert (jibit.fetched, len(jibit.asked)) == (2, 2)


def test_wrong_keys(backend: IdentityBackend, jibit: Jibit, settings: Settings) -> None:
    settings.JIBIT_SECRET_KEY = "another"
    error = failure(lambda: backend.ownership(MARYAM))
    assert (error.kind, str(error)) == (FailureKind.REFUSED, "credentials refused: HTTP 401 for a token")
    assert jibit.asked == []


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.CUT, Fault.SLOW])
def test_token_address_that_is_away(backend: IdentityBackend, jibit: Jibit, fault: Fault) -> None:
    jibit.faults.append(fault)
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.AWAY
    assert backend.ownership(MARYAM).ownership == "owned"


# ── faults ──

AFTER = {Fault.LIMITED: FailureKind.LIMITED, Fault.REDIRECT: FailureKind.ODD}


@BOTH
@pytest.mark.parametrize("fault", Fault)
def test_no_fault_decides_anything(
    backend: IdentityBackend, jibit: Jibit, question: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    backend.ownership(MARYAM)  # has fetched the token
    jibit.owners.clear()
    jibit.people.clear()
    jibit.faults.append(fault)

    error = failure(lambda: ask(backend, question))

    assert error.kind is AFTER.get(fault, FailureKind.AWAY)
    assert len(jibit.asked) == 2, "nothing is repeated here"
    assert_gives_nothing_away(report(error) + caplog.text, "127.0.0.1")


@pytest.mark.parametrize("document", [b"", b"<html>", [], "true", None, 1])
def test_other_things_than_an_object_are_no_answer(backend: IdentityBackend, jibit: Jibit, document: object) -> None:
    jibit.rewrite = lambda _: document
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.AWAY


def test_nobody_there(backend: IdentityBackend, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.JIBIT_BASE_URL = f"http://127.0.0.1:{taken.getsockname()[1]}/ide"
        assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.AWAY


@BOTH
@pytest.mark.parametrize("code", [*CODES, "person 0019991010"])
def test_refusals_and_answers_give_nothing_away(
    backend: IdentityBackend, jibit: Jibit, question: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    answer = ask(backend, question)
    jibit.refusals.append((400, code))
    error = failure(lambda: ask(backend, question))
    assert_gives_nothing_away(report(error) + caplog.text + repr(answer), "0019991010")


def test_reasons_fit_where_they_are_kept() -> None:
    assert len(str(IdentityError(FailureKind.ODD, "x" * 100))) == 60
    assert str(IdentityError(FailureKind.PAUSED)) == "paused"
