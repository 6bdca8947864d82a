"""The ledger of identity checks: how often one person is asked about in a day, exactly, also in parallel."""

import datetime as dt

import pytest
from pytest_django import Settings

from registration.identity import check, get_backend
from registration.identity.base import Applicant, IdentityBackend, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from registration.models import IdentityCheck
from tests import clock
from tests.people import national_code, replace
from tests.registration.identity.checking import MARYAM, failure, jibit, kind_of
from tests.registration.rows import make_request
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import Jibit
from tests.threads import together

__all__ = ["jibit"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backend(jibit: Jibit, settings: Settings) -> IdentityBackend:
    settings.LIMIT_INQUIRIES_PER_NATIONAL_CODE = [(3, 86_400)]
    return get_backend()


def outcomes() -> list[tuple[str, str]]:
    return list(IdentityCheck.objects.order_by("pk").values_list("operation", "outcome"))


def test_each_question_is_a_row(backend: IdentityBackend, jibit: Jibit) -> None:
    backend.ownership(MARYAM)
    backend.identity(MARYAM)
    backend.ownership(replace(MARYAM, national_code=national_code(322)))
    backend.identity(replace(MARYAM, birth_date=dt.date(1986, 6, 17)))

    assert outcomes() == [
        ("ownership", "owned"),
        ("identity", "match"),
        ("ownership", "not_owned"),
        ("identity", "not_found"),
    ]
    assert set(IdentityCheck.objects.values_list("provider", flat=True)) == {"jibit"}


@pytest.mark.usefixtures("still_here")
def test_the_fourth_is_not_asked(backend: IdentityBackend, jibit: Jibit) -> None:
    backend.ownership(MARYAM)
    clock.advance(hours=1)
    backend.identity(MARYAM)
    backend.ownership(MARYAM)

    error = failure(lambda: backend.identity(MARYAM))

    assert (error.kind, str(error), len(jibit.asked)) == (FailureKind.CAPPED, "inquiry limit", 3)
    assert error.retry_after == 23 * 3600
    clock.advance(seconds=error.retry_after)
    assert backend.identity(MARYAM).identity == "match"
    assert kind_of(lambda: backend.identity(MARYAM)) is FailureKind.CAPPED


def test_each_person_has_a_limit_of_their_own(backend: IdentityBackend) -> None:
    for _ in range(3):
        backend.ownership(MARYAM)
    assert backend.ownership(replace(MARYAM, national_code=national_code(322))).ownership == "not_owned"


@pytest.mark.usefixtures("still_here")
def test_every_window_counts(backend: IdentityBackend, settings: Settings) -> None:
    settings.LIMIT_INQUIRIES_PER_NATIONAL_CODE = [(2, 60), (3, 86_400)]
    backend.ownership(MARYAM)
    backend.ownership(MARYAM)
    assert failure(lambda: backend.ownership(MARYAM)).retry_after == 60
    clock.advance(seconds=61)
    backend.ownership(MARYAM)
    assert failure(lambda: backend.ownership(MARYAM)).retry_after == 86_400 - 61


def test_a_crowd_gets_exactly_the_three(backend: IdentityBackend, jibit: Jibit) -> None:
    jibit.delay = 0.1
    answers = together(lambda: get_backend().ownership(MARYAM), 8)
    assert sum(isinstance(answer, OwnershipAnswer) for answer in answers) == 3
    assert [answer.kind for answer in answers if isinstance(answer, IdentityError)] == [FailureKind.CAPPED] * 5
    assert len(jibit.asked) == 3


def test_a_question_without_an_answer_is_not_paid(backend: IdentityBackend, jibit: Jibit) -> None:
    backend.ownership(MARYAM)
    jibit.faults.extend([Fault.BAD_GATEWAY, Fault.CUT])
    jibit.refusals.extend([(400, "matching.unknown"), (400, "balance.not_enough")])
    for _ in range(4):
        assert kind_of(lambda: backend.ownership(MARYAM)) is not FailureKind.CAPPED
    assert outcomes() == [("ownership", "owned")] + [("ownership", "no answer")] * 4
    backend.ownership(MARYAM)
    backend.ownership(MARYAM)
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.CAPPED


def test_a_question_whose_worker_died_counts(backend: IdentityBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(applicant: Applicant) -> OwnershipAnswer:
        raise Killed

    monkeypatch.setattr("registration.identity.jibit.JibitBackend.ownership", lambda self, applicant: die(applicant))
    for _ in range(3):
        with pytest.raises(Killed):
            backend.ownership(MARYAM)
    assert outcomes() == [("ownership", "")] * 3
    assert kind_of(lambda: backend.identity(MARYAM)) is FailureKind.CAPPED


def test_a_request_over_the_limit_ends_undecided(backend: IdentityBackend, jibit: Jibit) -> None:
    for _ in range(3):
        backend.ownership(MARYAM)
    person = dict(vars(MARYAM))
    request = make_request(321, "submitted", **person)

    check.drain()

    request.refresh_from_db()
    assert (request.status, request.ownership, request.lease_token) == ("expired", "", None)
    assert list(request.events.values_list("kind", flat=True)) == ["capped"]
    assert request.capped
