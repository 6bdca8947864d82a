"""The registry in our own tables: what it answers, and that it says nothing when it cannot know."""

import datetime as dt
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from pytest_django import Settings

from registration.identity import get_backend
from registration.identity.base import Applicant, IdentityAnswer, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from registration.models import CivilRecord, MobileOwner, RegistrationRequest
from registration.registry.backend import ReferenceBackend
from tests.people import STATED, national_code, replace

APPLICANT = Applicant(national_code=national_code(311), mobile="+989000000311", **STATED)


@pytest.fixture
def record(db: None) -> CivilRecord:
    person = {name: value for name, value in vars(APPLICANT).items() if name != "mobile"}
    return CivilRecord.objects.create(**CivilRecord.with_keys(person))


@pytest.fixture
def owner(db: None) -> MobileOwner:
    return MobileOwner.objects.create(mobile=APPLICANT.mobile, national_code=APPLICANT.national_code)


def test_the_setting_names_the_backend() -> None:
    backend = get_backend()
    assert isinstance(backend, ReferenceBackend)
    assert backend.name == "reference"


def test_a_backend_that_there_is_not_lets_requests_wait(settings: Settings) -> None:
    settings.IDENTITY_BACKEND = "nobody"
    with pytest.raises(IdentityError, match="no such identity backend"):
        get_backend()


def test_an_own_mobile_is_owned(owner: MobileOwner) -> None:
    assert get_backend().ownership(APPLICANT) == OwnershipAnswer("owned", f"mobile owner {owner.pk}")


def test_the_mobile_of_somebody_else_is_not_owned(owner: MobileOwner) -> None:
    other = replace(APPLICANT, national_code=national_code(312))
    assert get_backend().ownership(other) == OwnershipAnswer("not_owned", f"mobile owner {owner.pk}")


def test_a_mobile_that_nobody_is_known_to_own_is_not_owned(owner: MobileOwner) -> None:
    other = replace(APPLICANT, mobile="+989000000312")
    assert get_backend().ownership(other) == OwnershipAnswer("not_owned")


def test_the_recorded_person_matches(record: CivilRecord) -> None:
    answer = get_backend().identity(APPLICANT)
    assert answer.identity == "match"
    assert answer.reference == f"civil record {record.pk}"
    assert set(answer.findings.values()) == {"match"}


@pytest.mark.parametrize(
    ("field", "stated"),
    [
        ("first_name", "زهرا"),
        ("last_name", "رستگار"),
        ("gender", "male"),
        ("birth_date", dt.date(1992, 4, 4)),
        ("certificate_number", "17"),
        ("certificate_serial", "123457"),
        ("certificate_series_letter", "پ"),
        ("certificate_series_number", "13"),
    ],
)
def test_every_recorded_field_counts(record: CivilRecord, field: str, stated: Any) -> None:
    answer = get_backend().identity(replace(APPLICANT, **{field: stated}))
    assert answer.identity == "mismatch"
    assert [name for name, finding in answer.findings.items() if finding == "mismatch"] == [field]


def test_the_dead_do_not_register(record: CivilRecord) -> None:
    CivilRecord.objects.update(is_alive=False)
    assert get_backend().identity(APPLICANT).identity == "deceased"


def test_somebody_whom_the_registry_lacks_is_not_found(record: CivilRecord) -> None:
    other = replace(APPLICANT, national_code=national_code(312))
    assert get_backend().identity(other) == IdentityAnswer("not_found")


def test_a_request_is_asked_about_as_it_stands(record: CivilRecord) -> None:
    fields = vars(APPLICANT)
    assert Applicant.of(RegistrationRequest(**fields)) == APPLICANT


@pytest.mark.django_db
@pytest.mark.parametrize("question", ["ownership", "identity"])
def test_before_the_first_import_nobodys_absence_says_anything(question: str) -> None:
    with pytest.raises(IdentityError, match="reference registry is empty"):
        getattr(get_backend(), question)(APPLICANT)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("question", ["ownership", "identity"])
def test_a_database_that_fails_is_a_service_that_is_down(
    record: CivilRecord, owner: MobileOwner, question: str, error: type[Exception]
) -> None:
    def fail(*args: object) -> object:
        raise error(f"Key (national_code)=({APPLICANT.national_code})")

    with connection.execute_wrapper(fail), pytest.raises(IdentityError) as caught:
        getattr(get_backend(), question)(APPLICANT)
    assert str(caught.value) == f"reference: {error.__name__}"
    assert caught.value.kind is FailureKind.DATABASE
    assert caught.value.retry_after is None
    assert caught.value.__cause__ is None  # the database's text holds values of the row
    assert caught.value.__suppress_context__
