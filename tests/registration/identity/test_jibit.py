"""Jibit over real HTTP: what it is asked, how its answers are read, and that nothing but an answer decides."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from registration.identity import get_backend
from registration.identity.base import IdentityBackend
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.jibit import JibitBackend
from tests.people import national_code, replace
from tests.registration.identity.checking import BORN, MARYAM, jibit, kind_of
from tests.stand_ins.jibit import API_KEY, SECRET_KEY, Jibit

__all__ = ["jibit"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(jibit: Jibit) -> IdentityBackend:
    return JibitBackend()


def person(jibit: Jibit, **changes: Any) -> None:
    jibit.people[MARYAM.national_code, BORN].update(changes)


# ── what is asked ──


def test_the_setting_chooses_it_behind_its_guard(backend: IdentityBackend) -> None:
    assert get_backend().name == "jibit"
    assert get_backend().ownership(MARYAM).ownership == "owned"


def test_questions_are_those_of_the_contract(backend: IdentityBackend, jibit: Jibit) -> None:
    backend.ownership(MARYAM)
    backend.identity(MARYAM)

    token, matching, identity = jibit.received
    assert (token.method, token.path) == ("POST", "/ide/v1/tokens/generate")
    assert json.loads(token.body) == {"apiKey": API_KEY, "secretKey": SECRET_KEY}
    assert (matching.method, matching.path) == ("GET", "/ide/v1/services/matching")
    assert matching.query == {"nationalCode": MARYAM.national_code, "mobileNumber": "09000000321"}
    assert (identity.method, identity.path) == ("GET", "/ide/v1/services/identity")
    assert identity.query == {"nationalCode": MARYAM.national_code, "birthDate": BORN}
    assert matching.headers["Authorization"] == identity.headers["Authorization"] == "Bearer access-token-1"
    assert matching.headers["X-TRACK-ID"] != identity.headers["X-TRACK-ID"]


# ── how answers are read ──


def test_ownership(backend: IdentityBackend, jibit: Jibit) -> None:
    answer = backend.ownership(MARYAM)
    assert (answer.ownership, answer.reference) == ("owned", f"jibit {jibit.received[-1].headers['X-TRACK-ID']}")
    assert backend.ownership(replace(MARYAM, mobile="+989000000322")).ownership == "not_owned"


@pytest.mark.parametrize("matched", [None, "true", "false", 0, 1, "", [], {}], ids=repr)
def test_matched_is_true_or_false_or_no_answer(backend: IdentityBackend, jibit: Jibit, matched: object) -> None:
    jibit.rewrite = lambda document: {"matched": matched}
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.ODD


def test_matched_that_is_missing_is_no_answer(backend: IdentityBackend, jibit: Jibit) -> None:
    jibit.rewrite = lambda document: {}
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.ODD


@pytest.mark.parametrize(("status", "expected"), [(200, FailureKind.UNDECIDED), (400, FailureKind.UNDECIDED)])
def test_false_beside_an_error_is_no_mismatch(
    backend: IdentityBackend, jibit: Jibit, status: int, expected: FailureKind
) -> None:
    jibit.owners.clear()
    if status == 200:
        jibit.rewrite = lambda document: document | {"code": "matching.unknown"}
    else:
        jibit.refusals.append((status, "matching.unknown"))
    assert kind_of(lambda: backend.ownership(MARYAM)) is expected


def test_the_same_person_in_arabic_letters_and_without_a_certificate_number(backend: IdentityBackend) -> None:
    answer = backend.identity(MARYAM)
    assert (answer.identity, answer.reference) == ("match", "jibit trk-81")
    assert set(answer.findings.values()) == {"match"}


def test_who_was_found_was_found_by_the_birth_date_too(backend: IdentityBackend, jibit: Jibit) -> None:
    """Without a number on the certificate nothing else in the answer would tell one bearer of a name from another."""
    jibit.rewrite = lambda document: {"identityInfo": document["identityInfo"]}
    answer = backend.identity(MARYAM)
    assert (answer.identity, answer.findings["birth_date"]) == ("match", "match")


@pytest.mark.parametrize("number", [0, None, "", int(MARYAM.national_code), MARYAM.national_code], ids=repr)
def test_certificate_numbers_of_births_from_1368(backend: IdentityBackend, jibit: Jibit, number: object) -> None:
    person(jibit, identificationNumber=number)
    assert backend.identity(MARYAM).identity == "match"
    assert backend.identity(replace(MARYAM, certificate_number="17")).findings["certificate_number"] == "mismatch"


def test_certificate_number_of_an_earlier_birth(backend: IdentityBackend, jibit: Jibit) -> None:
    old = replace(MARYAM, birth_date=dt.date(1972, 3, 30), certificate_number="417")  # 10 Farvardin 1351
    jibit.people[old.national_code, "13510110"] = jibit.people[old.national_code, BORN] | {"identificationNumber": 417}
    assert backend.identity(old).identity == "match"
    assert backend.identity(replace(old, certificate_number="418")).identity == "mismatch"


@pytest.mark.parametrize(
    ("answered", "field"),
    [
        ({"firstName": "زهرا"}, "first_name"),
        ({"lastName": "کرمی"}, "last_name"),
        ({"gender": "MALE"}, "gender"),
        ({"identificationNumber": 17}, "certificate_number"),
        ({"identificationSerialNumber": 123457}, "certificate_serial"),
        ({"identificationSerialCode": "ب12"}, "certificate_series_letter"),
        ({"identificationSerialCode": "13الف"}, "certificate_series_number"),
        ({"birthDate": "13710115"}, "birth_date"),
    ],
    ids=str,
)
def test_every_field_counts(backend: IdentityBackend, jibit: Jibit, answered: dict[str, Any], field: str) -> None:
    person(jibit, **answered)
    answer = backend.identity(MARYAM)
    assert answer.identity == "mismatch"
    assert [name for name, finding in answer.findings.items() if finding == "mismatch"] == [field]


@pytest.mark.parametrize(
    "answered",
    [
        {"gender": "UNKNOWN"},
        {"gender": None},
        {"identificationSerialCode": None},
        {"identificationSerialCode": "سری جدید 7 و 8"},
        {"identificationSerialNumber": -1},
        {"birthDate": "13710000"},
        {"fatherName": None, "birthPlace": None, "providerTrackerId": "آقای 0019991010"},
    ],
    ids=str,
)
def test_what_it_does_not_say_or_nobody_can_read_is_no_difference(
    backend: IdentityBackend, jibit: Jibit, answered: dict[str, Any]
) -> None:
    person(jibit, **answered)
    answer = backend.identity(MARYAM)
    assert answer.identity == "match"
    assert "001999" not in answer.reference


@pytest.mark.parametrize(
    ("first", "last", "identity", "findings"),
    [
        (100, 96, "match", ("match", "match")),
        (82, 100, "match", ("similar", "match")),
        (95.5, 79, "mismatch", ("match", "mismatch")),
        (True, "100", "match", ("match", "match")),  # no percentages: the texts count
    ],
)
def test_similarity_counts_in_place_of_the_texts(
    backend: IdentityBackend, jibit: Jibit, first: Any, last: Any, identity: str, findings: tuple[str, str]
) -> None:
    person(jibit, firstNameSimilarityPercentage=first)
    jibit.rewrite = lambda document: document | {"lastNameSimilarityPercentage": last}
    if isinstance(first, float | int) and not isinstance(first, bool):
        person(jibit, firstName=None, lastName=None)
    answer = backend.identity(MARYAM)
    assert (answer.identity, (answer.findings["first_name"], answer.findings["last_name"])) == (identity, findings)


@pytest.mark.parametrize("answered", [{"alive": False}, {"alive": None, "deathDate": "13990101"}], ids=str)
def test_the_dead_do_not_register(backend: IdentityBackend, jibit: Jibit, answered: dict[str, Any]) -> None:
    person(jibit, **answered)
    assert backend.identity(MARYAM).identity == "deceased"


@pytest.mark.parametrize("birth_date", [dt.date(1992, 4, 4), dt.date(1986, 6, 17)])
def test_nobody_of_that_birth_date_is_found(backend: IdentityBackend, birth_date: dt.date) -> None:
    answer = backend.identity(replace(MARYAM, birth_date=birth_date))
    assert (answer.identity, answer.findings) == ("not_found", {})


ODD_PEOPLE: dict[str, Callable[[dict[str, Any]], object]] = {
    "no person": lambda document: {},
    "null": lambda document: document | {"identityInfo": None},
    "a list": lambda document: document | {"identityInfo": []},
    "somebody else": lambda document: document | {"nationalCode": national_code(322)},
    "somebody else within": lambda document: document | {"identityInfo": {"nationalCode": national_code(322)}},
    "alive in words": lambda document: document | {"identityInfo": document["identityInfo"] | {"alive": "false"}},
    "names missing": lambda document: document | {"identityInfo": {"alive": True}},
}


@pytest.mark.parametrize("odd", ODD_PEOPLE)
def test_a_person_who_cannot_be_read_is_no_mismatch(backend: IdentityBackend, jibit: Jibit, odd: str) -> None:
    jibit.rewrite = ODD_PEOPLE[odd]
    with pytest.raises(IdentityError):
        backend.identity(MARYAM)


def test_a_national_code_without_its_zeros_is_the_same(backend: IdentityBackend, jibit: Jibit) -> None:
    jibit.rewrite = lambda document: document | {"nationalCode": int(MARYAM.national_code)}
    assert backend.identity(MARYAM).identity == "match"
