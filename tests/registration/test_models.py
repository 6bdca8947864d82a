"""The database itself refuses what must not be: inserts and updates that pass by every rule written in Python."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, ProtectedError
from django.db.models.functions import Now

from registration.models import CivilRecord, MobileOwner, RegistrationRequest, RequestEvent
from tests.people import national_code
from tests.registration.lifecycle.deciding import clerk
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
EMPTY = {"password_hash": "", "answers_hash": ""}

# Every constraint by name, the status of a whole row, and the values that break this constraint and no other.
BROKEN_REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("request_typed_in_drafts_alone", Status.SUBMITTED, {"typed": {"identity": {"first_name": "سارا"}}}),
    ("request_national_code_digits", "draft", {"national_code": "001999041"}),
    ("request_national_code_digits", "draft", {"national_code": "۰۰۱۹۹۹۰۴۱۱"}),
    ("request_national_code_digits", "draft", {"national_code": "00199904a1"}),
    ("request_mobile_e164", "draft", {"mobile": "09970000041"}),
    ("request_mobile_e164", "draft", {"mobile": "+98997000004۱"}),
    ("request_mobile_e164", "draft", {"mobile": "+989970000041\n"}),
    ("request_known_status", "branch", {"status": "approved", **EMPTY}),
    *(
        ("request_complete_unless_draft", status, {field: ""})
        for status in ("submitted", "branch", "activated")
        for field in ("first_name", "last_name", "certificate_number", "gender", "country", "city")
    ),
    ("request_complete_unless_draft", "submitted", {"birth_date": None}),
    ("request_complete_unless_draft", "submitted", {"question_1": None}),
    ("request_complete_unless_draft", "submitted", {"tracking_code": None}),
    *(("request_secrets_while_open", status, {"password_hash": ""}) for status in ("submitted", "branch", "mismatch")),
    *(("request_secrets_while_open", status, {"answers_hash": ""}) for status in ("submitted", "branch", "mismatch")),
    *(
        ("request_secrets_while_open", status, {field: "argon2$left"})
        for status in ("activated", "expired", "rejected", "superseded", "withdrawn")
        for field in EMPTY
    ),
    ("request_submitted_at_unless_draft", "draft", {"submitted_at": Now()}),
    ("request_submitted_at_unless_draft", "submitted", {"submitted_at": None}),
    ("request_submitted_at_unless_draft", "activated", {"submitted_at": None}),
    ("request_decided_at_iff_decided", "draft", {"decided_at": Now()}),
    ("request_decided_at_iff_decided", "submitted", {"decided_at": Now()}),
    *(
        ("request_decided_at_iff_decided", status, {"decided_at": None})
        for status in sorted(set(Status.values) - {"draft", "submitted"})
    ),
    ("request_decided_by_an_answer", "branch", {"identity": ""}),
    ("request_decided_by_an_answer", "mismatch", {"identity": ""}),
]
# Each kind of event with statuses that do not go with it.
BROKEN_EVENTS: list[tuple[str, dict[str, Any]]] = [
    *(
        ("event_kind_agrees_with_statuses", {"kind": kind, "from_status": before, "to_status": after})
        for kind, before, after in (
            ("", "draft", "submitted"),
            ("approved", "submitted", "activated"),
            ("submitted", "", "submitted"),
            ("decided", "submitted", "expired"),
            ("decided", "branch", "activated"),
            ("expired", "branch", "expired"),
            ("superseded", "submitted", "superseded"),
            ("withdrawn", "activated", "withdrawn"),
            ("withdrawn", "submitted", "expired"),
            ("looked", "mismatch", "mismatch"),
            ("documents_seen", "submitted", "activated"),
            ("documents_seen", "branch", "branch"),
            ("first_word", "branch", "branch"),
            ("first_word", "mismatch", "activated"),
            ("second_word", "branch", "activated"),
            ("second_word", "mismatch", "mismatch"),
            ("rejected", "submitted", "rejected"),
            ("account_existed", "submitted", "activated"),
            ("account_existed", "", ""),
            ("viewed", "branch", "branch"),
            ("taken", "branch", "branch"),
        )
    ),
    (
        "event_kind_agrees_with_statuses",
        {"kind": "corrected", "from_status": "branch", "to_status": "branch", "changes": {"first_name": ["a", "b"]}},
    ),
    ("event_kind_agrees_with_statuses", {"kind": "asked_again", "from_status": "branch", "to_status": "branch"}),
    ("event_colleague_is_of_handing_over", {"kind": "handed_over", "from_status": "", "to_status": ""}),
    ("event_words_are_somebodys", {"words": "doubt", "actor": None}),
    ("event_changes_are_of_corrections", {"changes": {"first_name": ["a", "b"]}}),
    ("event_changes_are_of_corrections", {"kind": "corrected", "from_status": "mismatch", "to_status": "mismatch"}),
]
TWICE = {"request_one_submitted_per_person", "request_tracking_code", "mobile_owner_mobile"}

PERSON = {"national_code": national_code(41), "first_name": "سارا", "last_name": "محمدی"}
OWNER = {"mobile": "+989970000041", "national_code": national_code(41)}
BROKEN_REGISTRY: list[tuple[str, type[Model], dict[str, Any]]] = [
    ("civil_record_code_digits", CivilRecord, {"national_code": "123"}),
    ("civil_record_code_digits", CivilRecord, {"national_code": "۰۰۱۹۹۹۰۴۱۱"}),
    ("mobile_owner_e164", MobileOwner, {"mobile": "09970000041"}),
    ("mobile_owner_e164", MobileOwner, {"mobile": "+989970000041\n"}),
    ("mobile_owner_code_digits", MobileOwner, {"national_code": "123"}),
]


def refuses(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=f'"{constraint}"')


@pytest.mark.parametrize(("constraint", "status", "values"), BROKEN_REQUESTS, ids=str)
def test_broken_request_is_refused(constraint: str, status: str, values: dict[str, Any]) -> None:
    """Neither updated into being nor inserted."""
    whole = make_request(41, status)
    rows = RegistrationRequest.objects.filter(pk=whole.pk)
    with refuses(constraint), transaction.atomic():
        rows.update(**values)

    rows.delete()
    for name, value in values.items():
        setattr(whole, name, value)
    with refuses(constraint), transaction.atomic():
        RegistrationRequest.objects.bulk_create([whole])


def test_one_person_has_one_request_that_is_being_checked() -> None:
    first = make_request(41, Status.SUBMITTED)
    others = [
        make_request(42, status, national_code=first.national_code) for status in set(Status) - {Status.SUBMITTED}
    ]

    with refuses("request_one_submitted_per_person"), transaction.atomic():
        make_request(43, Status.SUBMITTED, national_code=first.national_code)
    waits = next(other for other in others if other.status == Status.BRANCH)
    with refuses("request_one_submitted_per_person"), transaction.atomic():
        RegistrationRequest.objects.filter(pk=waits.pk).update(status=Status.SUBMITTED, decided_at=None)
    make_request(44, Status.SUBMITTED)


def test_tracking_codes_and_challenges_belong_to_one_request() -> None:
    first, second = make_request(41), make_request(42)
    rows = RegistrationRequest.objects.filter(pk=second.pk)

    with refuses("request_tracking_code"), transaction.atomic():
        rows.update(tracking_code=first.tracking_code)
    with pytest.raises(IntegrityError, match="verification_id"), transaction.atomic():
        rows.update(challenge=first.challenge)
    for number in (43, 44):
        make_request(number, Status.DRAFT, tracking_code=None)


@pytest.mark.parametrize(("constraint", "model", "values"), BROKEN_REGISTRY, ids=str)
def test_broken_row_of_the_registry_is_refused(constraint: str, model: type[Model], values: dict[str, Any]) -> None:
    whole = PERSON if model is CivilRecord else OWNER
    with refuses(constraint), transaction.atomic():
        model._base_manager.bulk_create([model(**{**whole, **values})])
    row = model._base_manager.create(**whole)
    with refuses(constraint), transaction.atomic():
        model._base_manager.filter(pk=row.pk).update(**values)


def test_nobody_is_in_the_registry_twice_and_a_mobile_has_one_owner() -> None:
    CivilRecord.objects.create(**PERSON)
    MobileOwner.objects.create(**OWNER)
    with refuses("civil_record_national_code"), transaction.atomic():
        CivilRecord.objects.bulk_create([CivilRecord(**{**PERSON, "last_name": "کریمی"})])
    with refuses("mobile_owner_mobile"), transaction.atomic():
        MobileOwner.objects.bulk_create([MobileOwner(**{**OWNER, "national_code": national_code(42)})])
    MobileOwner.objects.create(**{**OWNER, "mobile": "+989970000042"})


@pytest.mark.parametrize(("constraint", "values"), BROKEN_EVENTS, ids=str)
def test_broken_event_is_refused(constraint: str, values: dict[str, Any]) -> None:
    whole = {"request": make_request(41), "actor": clerk(), "kind": "rejected"}
    event = RequestEvent.objects.create(**whole, from_status="branch", to_status="rejected", words="doubt")
    with refuses(constraint), transaction.atomic():
        RequestEvent.objects.filter(pk=event.pk).update(**values)


def test_no_constraint_is_untested() -> None:
    tested = (
        {name for name, *_ in [*BROKEN_REQUESTS, *BROKEN_EVENTS, *BROKEN_REGISTRY]}
        | TWICE
        | {"civil_record_national_code"}
    )

    assert tested == {
        constraint.name
        for model in (RegistrationRequest, RequestEvent, CivilRecord, MobileOwner)
        for constraint in model._meta.constraints
    }


def test_what_happened_to_a_request_cannot_be_swept_away_with_it() -> None:
    request = make_request(41)
    RequestEvent.objects.create(request=request, kind="decided", from_status="submitted", to_status="branch")

    with pytest.raises(ProtectedError):
        request.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="requestevent"), transaction.atomic():
            cursor.execute("DELETE FROM registration_registrationrequest WHERE id = %s", [request.pk])


def test_rows_show_no_personal_data() -> None:
    request = make_request(41, birth_date=dt.date(1970, 1, 1))
    rows = (request, RequestEvent(pk=7), CivilRecord(pk=8, **PERSON), MobileOwner(pk=9, **OWNER))
    shown = " ".join(f"{row} {row!r}" for row in rows)

    assert str(request.tracking_code) in shown
    for value in (request.national_code, request.mobile, "997000", request.last_name, "1970"):
        assert value not in shown
