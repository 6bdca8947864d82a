"""Somebody who has forgotten everything: a branch starts, the citizen goes on alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.errands import locking, recovering
from accounts.models import AccountEvent, RecoveryRun, SecurityQuestion, User
from accounts.questions.answers import answers_match
from accounts.recovery import permits
from tests.accounts.acts import GIVEN
from tests.accounts.errands.at_the_desk import errand, kinds
from tests.accounts.helpers import NEW_PASSWORD, PASSWORD, make_account, sign_in, signed_in, text
from tests.accounts.recovery.recovering import ANSWERS, CODE, DONE, START, begin, leads_to, make_protected, phone, prove
from tests.clock import advance
from tests.registration.desk.accounts.pages import page_of, reason, record

pytestmark = pytest.mark.django_db
ANEW = f"{START}anew/"
NewClient = Callable[[], Client]


def anew(**other: str) -> dict[str, Any]:
    offered = SecurityQuestion.objects.filter(is_offered=True).exclude(text__startswith="پرسش")[:3]
    form: dict[str, Any] = {f"question_{number}": question.pk for number, question in enumerate(offered, 1)}
    form |= {f"answer_{number}": answer for number, answer in enumerate(GIVEN, 1)}
    return form | {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD} | other


def to_anew(browser: Client, user: User) -> None:
    phone(user)  # the notice is there before the code
    advance(minutes=16)
    assert leads_to(begin(browser, user.national_code), CODE)
    assert leads_to(prove(browser, user), ANSWERS)
    assert leads_to(browser.get(ANSWERS), ANEW)


def test_somebody_who_has_forgotten_everything(desk: Client, clerk: User, new_client: NewClient) -> None:
    user, browser, inside = make_protected(), new_client(), new_client()
    sign_in(inside, user)
    asked = reason(user, "", reason="answers", documents=["national_card", "birth_certificate"])
    assert leads_to(desk.post(page_of(user, "recovery"), asked), record(user))
    assert "تا یک روز «بازیابی گذرواژه» را در سامانه باز کنید" in phone(user)[-1]
    assert not any("#" in sent for sent in phone(user))  # no code before the citizen asks for one
    assert signed_in(inside)

    to_anew(browser, user)
    assert leads_to(browser.post(ANEW, anew()), DONE)
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert answers_match(GIVEN, user.answers_hash)
    assert not signed_in(inside)
    assert leads_to(sign_in(browser, user.national_code, NEW_PASSWORD), "/accounts/profile/")
    assert "گذرواژهٔ شما بازیابی شد" in phone(user)[-1]
    assert kinds(user) == ["recovery_started", "recovered"]
    [started, recovered] = AccountEvent.objects.order_by("pk")
    assert (started.actor, recovered.actor) == (clerk, None)


def test_it_is_good_once(new_client: NewClient) -> None:
    user = make_protected()
    recovering.start_recovery(user.pk, errand(user))
    browsers = [new_client(), new_client()]
    for browser in browsers:
        to_anew(browser, user)
    assert leads_to(browsers[0].post(ANEW, anew()), DONE)
    assert leads_to(browsers[1].post(ANEW, anew(password1="Kabutar%99", password2="Kabutar%99")), START)
    again = new_client()
    phone(user)
    advance(minutes=16)
    begin(again, user.national_code)
    assert leads_to(prove(again, user), ANSWERS)
    assert again.get(ANSWERS).status_code == 200  # the answers are asked as always
    assert leads_to(again.get(ANEW), START)
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_it_ends_after_a_day_also_for_who_is_under_way(new_client: NewClient) -> None:
    user, browser = make_protected(), new_client()
    recovering.start_recovery(user.pk, errand(user))
    advance(hours=23, minutes=40)
    to_anew(browser, user)
    advance(minutes=10)
    assert leads_to(browser.post(ANEW, anew()), START)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert timedelta(hours=24) == permits.LIFETIME


@pytest.mark.parametrize(
    "change", [locking.end_sessions, lambda pk, _: User.objects.filter(pk=pk).update(email="a@b.ir")]
)
def test_any_change_of_the_protection_voids_it(change: Callable[[int, Any], Any], new_client: NewClient) -> None:
    user = make_protected()
    recovering.start_recovery(user.pk, errand(user))
    assert permits.holds(user)
    change(user.pk, errand(user))
    user.refresh_from_db()
    assert not permits.holds(user)


def test_who_has_no_questions_at_all_recovers_with_it_alone(new_client: NewClient) -> None:
    user, browser = make_account(), new_client()
    advance(minutes=16)
    begin(browser, user.national_code)
    assert not phone(user)
    recovering.start_recovery(user.pk, errand(user))
    to_anew(browser, user)
    assert leads_to(browser.post(ANEW, anew()), DONE)


def test_the_rules_of_passwords_and_answers_stay(new_client: NewClient) -> None:
    user, browser = make_protected(), new_client()
    recovering.start_recovery(user.pk, errand(user))
    to_anew(browser, user)
    wrong = [
        anew(password1="short", password2="short"),
        anew(password2="Other%1234"),
        anew(answer_1=user.last_name),
        anew(answer_2=GIVEN[0]),
        {},
    ]
    for form in wrong:
        page = browser.post(ANEW, form)
        assert page.status_code == 200
        assert "مشکلی وجود دارد" in text(page)
        assert NEW_PASSWORD not in text(page)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_without_the_code_there_is_no_way_in(new_client: NewClient) -> None:
    user, stranger = make_protected(), new_client()
    recovering.start_recovery(user.pk, errand(user))
    assert leads_to(stranger.get(ANEW), START)
    advance(minutes=16)
    begin(stranger, user.national_code)
    assert leads_to(stranger.post(ANEW, anew()), START)
    assert RecoveryRun.objects.latest("pk").ended_at is None
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_locked_account_is_not_recovered(desk: Client) -> None:
    user = make_protected(is_active=False)
    assert leads_to(desk.post(page_of(user, "recovery"), reason(user, documents=["passport"])), record(user))
    assert kinds(user) == []
