"""Somebody calls: what for, a code to the account's mobile, what the caller reads out, what the record says then."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import AccountEvent, User
from registration.desk import roles
from tests.accounts.helpers import make_account
from tests.accounts.recovery.recovering import code_on_phone, leads_to, phone, wrong_code
from tests.clock import advance
from tests.registration.desk.accounts.pages import page_of, reason, record
from tests.registration.desk.members import member
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
VERIFIED = "برای شما تأییدشده است"


def call(desk: Client, user: User) -> None:
    assert leads_to(desk.post(page_of(user, "caller"), reason(user, "", reason="state")), page_of(user, "caller/code"))


def tell(desk: Client, user: User, code: str) -> str:
    return text(desk.post(page_of(user, "caller/code"), {"code": code}, follow=True))


def test_a_caller_who_holds_the_mobile_is_verified(desk: Client, clerk: User, new_client: NewClient) -> None:
    user = make_account()
    assert page_of(user, "caller") in text(desk.get(record(user)))
    call(desk, user)
    page = text(desk.get(page_of(user, "caller/code")))
    assert "0997***0101" in page
    assert user.local_mobile not in page
    assert "معتبر نمی‌باشد" in tell(desk, user, wrong_code(user))
    page = tell(desk, user, code_on_phone(user))
    assert VERIFIED in page
    assert "نام، شماره، تاریخ و نشانی را نخوانید" in page
    events = AccountEvent.objects.exclude(kind="viewed")
    assert [(event.kind, event.words, event.actor) for event in events] == [
        ("caller_code", "وضعیت را می‌پرسد", clerk),
        ("caller_verified", "وضعیت را می‌پرسد", clerk),
    ]
    colleague = new_client()
    colleague.force_login(member(501, roles.CLERK))
    assert VERIFIED not in text(colleague.get(record(user)))
    advance(minutes=16)
    assert VERIFIED not in text(desk.get(record(user)))


def test_five_wrong_codes_are_the_end_and_stay(desk: Client) -> None:
    user = make_account()
    call(desk, user)
    pages = [tell(desk, user, wrong_code(user, step)) for step in range(1, 6)]
    assert "تماس‌گیرنده تأیید نشد" in pages[-1]
    assert not any("تأیید نشد" in page for page in pages[:-1])
    assert "کدی در جریان نیست" in tell(desk, user, code_on_phone(user))
    assert list(AccountEvent.objects.exclude(kind="viewed").values_list("kind", flat=True)) == [
        "caller_code",
        "caller_failed",
    ]


def test_who_cannot_tell_the_code_is_not_verified(desk: Client) -> None:
    user = make_account()
    call(desk, user)
    told = desk.post(page_of(user, "caller/code"), {"none": "1"}, follow=True)
    assert "تماس‌گیرنده تأیید نشد" in text(told)
    assert "کدی در جریان نیست" in tell(desk, user, code_on_phone(user))
    assert AccountEvent.objects.get(kind="caller_failed").words == "وضعیت را می‌پرسد"
    assert VERIFIED not in text(desk.get(record(user)))


def test_the_code_is_sent_again_and_another_call_waits(desk: Client) -> None:
    user = make_account()
    call(desk, user)
    assert "دوباره" in text(desk.post(page_of(user, "caller/code"), {"send": "1"}, follow=True))  # too soon: when
    call(desk, user)  # the code of before serves
    assert len(phone(user)) == 1
    advance(minutes=3)
    assert "کد دوباره پیامک شد" in text(desk.post(page_of(user, "caller/code"), {"send": "1"}, follow=True))
    assert VERIFIED in tell(desk, user, code_on_phone(user))


def test_a_call_is_of_one_account_one_clerk_and_the_account_as_it_was(desk: Client, new_client: NewClient) -> None:
    user, other = make_account(1), make_account(2)
    call(desk, user)
    code = {"code": code_on_phone(user)}
    colleague = new_client()
    colleague.force_login(member(501, roles.CLERK))
    for browser, one in ((desk, other), (colleague, user)):
        assert leads_to(browser.post(page_of(one, "caller/code"), code), record(one))
    User.objects.filter(pk=user.pk).update(email="sara@example.com")
    assert leads_to(desk.post(page_of(user, "caller/code"), code), record(user))
    assert not AccountEvent.objects.filter(kind="caller_verified").exists()


@pytest.mark.parametrize("typed", [{}, {"reason": "x"}, {"reason": "other", "details": " "}])
def test_it_is_asked_what_the_call_is_about(desk: Client, typed: dict[str, str]) -> None:
    user = make_account()
    page = desk.post(page_of(user, "caller"), {"version": "0", **typed})
    assert page.status_code == 200
    assert "مشکلی وجود دارد" in text(page)
    assert phone(user) == []
