"""A locked account: who is out, what its owner reads, and that one clerk is enough for one errand."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.errands import closing, locking, recovering
from accounts.errands.errand import ChangedMeanwhile, Errand, NotPossible
from accounts.models import AccountEvent, Device, RecoveryRun, User
from accounts.staff import enrolment
from sms.models import OtpChallenge
from tests.accounts.errands.at_the_desk import clerk, errand, kinds
from tests.accounts.helpers import make_account, sign_in, signed_in, text
from tests.accounts.recovery.recovering import ANSWERS, START, begin, leads_to, make_protected, phone, prove, to_answers
from tests.clock import advance
from tests.threads import together

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]


def test_whoever_is_in_a_locked_account_is_out(new_client: NewClient) -> None:
    user, inside, recovering = make_protected(), new_client(), new_client()
    to_answers(recovering, user)
    sign_in(inside, user)
    assert signed_in(inside)

    locking.lock(user.pk, errand(user))
    user.refresh_from_db()
    assert (user.is_active, Device.objects.filter(user=user).count()) == (False, 0)
    assert not signed_in(inside)
    assert leads_to(recovering.get(ANSWERS), START)
    assert RecoveryRun.objects.get().ended_at
    assert not OtpChallenge.objects.filter(confirmed_at__isnull=False, consumed_at=None).exists()
    assert phone(user)[-1].startswith("حساب شما در شعبه مسدود شد. برای رفع آن با مدارک هویتی به شعبه بروید.")
    assert kinds(user) == ["locked"]


def test_its_owner_reads_where_to_go_and_nobody_recovers_it(new_client: NewClient) -> None:
    user = make_protected()
    locking.lock(user.pk, errand(user))
    page = text(sign_in(new_client(), user))
    assert "حساب کاربری شما غیرفعال شده است. با در دست داشتن مدارک هویتی به نزدیک‌ترین شعبه مراجعه فرمائید." in page
    before = len(phone(user))
    browser = new_client()
    begin(browser, user.national_code)
    assert len(phone(user)) == before  # the page says: if there is an active account


def test_after_unlocking_the_password_of_before_is_good_and_a_code_is_asked(new_client: NewClient) -> None:
    user, browser = make_protected(), new_client()
    sign_in(browser, user)
    locking.lock(user.pk, errand(user))
    locking.unlock(user.pk, errand(user))
    assert not signed_in(browser)
    advance(minutes=16)
    assert leads_to(sign_in(browser, user, known=False), "/accounts/login/code/")
    assert kinds(user) == ["locked", "unlocked"]
    assert any("مسدودی حساب شما در شعبه برداشته شد" in sent for sent in phone(user))


def test_ending_sessions_forgets_every_device(new_client: NewClient) -> None:
    user, browsers = make_account(), [new_client(), new_client()]
    for browser in browsers:
        sign_in(browser, user)
    locking.end_sessions(user.pk, errand(user))
    assert [signed_in(browser) for browser in browsers] == [False, False]
    assert not Device.objects.exists()
    assert "شعبه حساب شما را از همهٔ دستگاه‌ها خارج کرد" in phone(user)[-1]
    user.refresh_from_db()
    assert user.is_active


@pytest.mark.parametrize("act", [locking.lock, locking.unlock, locking.end_sessions])
@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_active": False, "activated_at": None}])
def test_staff_and_who_never_had_an_account_are_not_looked_after(
    act: Callable[[int, Errand], None], fields: dict[str, Any]
) -> None:
    user = make_account(**fields)
    with pytest.raises(NotPossible):
        act(user.pk, errand(user))
    assert kinds(user) == []


@pytest.mark.parametrize("act", [locking.lock, locking.end_sessions, closing.close_by_wish, recovering.start_recovery])
def test_who_is_invited_to_the_staff_is_a_colleague_already(act: Callable[[int, Errand], None]) -> None:
    user = make_account()
    enrolment.issue(user)
    with pytest.raises(NotPossible):
        act(user.pk, errand(user))
    assert kinds(user) == []


def test_nothing_is_done_twice_or_without_a_reason() -> None:
    user = make_account()
    with pytest.raises(NotPossible):
        locking.unlock(user.pk, errand(user))
    with pytest.raises(ValueError, match="reason"):
        locking.lock(user.pk, errand(user, "  "))
    locking.lock(user.pk, errand(user))
    with pytest.raises(NotPossible):
        locking.lock(user.pk, errand(user))
    assert kinds(user) == ["locked"]


def test_a_page_of_before_changes_nothing() -> None:
    user = make_account()
    old = errand(user)
    locking.end_sessions(user.pk, errand(user))
    with pytest.raises(ChangedMeanwhile):
        locking.lock(user.pk, old)
    assert User.objects.get(pk=user.pk).is_active


def test_the_event_says_who_why_and_from_where() -> None:
    user = make_account()
    locking.lock(user.pk, errand(user, "گم شدن تلفن؛ " + "ی" * 300))
    event = AccountEvent.objects.get()
    assert (event.actor, event.client_network) == (clerk(), "192.0.2.0")
    assert event.words.startswith("گم شدن تلفن؛ ")
    assert len(event.words) == 300
    assert event.security_version == User.objects.get(pk=user.pk).security_version


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_once_one_is_told() -> None:
    user = make_account()
    wanted = [errand(user, by=clerk(number)) for number in (500, 501)]
    answers = together(lambda: locking.lock(user.pk, wanted.pop()), 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["ChangedMeanwhile", "NoneType"]
    assert kinds(user) == ["locked"]


def test_a_recovery_of_before_does_not_unlock(new_client: NewClient) -> None:
    user, browser = make_protected(), new_client()
    advance(minutes=16)
    begin(browser, user.national_code)
    locking.lock(user.pk, errand(user))
    locking.unlock(user.pk, errand(user))
    assert leads_to(prove(browser, user), START)
