"""Whose turn it is to ask: leases, order, the end of a drain."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from infra import leases
from registration import statistics
from registration.identity import check
from registration.identity.base import Applicant, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from registration.models import RegistrationRequest, Status
from sms.models import Message
from tests import clock
from tests.registration.identity.provider import Provider, provider
from tests.registration.rows import make_request

__all__ = ["provider"]  # the fixture

pytestmark = pytest.mark.django_db


def test_a_request_in_somebodys_hands_is_left_alone_until_the_lease_ends(provider: Provider) -> None:
    request = make_request(41, Status.SUBMITTED)
    leases.claim(check.due(), check.LEASE_SECONDS)
    check.check(request.pk)
    assert check.drain() == 0
    clock.advance(seconds=check.LEASE_SECONDS - 2)
    assert check.drain() == 0
    clock.advance(seconds=3)

    assert check.drain() == 1

    request.refresh_from_db()
    assert (request.status, request.attempts) == ("activated", 2)


def test_who_loses_the_lease_in_the_middle_stops_asking_and_decides_nothing(provider: Provider) -> None:
    request = make_request(41, Status.SUBMITTED)

    def slow(applicant: Applicant) -> OwnershipAnswer:
        clock.advance(seconds=check.LEASE_SECONDS + 1)
        assert leases.claim(check.due(), check.LEASE_SECONDS) is not None
        return OwnershipAnswer("owned")

    provider.answer_ownership = slow
    check.check(request.pk)

    assert [question for question, _ in provider.asked] == ["ownership"]
    request.refresh_from_db()
    assert (request.status, request.ownership, request.identity) == ("submitted", "", "")
    assert request.lease_token is not None  # the other worker's
    assert not Message.objects.exists()


@pytest.mark.parametrize("status", sorted(set(Status.values) - {"submitted"}))
def test_nothing_is_asked_about_what_is_not_to_be_decided(provider: Provider, status: str) -> None:
    request = make_request(41, status)
    check.check(request.pk)

    assert check.drain() == 0
    assert provider.asked == []


def test_the_oldest_comes_first(provider: Provider) -> None:
    young, old = make_request(41, Status.SUBMITTED), make_request(42, Status.SUBMITTED)
    RegistrationRequest.objects.filter(pk=old.pk).update(due_at=Now() - timedelta(minutes=1))

    check.drain()

    assert [code for question, code in provider.asked if question == "ownership"] == [
        old.national_code,
        young.national_code,
    ]


def test_a_drain_ends_after_half_a_minute(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(41, 46):
        make_request(number, Status.SUBMITTED)
    moments = iter([0.0, 1.0, 29.9, 30.0, 30.0])  # once more for those that are asked again
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))

    assert check.drain() == 2
    assert RegistrationRequest.objects.filter(status=Status.SUBMITTED).count() == 3


def test_how_long_the_oldest_request_waits() -> None:
    assert statistics.oldest_waiting_request() is None
    make_request(41, Status.SUBMITTED)
    make_request(42, Status.DRAFT)
    clock.advance(seconds=100)
    assert statistics.oldest_waiting_request() == 100
    RegistrationRequest.objects.update(due_at=Now() + timedelta(minutes=1))
    assert statistics.oldest_waiting_request() is None


def test_questions_are_asked_outside_any_transaction_under_a_lease(provider: Provider) -> None:
    request, depth = make_request(41, Status.SUBMITTED), len(connection.savepoint_ids)
    seen: list[tuple[int, bool]] = []

    def look(applicant: Applicant) -> OwnershipAnswer:
        held = RegistrationRequest.objects.filter(pk=request.pk, lease_until__gt=Now()).exists()
        seen.append((len(connection.savepoint_ids), held))
        raise IdentityError(FailureKind.AWAY)

    provider.answer_ownership = look
    check.check(request.pk)

    assert seen == [(depth, True)]
