"""The government's gateway over real HTTP: wrappers, lists, base64, and that nothing but an answer decides."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from registration.identity import get_backend
from registration.identity.base import IdentityBackend
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.gsb import GsbBackend
from tests.people import national_code, replace
from tests.registration.identity.checking import BORN, MARYAM, gsb, kind_of
from tests.stand_ins.gsb import BASIC, CLIENT, IDENTITY_PATH, OWNERSHIP_PATH, PREFIX, Gsb, encoded, wrapped

__all__ = ["gsb"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(gsb: Gsb) -> IdentityBackend:
    return GsbBackend()


def person(gsb: Gsb, **changes: Any) -> None:
    gsb.people[MARYAM.national_code, BORN].update(changes)


# ── what is asked ──


def test_the_setting_chooses_it_behind_its_guard(backend: IdentityBackend) -> None:
    assert get_backend().name == "gsb"
    assert get_backend().identity(MARYAM).identity == "match"


def test_questions_are_those_of_the_gateway(backend: IdentityBackend, gsb: Gsb) -> None:
    backend.ownership(MARYAM)
    backend.identity(MARYAM)

    token, ownership, identity = gsb.received
    assert (token.path, token.headers["Authorization"]) == ("/oauth/token", f"Basic {CLIENT}")
    assert ownership.path == OWNERSHIP_PATH
    asked = json.loads(ownership.body)
    assert asked.pop("requestId").startswith(PREFIX)
    assert asked == {
        "serviceNumber": "09000000321",
        "serviceType": 2,
        "identificationType": 0,
        "identificationNo": MARYAM.national_code,
    }
    assert identity.path == IDENTITY_PATH
    asked = json.loads(identity.body)
    assert (asked.pop("nin"), asked.pop("birthDate")) == (MARYAM.national_code, BORN)
    assert set(asked.values()) == {"", "0"}
    for question in (ownership, identity):
        assert question.headers["Authorization"] == "Bearer gsb-token-1"
        assert question.headers["basicAuthorization"] == f"Basic {BASIC}"
        assert MARYAM.national_code not in question.path + str(question.query)


def test_the_registry_may_have_a_package_of_its_own(backend: IdentityBackend, gsb: Gsb, settings: Settings) -> None:
    settings.GSB_IDENTITY_PID = "pid-2"
    backend.ownership(MARYAM)
    assert kind_of(lambda: backend.identity(MARYAM)) is FailureKind.ODD  # the stand-in knows one pid
    assert [request.headers["pid"] for request in gsb.received[1:]] == ["pid-1", "pid-2"]


def test_request_ids_are_never_repeated(backend: IdentityBackend, gsb: Gsb) -> None:
    for _ in range(20):
        backend.ownership(MARYAM)
    assert len(set(gsb.request_ids)) == 20
    assert {len(request_id) for request_id in gsb.request_ids} == {24}


# ── ownership ──


@pytest.mark.parametrize("response", [200, "200", [200], ["200"]], ids=repr)
def test_owned(backend: IdentityBackend, gsb: Gsb, response: object) -> None:
    gsb.response = response
    answer = backend.ownership(MARYAM)
    assert (answer.ownership, answer.reference) == ("owned", f"gsb {gsb.request_ids[0]}")


def test_not_owned(backend: IdentityBackend) -> None:
    assert backend.ownership(replace(MARYAM, mobile="+989000000322")).ownership == "not_owned"


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (311, FailureKind.INPUT),
        (500, FailureKind.UNDECIDED),
        ("401", FailureKind.UNDECIDED),
        (False, FailureKind.ODD),
        ("ناموفق", FailureKind.ODD),
        ({"code": 600}, FailureKind.ODD),
    ],
)
def test_other_responses_are_no_mismatch(
    backend: IdentityBackend, gsb: Gsb, response: object, expected: FailureKind
) -> None:
    gsb.rewrite = lambda document: {"result": {"data": {"response": response}}}
    assert kind_of(lambda: backend.ownership(MARYAM)) is expected


@pytest.mark.parametrize(
    "wrap",
    [
        lambda answer: answer,
        lambda answer: {"data": answer},
        lambda answer: {"result": {"data": {"result": {"data": answer}}}},
        lambda answer: {"result": [{"data": [answer]}], "status": 200},
    ],
)
def test_wrappers_of_any_depth(backend: IdentityBackend, gsb: Gsb, wrap: Callable[[object], dict[str, Any]]) -> None:
    gsb.rewrite = lambda document: wrap({"response": 600})
    assert backend.ownership(MARYAM).ownership == "not_owned"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, FailureKind.ODD),
        ({"result": None}, FailureKind.ODD),
        ({"result": {"data": []}}, FailureKind.ODD),
        ({"result": {"data": {"comment": "…"}}}, FailureKind.ODD),
        ({"result": {"data": {"response": 600}, "status": {"statusCode": 500}}}, FailureKind.UNDECIDED),
        ({"result": {"data": {"response": 200, "requestId": "1279other"}}}, FailureKind.ODD),
        ([], FailureKind.AWAY),
        (b"<html>", FailureKind.AWAY),
    ],
)
def test_answers_without_a_response_to_this_question(
    backend: IdentityBackend, gsb: Gsb, document: Any, expected: FailureKind
) -> None:
    gsb.rewrite = lambda _: document
    assert kind_of(lambda: backend.ownership(MARYAM)) is expected


# ── identity ──


def test_the_same_person_in_base64_and_arabic_letters(backend: IdentityBackend) -> None:
    answer = backend.identity(MARYAM)
    assert answer.identity == "match"
    assert set(answer.findings.values()) == {"match"}


@pytest.mark.parametrize("number", ["0", 0, "", None, [], ["0"], MARYAM.national_code], ids=repr)
def test_certificate_numbers_of_births_from_1368(backend: IdentityBackend, gsb: Gsb, number: object) -> None:
    person(gsb, shenasnameNo=number)
    assert backend.identity(MARYAM).identity == "match"
    assert backend.identity(replace(MARYAM, certificate_number="17")).findings["certificate_number"] == "mismatch"


def test_every_value_may_come_as_a_list_of_one(backend: IdentityBackend, gsb: Gsb) -> None:
    def listed(document: dict[str, Any]) -> object:
        answer = document["result"]["data"]["getEstelam3Response"]["return"]
        return wrapped([{name: value if isinstance(value, list) else [value] for name, value in answer.items()}])

    gsb.rewrite = listed
    assert set(backend.identity(MARYAM).findings.values()) == {"match"}


def test_names_that_the_gateway_has_decoded_already(backend: IdentityBackend, gsb: Gsb) -> None:
    gsb.rewrite = lambda document: wrapped(
        document["result"]["data"]["getEstelam3Response"]["return"] | {"name": "مريم", "family": "كريمي نژاد"}
    )
    assert backend.identity(MARYAM).identity == "match"


@pytest.mark.parametrize(
    ("answered", "field"),
    [
        ({"name": "زهرا"}, "first_name"),
        ({"family": "کرمی"}, "last_name"),
        ({"gender": "1"}, "gender"),
        ({"birthDate": "13710115"}, "birth_date"),
        ({"shenasnameNo": "17"}, "certificate_number"),
        ({"shenasnameSerial": 123457}, "certificate_serial"),
        ({"shenasnameSeri": "ب12"}, "certificate_series_letter"),
        ({"shenasnameSeri": "۱۳ الف"}, "certificate_series_number"),
    ],
    ids=str,
)
def test_every_field_counts(backend: IdentityBackend, gsb: Gsb, answered: dict[str, Any], field: str) -> None:
    person(gsb, **answered)
    answer = backend.identity(MARYAM)
    assert answer.identity == "mismatch"
    assert [name for name, finding in answer.findings.items() if finding == "mismatch"] == [field]


@pytest.mark.parametrize("status", ["1", 1, "2"])
def test_the_dead_do_not_register(backend: IdentityBackend, gsb: Gsb, status: object) -> None:
    person(gsb, deathStatus=status)
    assert backend.identity(MARYAM).identity == "deceased"


def test_a_death_status_in_words_is_no_answer(backend: IdentityBackend, gsb: Gsb) -> None:
    person(gsb, deathStatus="زنده")
    assert kind_of(lambda: backend.identity(MARYAM)) is FailureKind.ODD


def test_nobody_of_that_birth_date_is_found(backend: IdentityBackend) -> None:
    answer = backend.identity(replace(MARYAM, birth_date=dt.date(1986, 6, 17)))
    assert (answer.identity, answer.findings) == ("not_found", {})


@pytest.mark.parametrize(
    ("answer", "found_out"),
    [
        ({"message": "سرويس در دسترس نيست"}, False),
        ({"exceptionMessage": "رکوردی یافت نشد"}, True),
        ({"Message": ["یافت نشد"], "name": None, "family": []}, True),
        ({"nin": "0", "name": "", "family": "", "message": ""}, False),
        ({}, False),
        ({"exceptionMessage": "timeout"}, False),
    ],
)
def test_only_words_that_say_so_mean_not_found(
    backend: IdentityBackend, gsb: Gsb, answer: dict[str, Any], found_out: bool
) -> None:
    gsb.rewrite = lambda document: wrapped(answer)
    if found_out:
        assert backend.identity(MARYAM).identity == "not_found"
    else:
        assert kind_of(lambda: backend.identity(MARYAM)) is FailureKind.ODD


def test_the_words_are_a_setting(backend: IdentityBackend, gsb: Gsb, settings: Settings) -> None:
    settings.GSB_NOT_FOUND_TEXTS = ["فردی با این مشخصات نیست"]
    gsb.rewrite = lambda document: wrapped({"message": "فردي با اين مشخصات نيست."})
    assert backend.identity(MARYAM).identity == "not_found"


@pytest.mark.parametrize(
    "answer",
    [
        {"name": "!!!", "family": encoded("کریمی")},
        {"name": base64.b64encode(b"\xff\xfe").decode(), "family": encoded("کریمی")},
        {"nin": national_code(322), "name": encoded("مریم"), "family": encoded("کریمی‌نژاد"), "birthDate": BORN},
        {"name": encoded("مریم"), "birthDate": BORN},  # no family name: a match of the rest proves nothing
    ],
)
def test_a_person_who_cannot_be_read_is_no_mismatch(backend: IdentityBackend, gsb: Gsb, answer: dict[str, Any]) -> None:
    gsb.rewrite = lambda document: wrapped(answer)
    with pytest.raises(IdentityError):
        backend.identity(MARYAM)
