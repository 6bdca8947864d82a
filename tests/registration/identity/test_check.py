"""Asking about applicants: nothing is lost, nothing is asked twice, nothing personal reaches the log."""

from io import StringIO
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from accounts.models import Person, User
from registration.identity import check
from registration.identity.base import Applicant, IdentityAnswer, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from registration.lifecycle import decisions
from registration.models import RegistrationRequest
from sms.models import Message
from tests import clock
from tests.registration.identity.provider import Provider, away, match, no_identity, provider
from tests.registration.rows import make_request

__all__ = ["provider"]  # the fixture

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status


def submitted(number: int = 41, **fields: Any) -> RegistrationRequest:
    return make_request(number, Status.SUBMITTED, **fields)


def due_in(request: RegistrationRequest) -> float:
    """Seconds until it is asked about again."""
    due_at, now = RegistrationRequest.objects.annotate(now=Now()).values_list("due_at", "now").get(pk=request.pk)
    return float((due_at - now).total_seconds())


def test_both_questions_are_asked_once_and_the_answers_kept(provider: Provider) -> None:
    request = submitted()

    check.check(request.pk)
    check.check(request.pk)

    code = request.national_code
    assert provider.asked == [("ownership", code), ("identity", code)]
    request.refresh_from_db()
    assert (request.status, request.ownership, request.identity) == ("activated", "owned", "match")
    assert (request.findings, request.provider_reference) == ({"first_name": "match"}, "i-1")
    assert (request.attempts, request.last_error) == (1, "")


def test_it_is_told_what_the_citizen_stated(provider: Provider) -> None:
    told: list[Applicant] = []

    def remember(applicant: Applicant) -> IdentityAnswer:
        told.append(applicant)
        return match(applicant)

    provider.answer_identity = remember
    request = submitted()
    check.check(request.pk)

    [applicant] = told
    for field in ("national_code", "mobile", *Person.IDENTITY_FIELDS):
        assert getattr(applicant, field) == getattr(request, field)
    assert repr(applicant) == "Applicant(…)"


def test_while_the_service_is_away_a_request_waits_ever_longer(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answer_ownership = away
    request = submitted()
    longest = 0.0

    for attempt in range(1, 12):
        assert check.drain() == 1
        assert check.drain() == 0  # not due
        request.refresh_from_db()
        assert (request.status, request.attempts, request.lease_token) == ("submitted", attempt, None)
        assert request.last_error == "away: timeout"
        wait, expected = due_in(request), min(900, 5 * 2**attempt)
        assert 0.2 * expected <= wait <= expected
        longest = max(longest, wait)
        clock.advance(seconds=901)

    assert longest > 150
    assert not Message.objects.exists()
    assert not User.objects.exists()
    assert f"request {request.pk}: away: timeout" in caplog.text


def test_once_the_service_is_back_the_request_is_decided(provider: Provider) -> None:
    answer, provider.answer_ownership = provider.answer_ownership, away
    request = submitted()
    check.drain()
    provider.answer_ownership = answer
    assert check.drain() == 0
    clock.advance(seconds=11)

    assert check.drain() == 1

    request.refresh_from_db()
    assert (request.status, request.last_error, request.attempts) == ("activated", "", 2)


def test_only_the_missing_question_is_asked_again(provider: Provider) -> None:
    provider.answer_identity = no_identity
    request = submitted()
    check.drain()
    request.refresh_from_db()
    assert (request.status, request.ownership, request.identity) == ("submitted", "owned", "")
    assert request.provider_reference == "o-1"
    provider.answer_identity = match
    clock.advance(seconds=41)

    check.drain()

    assert [question for question, _ in provider.asked] == ["ownership", "identity", "identity"]
    request.refresh_from_db()
    assert request.status == Status.ACTIVATED


def test_answers_that_a_dead_worker_left_are_not_asked_for_again(provider: Provider) -> None:
    submitted(ownership="not_owned", identity="match")

    check.drain()

    assert provider.asked == []
    assert RegistrationRequest.objects.get().status == Status.BRANCH


@pytest.mark.parametrize(("asks_for", "least", "most"), [(40, 40, 40), (10**9, 3600, 3600), (0, 0, 10)])
def test_a_service_may_ask_for_a_pause_but_not_for_days(
    provider: Provider, asks_for: int, least: float, most: float
) -> None:
    def wait(applicant: Applicant) -> OwnershipAnswer:
        raise IdentityError(FailureKind.AWAY, retry_after=asks_for)

    provider.answer_ownership = wait
    request = submitted()
    check.drain()

    assert least <= due_in(request) <= most


@pytest.mark.parametrize("odd", ["", "yes", "OWNED", "نامشخص"])
def test_an_odd_answer_is_none(provider: Provider, odd: str) -> None:
    provider.answer_ownership = lambda applicant: OwnershipAnswer(odd)
    first = submitted()
    check.drain()
    first.refresh_from_db()
    assert (first.status, first.ownership, first.last_error) == ("submitted", "", "odd answer")

    provider.answer_ownership = lambda applicant: OwnershipAnswer("owned")
    provider.answer_identity = lambda applicant: IdentityAnswer(odd)
    clock.advance(seconds=11)
    check.drain()
    first.refresh_from_db()
    assert (first.status, first.ownership, first.identity) == ("submitted", "owned", "")
    assert not Message.objects.exists()


def test_a_fault_stops_nobody_else_and_shows_no_personal_data(
    provider: Provider, caplog: pytest.LogCaptureFixture, log: StringIO
) -> None:
    poisoned = submitted(41)
    healthy = [submitted(number) for number in (42, 43)]

    def break_down(applicant: Applicant) -> OwnershipAnswer:
        if applicant.national_code == poisoned.national_code:
            raise KeyError(f"{applicant.national_code} {applicant.last_name} {applicant.mobile}")
        return OwnershipAnswer("owned")

    provider.answer_ownership = break_down
    assert check.drain() == 3

    poisoned.refresh_from_db()
    assert (poisoned.status, poisoned.last_error) == ("submitted", "unexpected KeyError")
    assert due_in(poisoned) >= 4
    for request in healthy:
        request.refresh_from_db()
        assert request.status == Status.ACTIVATED
    assert_silent(caplog, log, poisoned)
    assert "unexpected KeyError" in caplog.text


def assert_silent(caplog: pytest.LogCaptureFixture, log: StringIO, request: RegistrationRequest) -> None:
    """Nothing of this person in any log."""
    logged = caplog.text + log.getvalue()
    for value in (request.national_code, request.mobile, request.mobile[3:], request.last_name, request.first_name):
        assert value not in logged


def test_a_decision_that_fails_is_tried_again_and_stops_nobody_else(
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    log: StringIO,
) -> None:
    """A poisoned row: the answers are there, deciding fails every time."""
    poisoned, healthy = submitted(41), submitted(42)
    record = decisions.record

    def fail(request: RegistrationRequest) -> bool:
        if request.pk == poisoned.pk:
            raise IntegrityError(f"Key (national_code)=({request.national_code}) already exists.")
        return record(request)

    monkeypatch.setattr(decisions, "record", fail)
    assert check.drain() == 2
    assert check.drain() == 0

    poisoned.refresh_from_db()
    healthy.refresh_from_db()
    assert (poisoned.status, poisoned.last_error) == ("submitted", "unexpected IntegrityError")
    assert (poisoned.ownership, poisoned.identity, poisoned.lease_token) == ("owned", "match", None)
    assert healthy.status == Status.ACTIVATED
    assert_silent(caplog, log, poisoned)

    monkeypatch.setattr(decisions, "record", record)
    clock.advance(seconds=20)
    check.drain()
    poisoned.refresh_from_db()
    assert poisoned.status == Status.ACTIVATED
    assert len(provider.asked) == 4


def test_without_a_service_requests_wait(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.IDENTITY_BACKEND = "no such service"
    request = submitted()

    check.drain()

    request.refresh_from_db()
    assert (request.status, request.last_error) == ("submitted", "no such identity backend")
