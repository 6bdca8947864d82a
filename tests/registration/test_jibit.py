"""Jibit over real HTTP: what it is asked, how its answers are read, and that nothing but an answer decides."""

import datetime as dt
import json
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from registration.identity import get_backend
from registration.identity.base import Applicant, Backend, IdentityAnswer, OwnershipAnswer, Unavailable
from registration.identity.failures import Trouble
from registration.identity.jibit import CODES, JibitBackend
from tests.people import national_code
from tests.registration.inquiring import (
    BORN,
    MARYAM,
    assert_gives_nothing_away,
    failure,
    hurry,
    jibit,
    log_everything,
    report,
    trouble,
)
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import API_KEY, SECRET_KEY, Jibit

__all__ = ["hurry", "jibit"]  # fixtures

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("question", ["ownership", "identity"])


@pytest.fixture
def backend(jibit: Jibit) -> Backend:
    return JibitBackend()


def ask(backend: Backend, question: str, applicant: Applicant = MARYAM) -> OwnershipAnswer | IdentityAnswer:
    answer: OwnershipAnswer | IdentityAnswer = getattr(backend, question)(applicant)
    return answer


def person(jibit: Jibit, **changes: Any) -> None:
    jibit.people[MARYAM.national_code, BORN].update(changes)


# ── what is asked ──


def test_the_setting_chooses_it_behind_its_guard(backend: Backend) -> None:
    assert get_backend().name == "jibit"
    assert get_backend().ownership(MARYAM).ownership == "owned"


def test_questions_are_those_of_the_contract(backend: Backend, jibit: Jibit) -> None:
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


def test_ownership(backend: Backend, jibit: Jibit) -> None:
    answer = backend.ownership(MARYAM)
    assert (answer.ownership, answer.reference) == ("owned", f"jibit {jibit.received[-1].headers['X-TRACK-ID']}")
    assert backend.ownership(replace(MARYAM, mobile="+989000000322")).ownership == "not_owned"


@pytest.mark.parametrize("matched", [None, "true", "false", 0, 1, "", [], {}], ids=repr)
def test_matched_is_true_or_false_or_no_answer(backend: Backend, jibit: Jibit, matched: object) -> None:
    jibit.rewrite = lambda document: {"matched": matched}
    assert trouble(lambda: backend.ownership(MARYAM)) is Trouble.ODD


def test_matched_that_is_missing_is_no_answer(backend: Backend, jibit: Jibit) -> None:
    jibit.rewrite = lambda document: {}
    assert trouble(lambda: backend.ownership(MARYAM)) is Trouble.ODD


@pytest.mark.parametrize(("status", "expected"), [(200, Trouble.UNDECIDED), (400, Trouble.UNDECIDED)])
def test_false_beside_an_error_is_no_mismatch(backend: Backend, jibit: Jibit, status: int, expected: Trouble) -> None:
    jibit.owners.clear()
    if status == 200:
        jibit.rewrite = lambda document: document | {"code": "matching.unknown"}
    else:
        jibit.refusals.append((status, "matching.unknown"))
    assert trouble(lambda: backend.ownership(MARYAM)) is expected


def test_the_same_person_in_arabic_letters_and_without_a_certificate_number(backend: Backend) -> None:
    answer = backend.identity(MARYAM)
    assert (answer.identity, answer.reference) == ("match", "jibit trk-81")
    assert set(answer.findings.values()) == {"match"}


@pytest.mark.parametrize("number", [0, None, "", int(MARYAM.national_code), MARYAM.national_code], ids=repr)
def test_certificate_numbers_of_births_from_1368(backend: Backend, jibit: Jibit, number: object) -> None:
    person(jibit, identificationNumber=number)
    assert backend.identity(MARYAM).identity == "match"
    assert backend.identity(replace(MARYAM, certificate_number="17")).findings["certificate_number"] == "mismatch"


def test_certificate_number_of_an_earlier_birth(backend: Backend, jibit: Jibit) -> None:
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
def test_every_field_counts(backend: Backend, jibit: Jibit, answered: dict[str, Any], field: str) -> None:
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
    backend: Backend, jibit: Jibit, answered: dict[str, Any]
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
    backend: Backend, jibit: Jibit, first: Any, last: Any, identity: str, findings: tuple[str, str]
) -> None:
    person(jibit, firstNameSimilarityPercentage=first)
    jibit.rewrite = lambda document: document | {"lastNameSimilarityPercentage": last}
    if isinstance(first, float | int) and not isinstance(first, bool):
        person(jibit, firstName=None, lastName=None)
    answer = backend.identity(MARYAM)
    assert (answer.identity, (answer.findings["first_name"], answer.findings["last_name"])) == (identity, findings)


@pytest.mark.parametrize("answered", [{"alive": False}, {"alive": None, "deathDate": "13990101"}], ids=str)
def test_the_dead_do_not_register(backend: Backend, jibit: Jibit, answered: dict[str, Any]) -> None:
    person(jibit, **answered)
    assert backend.identity(MARYAM).identity == "deceased"


@pytest.mark.parametrize("birth_date", [dt.date(1992, 4, 4), dt.date(1986, 6, 17)])
def test_nobody_of_that_birth_date_is_found(backend: Backend, birth_date: dt.date) -> None:
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
def test_a_person_who_cannot_be_read_is_no_mismatch(backend: Backend, jibit: Jibit, odd: str) -> None:
    jibit.rewrite = ODD_PEOPLE[odd]
    with pytest.raises(Unavailable):
        backend.identity(MARYAM)


def test_a_national_code_without_its_zeros_is_the_same(backend: Backend, jibit: Jibit) -> None:
    jibit.rewrite = lambda document: document | {"nationalCode": int(MARYAM.national_code)}
    assert backend.identity(MARYAM).identity == "match"


# ── refusals ──


@BOTH
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_trouble(backend: Backend, jibit: Jibit, question: str, code: str) -> None:
    jibit.refusals.append((400, code))
    error = failure(lambda: ask(backend, question))
    assert (error.trouble, error.reason) == (CODES[code], f"{CODES[code]}: {code}"[:60])


@BOTH
@pytest.mark.parametrize("code", ["person 0019991010 not known", None, 17, ""], ids=repr)
def test_codes_that_nobody_knows_are_no_answer_and_not_repeated(
    backend: Backend, jibit: Jibit, question: str, code: object
) -> None:
    jibit.refusals.append((400, code))
    error = failure(lambda: ask(backend, question))
    assert (error.trouble, error.reason) == (Trouble.ODD, "odd answer: unknown code, HTTP 400")


def test_not_found_says_nothing_about_a_mobile(backend: Backend, jibit: Jibit) -> None:
    jibit.refusals.append((404, "identity_info.not_found"))
    assert trouble(lambda: backend.ownership(MARYAM)) is Trouble.ODD


@BOTH
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_errors_of_the_server_are_no_answer_whatever_they_say(
    backend: Backend, jibit: Jibit, question: str, status: int
) -> None:
    jibit.refusals.append((status, "identity_info.not_found"))
    assert trouble(lambda: ask(backend, question)) is Trouble.AWAY


@BOTH
@pytest.mark.parametrize("status", [408, 425, 429])
def test_being_asked_to_come_later(backend: Backend, jibit: Jibit, question: str, status: int) -> None:
    jibit.refusals.append((status, "daily_limit.reached"))
    error = failure(lambda: ask(backend, question))
    assert (error.trouble, error.retry_after) == (Trouble.LIMITED, 60)


def test_without_a_birth_date_nobody_is_asked(backend: Backend, jibit: Jibit) -> None:
    assert trouble(lambda: backend.identity(replace(MARYAM, birth_date=None))) is Trouble.INPUT
    assert jibit.received == []


# ── tokens ──


@BOTH
def test_a_token_that_ran_out_is_renewed_once(backend: Backend, jibit: Jibit, question: str) -> None:
    ask(backend, question)
    jibit.expire()
    ask(backend, question)
    assert (jibit.fetched, len(jibit.asked)) == (2, 3)


@BOTH
def test_tokens_that_are_always_refused_end_the_question(backend: Backend, jibit: Jibit, question: str) -> None:
    jibit.refuse_tokens = True
    error = failure(lambda: ask(backend, question))
    assert (error.trouble, error.reason) == (Trouble.REFUSED, "credentials refused: HTTP 401 for a new token")
    assert (jibit.fetched, len(jibit.asked)) == (2, 2)


@BOTH
def test_forbidden_is_asked_once_more_with_a_new_token(backend: Backend, jibit: Jibit, question: str) -> None:
    jibit.refusals.extend([(403, "forbidden"), (403, "forbidden")])
    assert trouble(lambda: ask(backend, question)) is Trouble.FORBIDDEN
    assert (jibit.fetched, len(jibit.asked)) == (2, 2)


def test_wrong_keys(backend: Backend, jibit: Jibit, settings: Settings) -> None:
    settings.JIBIT_SECRET_KEY = "another"
    error = failure(lambda: backend.ownership(MARYAM))
    assert (error.trouble, error.reason) == (Trouble.REFUSED, "credentials refused: HTTP 401 for a token")
    assert jibit.asked == []


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.CUT, Fault.SLOW])
def test_token_address_that_is_away(backend: Backend, jibit: Jibit, fault: Fault, hurry: None) -> None:
    jibit.faults.append(fault)
    assert trouble(lambda: backend.ownership(MARYAM)) is Trouble.AWAY
    assert backend.ownership(MARYAM).ownership == "owned"


# ── faults ──

AFTER = {Fault.LIMITED: Trouble.LIMITED, Fault.REDIRECT: Trouble.ODD}


@BOTH
@pytest.mark.parametrize("fault", Fault)
def test_no_fault_decides_anything(
    backend: Backend, jibit: Jibit, question: str, fault: Fault, hurry: None, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    backend.ownership(MARYAM)  # has fetched the token
    jibit.owners.clear()
    jibit.people.clear()
    jibit.faults.append(fault)

    error = failure(lambda: ask(backend, question))

    assert error.trouble is AFTER.get(fault, Trouble.AWAY)
    assert len(jibit.asked) == 2, "nothing is repeated here"
    assert_gives_nothing_away(report(error) + caplog.text, "127.0.0.1")


@pytest.mark.parametrize("document", [b"", b"<html>", [], "true", None, 1])
def test_other_things_than_an_object_are_no_answer(backend: Backend, jibit: Jibit, document: object) -> None:
    jibit.rewrite = lambda _: document
    assert trouble(lambda: backend.ownership(MARYAM)) is Trouble.AWAY


def test_nobody_there(backend: Backend, settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.JIBIT_BASE_URL = f"http://127.0.0.1:{taken.getsockname()[1]}/ide"
        assert trouble(lambda: backend.ownership(MARYAM)) is Trouble.AWAY


@BOTH
@pytest.mark.parametrize("code", [*CODES, "person 0019991010"])
def test_refusals_and_answers_give_nothing_away(
    backend: Backend, jibit: Jibit, question: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    answer = ask(backend, question)
    jibit.refusals.append((400, code))
    error = failure(lambda: ask(backend, question))
    assert_gives_nothing_away(report(error) + caplog.text + repr(answer), "0019991010")
