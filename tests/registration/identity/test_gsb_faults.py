"""The government's gateway over real HTTP when it refuses or fails: no token, fault or page decides anything."""

import pytest
from pytest_django import Settings

from registration.identity import gsb as gsb_backend
from registration.identity.base import IdentityBackend
from registration.identity.failures import FailureKind
from registration.identity.gsb import GsbBackend
from tests.registration.identity.checking import (
    BOTH,
    MARYAM,
    ask,
    assert_gives_nothing_away,
    failure,
    gsb,
    log_everything,
    report,
)
from tests.stand_ins.gsb import Gsb, wrapped
from tests.stand_ins.http import Fault

__all__ = ["gsb"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(gsb: Gsb) -> IdentityBackend:
    return GsbBackend()


@BOTH
def test_a_token_that_ran_out_is_renewed_once(backend: IdentityBackend, gsb: Gsb, question: str) -> None:
    ask(backend, question)
    gsb.expire()
    ask(backend, question)
    assert (gsb.fetched, len(gsb.received)) == (2, 5)


@BOTH
def test_tokens_that_are_always_refused_end_the_question(backend: IdentityBackend, gsb: Gsb, question: str) -> None:
    gsb.refuse_tokens = True
    error = failure(lambda: ask(backend, question))
    assert (error.kind, str(error)) == (FailureKind.REFUSED, "credentials refused: HTTP 403 for a new token")
    assert gsb.fetched == 2


def test_wrong_password(backend: IdentityBackend, gsb: Gsb, settings: Settings) -> None:
    settings.GSB_PASSWORD = "another"
    assert str(failure(lambda: backend.ownership(MARYAM))) == "credentials refused: HTTP 400 for a token"
    assert gsb.fetched == len(gsb.received) == 1


@pytest.mark.parametrize(("lives", "expected"), [(3600, 3540), ("1800", 1740), (None, 540), (30, 1)])
def test_tokens_are_kept_as_long_as_they_live_less_a_minute(
    backend: IdentityBackend, gsb: Gsb, monkeypatch: pytest.MonkeyPatch, lives: object, expected: float
) -> None:
    gsb.lives = lives
    fetched = gsb_backend.account().fetch(5)
    assert max(fetched.seconds - 60, 1) == expected


AFTER = {Fault.LIMITED: FailureKind.LIMITED, Fault.REDIRECT: FailureKind.ODD}


@BOTH
@pytest.mark.parametrize("fault", Fault)
def test_no_fault_decides_anything(
    backend: IdentityBackend, gsb: Gsb, question: str, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    backend.ownership(MARYAM)  # has fetched the token
    gsb.owners.clear()
    gsb.people.clear()
    gsb.faults.append(fault)

    error = failure(lambda: ask(backend, question))

    assert error.kind is AFTER.get(fault, FailureKind.AWAY)
    assert len(gsb.received) == 3, "nothing is repeated here"
    assert_gives_nothing_away(report(error) + caplog.text, "127.0.0.1")


@BOTH
def test_answers_give_nothing_away(
    backend: IdentityBackend, gsb: Gsb, question: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    answer = ask(backend, question)
    gsb.rewrite = lambda document: wrapped({"message": "مریم کریمی ۱۳۷۱/۰۱/۱۴", "name": "0", "family": "1"})
    error = failure(lambda: ask(backend, question))
    assert_gives_nothing_away(report(error) + caplog.text + repr(answer), "۱۳۷۱")
