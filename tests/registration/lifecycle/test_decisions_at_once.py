"""Decisions made at the same moment by several people and processes: one counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from accounts.models import User
from infra import leases, locks
from registration.identity import check
from registration.lifecycle import decisions, reaching, withdrawal
from registration.models import RegistrationRequest
from sms.models import Message
from tests.people import national_code
from tests.registration.lifecycle.deciding import NO_CODE
from tests.registration.rows import make_request
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

Status = RegistrationRequest.Status


def clerks(count: int) -> list[User]:
    return [
        User.objects.create(national_code=national_code(900 + number), last_name="کارگر", is_active=False)
        for number in range(count)
    ]


def in_turn(*actions: Callable[[], Any]) -> Callable[[], Any]:
    """One action that does another of these each time, for `together`."""
    left = list(actions)
    return lambda: left.pop()()


def account(request: RegistrationRequest) -> list[bool]:
    return list(User.objects.filter(national_code=request.national_code).values_list("is_active", flat=True))


def test_of_several_clerks_who_activate_one_does() -> None:
    request, at_the_desk = make_request(41), clerks(4)

    results = together(
        in_turn(
            *(
                lambda by=by: decisions.activate(request.pk, by=by, client_ip="192.0.2.7", seen=NO_CODE)
                for by in at_the_desk
            )
        ),
        4,
    )

    lost = [result for result in results if isinstance(result, decisions.AlreadyDecided)]
    [won] = [result for result in results if result not in lost]
    assert isinstance(won, RegistrationRequest)
    assert len(lost) == 3
    assert account(request) == [True]
    assert request.events.count() == Message.objects.count() == 1


def test_activated_or_refused_but_never_both() -> None:
    request, (mina, ali) = make_request(41), clerks(2)

    results = together(
        in_turn(
            lambda: decisions.activate(request.pk, by=mina, client_ip="192.0.2.7", seen=NO_CODE),
            lambda: decisions.reject(request.pk, by=ali, words="doubt", client_ip="192.0.2.8"),
        ),
        2,
    )

    assert [type(result) for result in results].count(decisions.AlreadyDecided) == 1
    request.refresh_from_db()
    event = request.events.get()
    assert (event.to_status, event.actor) in {("activated", mina), ("rejected", ali)}
    assert event.to_status == request.status
    assert account(request) == [True] * (request.status == Status.ACTIVATED)
    assert Message.objects.get().template == {"activated": "activated_portal", "rejected": "rejected"}[request.status]


def test_the_time_runs_out_while_the_answer_comes() -> None:
    make_request(
        41,
        Status.SUBMITTED,
        age=timedelta(hours=settings.DECISION_HOURS + 1),
        identity="match",
        ownership="owned",
    )
    leased = leases.claim(check.due(), check.LEASE_SECONDS)
    assert leased is not None

    results = together(in_turn(lambda: decisions.record(leased), decisions.expire, decisions.expire), 3)

    leased.refresh_from_db()
    event = leased.events.get()
    assert event.to_status == leased.status
    won = leased.status == Status.ACTIVATED
    assert leased.status in {Status.ACTIVATED, Status.EXPIRED}
    assert account(leased) == [True] * won
    assert Message.objects.get().template == ("activated_portal" if won else "expired")
    assert sum(result is True or result == 1 for result in results) == 1


def test_a_newer_request_and_a_clerk_meet() -> None:
    """Whoever is first wins, and the other one sees it: no account that nobody's request explains."""
    request, (mina,) = make_request(41), clerks(1)

    def supersede() -> str:
        with transaction.atomic():
            locks.lock(f"request {request.national_code}")
            decisions.supersede(request.national_code)
        return "done"

    results = together(
        in_turn(supersede, lambda: decisions.activate(request.pk, by=mina, client_ip="192.0.2.7", seen=NO_CODE)),
        2,
    )

    assert "done" in results
    request.refresh_from_db()
    assert request.events.get().to_status == request.status
    activated = request.status == Status.ACTIVATED
    assert activated or request.status == Status.SUPERSEDED
    assert any(isinstance(result, decisions.AlreadyDecided) for result in results) == (not activated)
    assert account(request) == [True] * activated


@pytest.mark.parametrize("ownership", RegistrationRequest.Ownership.values)
def test_decided_by_a_worker_or_withdrawn_by_the_citizen_but_never_both(ownership: str) -> None:
    request = make_request(41, Status.SUBMITTED, identity="match", ownership=ownership)
    held = leases.claim(check.due(), check.LEASE_SECONDS)
    assert held is not None

    decided, withdrawn = together(
        in_turn(
            lambda: decisions.record(held),
            lambda: withdrawal.withdraw(request.pk, client_ip="192.0.2.7"),
        ),
        2,
    )

    request.refresh_from_db()
    kinds = list(request.events.values_list("kind", flat=True))
    if request.status == Status.WITHDRAWN and kinds == ["withdrawn"]:
        assert False in {decided, withdrawn}
        assert account(request) == []
        assert Message.objects.get().template == "withdrawn"
    elif kinds == ["decided", "withdrawn"]:  # it waited at the branch for a moment; its account was never active
        assert account(request) == [False]
    else:
        assert (request.status, kinds) == (Status.ACTIVATED, ["decided"])
        assert decisions.AlreadyDecided in {type(decided), type(withdrawn)}
        assert account(request) == [True]


@pytest.mark.parametrize("ends", ["refused", "withdrawn"])
def test_a_result_that_did_not_arrive_is_on_no_list_once_it_is_overtaken(ends: str) -> None:
    request, [by] = make_request(41), clerks(1)
    values = {"purpose": "result", "reference": f"request:{request.pk}", "recipient": request.mobile, "template": "x"}
    Message.objects.create(**values, state="failed", send_at=None)

    results = together(
        in_turn(
            lambda: reaching.follow_up(),
            {
                "refused": lambda: decisions.reject(request.pk, by=by, words="", client_ip="192.0.2.7"),
                "withdrawn": lambda: withdrawal.withdraw(request.pk, client_ip="192.0.2.7"),
            }[ends],
        ),
        2,
    )

    assert not [result for result in results if isinstance(result, Exception)]
    assert not RegistrationRequest.objects.get().undelivered
