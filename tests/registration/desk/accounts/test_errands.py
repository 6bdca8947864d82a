"""The pages of errands: what they ask, what they refuse, and what a forged post changes: nothing."""

from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import AccountEvent, StaffEnrolment, User
from accounts.staff import enrolment
from registration.desk import roles
from registration.desk.accounts.acts import ACTS, Act
from tests.accounts.helpers import make_account
from tests.registration.desk.accounts.pages import page_of, reason, record
from tests.registration.desk.members import member
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db
FORGED = {
    "is_staff": "on",
    "is_superuser": "on",
    "identity_check": "registry",
    "mobile": "+989970077777",
    "password": "x",
    "national_code": "0019990011",
    "account": "1",
    "by": "1",
    "actor": "1",
    "groups": "1",
}


def standing(act: Act) -> dict[str, Any]:
    """Fields of an account for which this is offered."""
    return {"is_active": "open" in act.states, "closed_at": timezone.now() if "closed" in act.states else None}


@pytest.fixture
def clerk() -> User:
    """A supervisor, who may all that a clerk may, and more."""
    return member(500, roles.SUPERVISOR)


def test_an_account_is_locked_and_unlocked_with_reasons_that_stay(desk: Client, clerk: User) -> None:
    user = make_account(1)
    answered = desk.post(page_of(user, "lock"), {"reason": "lost", "details": "در مترو", "version": 0})
    assert answered.headers["Location"] == record(user)
    page = text(desk.get(record(user)))
    assert "حساب مسدود شد؛ برای صاحب حساب پیامک می‌رود" in page
    assert "تلفن همراه صاحب حساب گم یا دزدیده شده است: در مترو" in page
    assert page_of(user, "lock") not in page

    seen = {"documents": ["national_card"], "version": 1}
    desk.post(page_of(user, "unlock"), {"reason": "owner", "details": "", **seen})
    user.refresh_from_db()
    assert user.is_active
    event = AccountEvent.objects.get(kind="unlocked")
    assert (event.actor, event.words) == (clerk, "صاحب حساب حضور دارد و درخواست کرده است؛ دیده شد: کارت ملی")


@pytest.mark.parametrize("act", [act.name for act in ACTS])
def test_every_page_asks_a_reason_and_its_documents(desk: Client, act: str) -> None:
    [wanted] = [one for one in ACTS if one.name == act]
    user = make_account(1, **standing(wanted))
    for wrong in ({}, {"reason": "other"}, {"reason": "x", "version": 0}, {"reason": "other", "details": "ی" * 201}):
        answered = desk.post(page_of(user, act), {"version": 0, **wrong})
        assert answered.status_code == 200
        assert "مشکلی وجود دارد" in text(answered)
        assert "دلیل رد" not in text(answered)  # nothing is refused here
    if wanted.documents:
        assert "مدارکی را که دیده‌اید" in text(desk.post(page_of(user, act), reason(user)))
    before = User.objects.values().get(pk=user.pk)
    assert [event.kind for event in AccountEvent.objects.all()] == ["viewed"]  # the page names the person
    assert User.objects.values().get(pk=user.pk) == before


def test_odd_characters_in_an_explanation_are_left_out(desk: Client) -> None:
    user = make_account(1)
    desk.post(page_of(user, "lock"), reason(user, "تلفنی\x00\r\n گفت\x00"))
    assert AccountEvent.objects.get(kind="locked").words == "تلفنی گفت"
    assert desk.post(page_of(user, "sessions"), reason(user, "\x00 \x00")).status_code == 200  # nothing was written


@pytest.mark.parametrize(
    ("version", "told"),
    [
        *((odd, "صفحه را دوباره باز کنید") for odd in ("", "x", "-1", "99999999999")),
        ("۱", "در این فاصله حساب را تغییر داده است"),  # a number, but not this account's
    ],
)
def test_what_is_no_version_is_refused(desk: Client, version: str, told: str) -> None:
    user = make_account(1)
    posted = {"reason": "lost", "details": "", "version": version}
    assert told in text(desk.post(page_of(user, "lock"), posted, follow=True))
    user.refresh_from_db()
    assert user.is_active


def test_who_was_slower_is_told(desk: Client) -> None:
    user = make_account(1)
    stale = reason(user)
    User.objects.filter(pk=user.pk).update(mobile="+989970077778")
    assert "در این فاصله حساب را تغییر داده است" in text(desk.post(page_of(user, "lock"), stale, follow=True))
    desk.post(page_of(user, "lock"), reason(user))
    assert "با وضعیت کنونی حساب" in text(desk.post(page_of(user, "lock"), reason(user), follow=True))
    assert "با وضعیت کنونی حساب" in text(desk.get(page_of(user, "lock"), follow=True))


@pytest.mark.parametrize("act", [act.name for act in ACTS])
def test_a_forged_post_changes_nothing_else(desk: Client, clerk: User, act: str) -> None:
    [wanted] = [one for one in ACTS if one.name == act]
    user = make_account(1, **standing(wanted))
    before: dict[str, Any] = {**User.objects.values().get(pk=user.pk)}
    desk.post(page_of(user, act), reason(user, documents=["passport"], **FORGED))
    after: dict[str, Any] = {**User.objects.values().get(pk=user.pk)}
    assert AccountEvent.objects.exists()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"security_version", "is_active", "closed_at", "password", "identity_check"}
    assert AccountEvent.objects.get(account=user).actor == clerk


def test_who_only_reads_is_offered_nothing(client: Client) -> None:
    user = make_account(1)
    client.force_login(member(600, roles.AUDITOR))
    page = text(client.get(record(user)))
    for act in ACTS:
        assert page_of(user, act.name) not in page
        assert client.post(page_of(user, act.name), reason(user)).status_code == 403


def test_the_record_of_somebody_who_is_invited_to_the_staff_says_why_nothing_is_offered(desk: Client) -> None:
    user = make_account(1)
    enrolment.issue(user)
    told = "به همکاری در میز کار دعوت شده است"
    page = text(desk.get(record(user)))
    assert told in page
    for act in ("mobile", *(act.name for act in ACTS)):
        assert page_of(user, act) not in page
        assert told in text(desk.post(page_of(user, act), reason(user), follow=True))
    assert set(AccountEvent.objects.values_list("kind", flat=True)) == {"viewed"}
    StaffEnrolment.objects.update(expires_at=F("created_at"))  # who never came is served as before
    assert page_of(user, "lock") in text(desk.get(record(user)))
