"""What the database itself refuses, and the little that accounts know of themselves."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import AccountEvent, SecurityQuestion, StaffEnrolment, StaffFactor, StaffRecoveryCode, User
from tests.accounts.helpers import make_account
from tests.people import national_code

pytestmark = pytest.mark.django_db


def refused(constraint: str, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_account(2, **fields)


def test_the_database_keeps_the_form_of_numbers() -> None:
    refused("user_national_code_digits", national_code="۰۰۱۹۹۹۰۰۱۱")
    refused("user_national_code_digits", national_code="001999001")
    refused("user_mobile_e164", mobile="09121234567")


def test_one_account_for_one_person() -> None:
    make_account(1)
    refused("user_national_code", national_code=national_code(1))


def test_an_active_account_knows_since_when() -> None:
    refused("user_active_since_when", activated_at=None)
    make_account(3, is_active=False, activated_at=None)


def test_a_closed_account_is_not_active() -> None:
    refused("user_closed_is_not_active", closed_at=timezone.now())
    make_account(3, is_active=False, closed_at=timezone.now())


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("account_event_by_staff", {"kind": "locked", "words": "گم شدن تلفن", "actor": None}),
        ("account_event_by_staff", {"kind": "recovered"}),
        ("account_event_has_a_reason", {"kind": "locked"}),
        ("account_event_only_changes_have_changes", {"kind": "viewed", "changes": {"mobile": ["", ""]}}),
    ],
)
def test_the_database_keeps_the_form_of_events(constraint: str, fields: dict[str, Any]) -> None:
    user, clerk = make_account(1), make_account(2, is_staff=True)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AccountEvent.objects.create(**{"account": user, "actor": clerk, "security_version": 0, **fields})
    event = AccountEvent.objects.create(account=user, actor=clerk, kind="viewed", security_version=0)
    assert str(event) == f"account event {event.pk}"


def test_accounts_are_named_without_personal_data() -> None:
    user = make_account(4)
    assert str(user) == f"account {user.pk}"
    assert user.get_full_name() == "سارا محمدی"
    assert user.get_short_name() == "سارا"
    assert user.local_mobile == "09970000104"
    assert User().local_mobile == ""


def test_accounts_are_found_by_their_national_code() -> None:
    user = make_account(7)
    assert User.objects.get_by_natural_key(user.national_code) == user


def test_questions_are_offered_in_order() -> None:
    positions = list(SecurityQuestion.objects.values_list("position", flat=True))
    assert positions
    assert positions == sorted(positions)


def test_the_database_bounds_an_enrolment() -> None:
    user = make_account(8)
    known = {"user": user, "code_hash": "0" * 64, "expires_at": Now()}
    for constraint, fields in (
        ("staff_enrolment_ten_attempts", {"attempts": 11}),
        ("staff_enrolment_opened_by_attempts", {"attempts": 1, "openings": 2}),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            StaffEnrolment.objects.create(**known, **fields)
    factor = StaffFactor.objects.create(user=user, nonce=b"0" * 16)
    StaffRecoveryCode.objects.create(factor=factor, code_hash="0" * 64)
    with pytest.raises(IntegrityError, match="staff_recovery_code_once"), transaction.atomic():
        StaffRecoveryCode.objects.create(factor=factor, code_hash="0" * 64)
