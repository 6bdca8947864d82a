"""Withdrawing a request: from where, what is left, who is told, and what a worker that holds it can still do."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from infra import leases
from registration.identity import check
from registration.lifecycle import decisions, handling, submission, withdrawal
from registration.models import RegistrationRequest, Status
from sms.backends.base import Outgoing
from sms.models import Message
from tests.accounts.helpers import make_account
from tests.registration.lifecycle.deciding import MS, NO_CODE, clerk, events, leased, texts
from tests.registration.rows import make_request
from tests.rows import undone

pytestmark = pytest.mark.django_db

CLIENT_IP = "192.0.2.7"
OWNED, NOT_OWNED = RegistrationRequest.Ownership
MATCH = RegistrationRequest.Identity.MATCH
TEXT = f"{MS} درخواست ثبت‌نام شما با انصراف پایان یافت و بررسی نمی‌شود. اگر کار شما نبود با 1420 تماس بگیرید."


@pytest.mark.parametrize("status", sorted(withdrawal.SOURCES))
def test_it_ends_without_its_secrets_and_the_mobile_is_told(status: str, sms_outbox: list[Outgoing]) -> None:
    request = make_request(41, status)

    ended = withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)

    assert (ended.status, ended.password_hash, ended.answers_hash) == (Status.WITHDRAWN, "", "")
    assert ended.decided_at is not None
    assert events(request) == [("withdrawn", status, "withdrawn")]
    event = request.events.get()
    assert (event.actor, event.words, event.client_network) == (None, "", "192.0.2.0")
    assert texts(sms_outbox, request) == [TEXT]
    assert not submission.is_taken(request.national_code)


def test_a_clerk_may_do_it_for_the_citizen_and_say_why() -> None:
    request, mina = make_request(41, Status.SUBMITTED), clerk()

    withdrawal.withdraw(request.pk, client_ip=CLIENT_IP, by=mina, words="متقاضی با کارت ملی حضور داشت")

    event = request.events.get()
    assert (event.actor, event.words) == (mina, "متقاضی با کارت ملی حضور داشت")


@pytest.mark.parametrize("status", sorted(set(Status) - withdrawal.SOURCES))
def test_what_has_come_to_its_end_or_was_never_sent_stays(status: str) -> None:
    request = make_request(41, status)

    with pytest.raises(decisions.AlreadyDecided):
        withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)

    assert RegistrationRequest.objects.get().status == status
    assert events(request) == []
    assert not Message.objects.exists()


def test_nobody_withdraws_twice() -> None:
    request = make_request(41, Status.SUBMITTED)
    withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)
    with pytest.raises(decisions.AlreadyDecided):
        withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)
    assert Message.objects.count() == 1


def test_the_worker_that_holds_it_decides_and_writes_nothing_any_more() -> None:
    """Whatever it was about to do: activate, say no, give up, keep an answer, put it off."""
    acts: list[tuple[dict[str, Any], Callable[[RegistrationRequest], Any]]] = [
        ({"identity": MATCH, "ownership": OWNED}, decisions.record),
        ({"identity": MATCH, "ownership": NOT_OWNED}, decisions.record),
        ({"identity": "mismatch", "ownership": OWNED}, decisions.record),
        ({}, decisions.cap),
    ]
    for answers, act in acts:
        with undone():
            held = leased(**answers)
            withdrawal.withdraw(held.pk, client_ip=CLIENT_IP)
            assert not act(held)
            left_alone(held)
    held = leased()
    withdrawal.withdraw(held.pk, client_ip=CLIENT_IP)
    leases.settle(held, last_error="timeout")
    assert left_alone(held).last_error == ""


def left_alone(request: RegistrationRequest) -> RegistrationRequest:
    now = RegistrationRequest.objects.get(pk=request.pk)
    assert (now.status, now.lease_token) == (Status.WITHDRAWN, None)
    assert [kind for kind, _, _ in events(request)] == ["withdrawn"]
    assert not User.objects.exists()
    assert Message.objects.get().template == "withdrawn"
    return now


def test_nobody_asks_about_it_any_more_and_it_does_not_run_out_of_time() -> None:
    request = make_request(41, Status.SUBMITTED)
    withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)
    assert check.drain() == 0
    assert not check.due().exists()
    assert decisions.expire() == 0


@pytest.mark.parametrize("act", ["activate", "reject", "take"])
def test_a_clerk_who_has_it_open_is_told_that_it_is_over(act: str) -> None:
    request, mina = make_request(41, Status.BRANCH), clerk()
    withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)
    verbs: dict[str, Callable[[], object]] = {
        "activate": lambda: decisions.activate(request.pk, by=mina, client_ip=CLIENT_IP, seen=NO_CODE),
        "reject": lambda: decisions.reject(request.pk, by=mina, words="doubt", client_ip=CLIENT_IP),
        "take": lambda: handling.take(request.pk, by=mina, client_ip=CLIENT_IP, instead_of=None),
    }
    with pytest.raises(decisions.AlreadyDecided):
        verbs[act]()
    assert RegistrationRequest.objects.get().status == Status.WITHDRAWN


@pytest.mark.parametrize("is_rejected", [False, True])
@pytest.mark.parametrize(("fields", "is_emptied"), [({}, True), ({"mobile": "+989970099999"}, False)])
def test_the_account_that_waited_for_a_branch_keeps_no_secret(
    fields: dict[str, str], is_emptied: bool, is_rejected: bool
) -> None:
    request = leased(ownership=NOT_OWNED, identity=MATCH)
    assert decisions.record(request)
    User.objects.filter(national_code=request.national_code).update(answers_hash="hash", **fields)
    if is_rejected:
        decisions.reject(request.pk, by=clerk(), words="مدارک ندارد", client_ip=CLIENT_IP)
    else:
        withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)
    user = User.objects.get(national_code=request.national_code)
    assert (not user.has_usable_password()) is is_emptied
    assert (user.answers_hash == "", user.mobile == "") == (is_emptied, is_emptied)
    assert not (is_emptied and (user.question_1_id or user.question_2_id or user.question_3_id))


def test_an_account_that_is_in_use_stays_as_it_is() -> None:
    request = make_request(41, Status.BRANCH)
    user = make_account(41, mobile=request.mobile)
    withdrawal.withdraw(request.pk, client_ip=CLIENT_IP)
    user.refresh_from_db()
    assert (user.has_usable_password(), user.mobile) == (True, request.mobile)
