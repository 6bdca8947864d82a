"""docs/contract.md, decisions, row by row: what a request becomes, the account, the one text message, the event."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from infra import leases
from registration.identity import check
from registration.lifecycle import decisions, submission
from registration.models import RegistrationRequest, Status
from sms.backends.base import Outgoing
from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.registration.lifecycle.deciding import (
    ACTIVATED,
    BRANCH,
    CREATED,
    MR,
    MS,
    PROBLEM,
    REGISTER_AGAIN,
    events,
    leased,
    texts,
)
from tests.registration.rows import SECRETS, make_request

pytestmark = pytest.mark.django_db

MATCH, MISMATCH, NOT_FOUND, DECEASED = RegistrationRequest.Identity
OWNED, NOT_OWNED = RegistrationRequest.Ownership

TABLE: list[tuple[str, str, str, str, str, bool | None, str]] = [
    # flow, gender, identity, ownership → status, account (active, inactive, none), text message
    ("portal", "female", MATCH, OWNED, "activated", True, f"{MS} {CREATED}"),
    ("portal", "male", MATCH, OWNED, "activated", True, f"{MR} {CREATED}"),
    ("eservices", "female", MATCH, OWNED, "activated", True, f"{MS} {ACTIVATED}"),
    ("eservices", "male", MATCH, OWNED, "activated", True, f"{MR} {ACTIVATED}"),
    ("portal", "female", MATCH, NOT_OWNED, "branch", False, f"{MS} {BRANCH}"),
    ("eservices", "male", MATCH, NOT_OWNED, "branch", False, f"{MR} {BRANCH}"),
    *(
        row
        for identity in (MISMATCH, NOT_FOUND, DECEASED)
        for row in (
            ("portal", "female", identity, OWNED, "mismatch", None, f"{MS} {PROBLEM}"),
            ("portal", "male", identity, NOT_OWNED, "mismatch", None, f"{MR} {PROBLEM}"),
            ("eservices", "male", identity, OWNED, "mismatch", None, REGISTER_AGAIN),
            ("eservices", "female", identity, NOT_OWNED, "mismatch", None, REGISTER_AGAIN),
        )
    ),
]


@pytest.mark.parametrize(
    ("flow", "gender", "identity", "ownership", "status", "active", "text"),
    TABLE,
    ids=["-".join(row[:4]) for row in TABLE],  # a program that runs one of them names it: no text of many lines
)
def test_the_answers_decide(
    sms_outbox: list[Outgoing],
    flow: str,
    gender: str,
    identity: str,
    ownership: str,
    status: str,
    active: bool | None,
    text: str,
) -> None:
    request = leased(flow=flow, gender=gender, identity=identity, ownership=ownership, last_error="timeout")

    assert decisions.record(request)

    request.refresh_from_db()
    assert (request.status, request.lease_token, request.lease_until) == (status, None, None)
    assert request.last_error == ""
    assert request.decided_at is not None
    assert list(User.objects.values_list("national_code", "is_active")) == (
        [] if active is None else [(request.national_code, active)]
    )
    assert events(request) == [("decided", "submitted", status)]
    event = request.events.get()
    assert (event.words, event.actor, event.client_network) == ("", None, None), "nobody's decision"
    assert Message.objects.get().purpose == "result"
    assert texts(sms_outbox, request) == [text]
    moved = status == "activated"
    assert (request.password_hash, request.answers_hash) == (("", "") if moved else tuple(SECRETS.values()))


def test_the_account_is_what_the_citizen_stated() -> None:
    request = leased(
        identity=MATCH,
        ownership=OWNED,
        password_hash=make_password("Zangule21"),
        answers_hash="argon2$answers",
    )
    decisions.record(request)

    account = User.objects.get()
    assert account.check_password("Zangule21")
    assert account.answers_hash == "argon2$answers"
    assert account.activated_at is not None
    assert account.identity_check == "registry"
    assert not account.is_staff
    assert not account.is_superuser
    for field in (*User.identity_columns(), *decisions.COPIED):
        if field != "answers_hash":
            assert getattr(account, field) == getattr(request, field), field
    assert (account.first_name, account.mobile, account.city) == ("سارا", request.mobile, "تهران")


@pytest.mark.parametrize(
    ("identity", "ownership"), [("", ""), ("", OWNED), (MATCH, ""), ("odd", OWNED), (MATCH, "odd")]
)
def test_from_half_an_answer_or_an_odd_one_nothing_follows(identity: str, ownership: str) -> None:
    request = leased(identity=identity, ownership=ownership)

    with pytest.raises(ValueError, match=r"^no decision"):
        decisions.record(request)

    assert_untouched(request)


def assert_untouched(request: RegistrationRequest) -> None:
    assert RegistrationRequest.objects.get(pk=request.pk).status == Status.SUBMITTED
    assert events(request) == []
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_whoever_lost_the_lease_decides_nothing() -> None:
    slow = leased(identity=MATCH, ownership=OWNED)
    clock.advance(seconds=check.LEASE_SECONDS + 1)
    fast = leases.claim(check.due(), check.LEASE_SECONDS)
    assert fast is not None

    assert not decisions.record(slow)
    assert_untouched(slow)

    fast.identity = MISMATCH
    assert decisions.record(fast)
    assert not decisions.record(slow)
    assert not decisions.record(fast)  # a decision is made once, by whomever
    assert Message.objects.count() == 1
    assert not User.objects.exists()


def test_without_a_lease_nobody_decides() -> None:
    request = make_request(41, Status.SUBMITTED, identity=MATCH, ownership=OWNED)

    assert not decisions.record(request)
    assert_untouched(request)


@pytest.mark.parametrize("is_active", [True, False])
def test_an_account_that_was_ever_active_is_never_overwritten(is_active: bool) -> None:
    request = leased(ownership=OWNED, last_error="timeout")
    request.identity, request.findings, request.provider_reference = MATCH, {"first_name": "similar"}, "r-7"
    other = User.objects.create(
        national_code=request.national_code,
        last_name="محمدی",
        mobile="+989979999999",
        password="a hash",
        is_active=is_active,
        activated_at=timezone.now(),
    )

    assert decisions.record(request)

    account = User.objects.get()
    assert account.pk == other.pk
    assert (account.password, account.mobile, account.is_active) == ("a hash", "+989979999999", is_active)
    assert events(request) == [
        ("account_existed", "submitted", "submitted"),
        ("decided", "submitted", "activated"),
    ]
    request = RegistrationRequest.objects.get()
    assert (request.identity, request.findings, request.provider_reference) == (MATCH, {"first_name": "similar"}, "r-7")
    assert (request.lease_token, request.lease_until, request.last_error) == (None, None, "")


def test_an_account_that_was_never_active_becomes_that_of_the_newest_request() -> None:
    first = leased(identity=MATCH, ownership=NOT_OWNED, city="اصفهان")
    decisions.record(first)
    assert User.objects.get().identity_check == ""  # its documents are still to be seen
    decisions.supersede(first.national_code)
    second = leased(42, national_code=first.national_code, identity=MATCH, ownership=OWNED, city="شیراز")

    assert decisions.record(second)

    account = User.objects.get()
    assert (account.city, account.mobile, account.is_active) == ("شیراز", second.mobile, True)
    assert account.identity_check == "registry"
    assert account.activated_at is not None


def test_what_could_not_be_decided_in_time_ends_and_is_told(sms_outbox: list[Outgoing]) -> None:
    late, held, young = make_request(41, Status.SUBMITTED), leased(42), make_request(43, Status.SUBMITTED)
    waits = make_request(44, Status.BRANCH)
    clock.advance(hours=settings.DECISION_HOURS, seconds=-10)
    assert decisions.expire() == 0
    RegistrationRequest.objects.filter(pk=young.pk).update(submitted_at=timezone.now())
    clock.advance(seconds=11)

    assert decisions.expire() == 2
    assert decisions.expire() == 0

    for request in (late, held):
        request.refresh_from_db()
        assert (request.status, request.password_hash, request.answers_hash) == ("expired", "", "")
        assert (request.lease_token, request.lease_until) == (None, None)
        assert events(request) == [("expired", "submitted", "expired")]
    young.refresh_from_db()
    waits.refresh_from_db()
    assert (young.status, waits.status) == ("submitted", "branch")
    delivery.drain("texts")
    assert sorted(sms.recipient for sms in sms_outbox) == [late.mobile, held.mobile]
    ended = "بررسی ثبت‌نام شما در زمان مقرر ممکن نشد. دوباره ثبت‌نام کنید."
    assert {sms.text for sms in sms_outbox} == {f"{MS} {ended}"}
    assert not User.objects.exists()


def test_an_answer_that_comes_after_the_end_changes_nothing() -> None:
    request = leased(identity=MATCH, ownership=OWNED)
    clock.advance(hours=settings.DECISION_HOURS + 1)
    decisions.expire()

    assert not decisions.record(request)

    assert events(request) == [("expired", "submitted", "expired")]
    assert Message.objects.get().template == "expired"


def test_a_request_of_a_person_asked_about_too_often_ends_once_and_under_its_lease() -> None:
    request = leased(41)
    assert decisions.cap(request)
    assert not decisions.cap(request)
    assert events(request) == [("capped", "submitted", "expired")]
    assert (Message.objects.get().template, Message.objects.get().purpose) == ("expired", "result")
    assert not submission.is_taken(request.national_code)
    lost = leased(42)
    RegistrationRequest.objects.filter(pk=lost.pk).update(lease_token=uuid4())
    assert not decisions.cap(lost)
    assert RegistrationRequest.objects.get(pk=lost.pk).status == Status.SUBMITTED


def test_a_decision_without_its_text_message_is_none() -> None:
    """One transaction: whatever fails takes the status, the account and the event with it."""
    request = leased(identity=MATCH, ownership=OWNED)
    Message.objects.create(
        recipient=request.mobile, purpose="result", template="rejected", reference=f"request:{request.pk}"
    )

    with pytest.raises(IntegrityError, match="message_one_result_per_request"), transaction.atomic():
        decisions.record(request)

    assert RegistrationRequest.objects.get().status == Status.SUBMITTED
    assert events(request) == []
    assert not User.objects.exists()
