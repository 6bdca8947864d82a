"""A lost SIM: documents, a code to the new one, and what ends; and the wrong turns of the two pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.errands import locking
from accounts.models import AccountEvent, Device, User
from accounts.staff import enrolment
from sms.backends import memory
from sms.models import OtpChallenge
from tests.accounts.errands.at_the_desk import errand
from tests.accounts.helpers import make_account, sign_in, signed_in
from tests.accounts.recovery.recovering import code_on_phone, leads_to, make_protected, phone, wrong_code
from tests.clock import advance
from tests.registration.desk.accounts.pages import page_of, reason, record
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db
NEW = "+989970077777"
NewClient = Callable[[], Client]


def asked(user: User, mobile: str = NEW) -> dict[str, object]:
    return reason(user, documents=["national_card"], mobile=mobile)


def to_code(desk: Client, user: User) -> None:
    advance(minutes=16)
    assert leads_to(desk.post(page_of(user, "mobile"), asked(user)), page_of(user, "mobile/code"))


def test_a_lost_sim(desk: Client, clerk: User, new_client: NewClient) -> None:
    user, browser = make_protected(), new_client()
    old = user.mobile
    sign_in(browser, user)
    to_code(desk, user)
    assert not any("کد شعبهٔ تأمین" in sent for sent in phone(user))  # nothing goes to the lost one before it is changed
    assert "کد به" in text(desk.get(page_of(user, "mobile/code")))
    assert leads_to(desk.post(page_of(user, "mobile/code"), {"code": code_on_phone(User(mobile=NEW))}), record(user))

    user.refresh_from_db()
    assert (user.mobile, Device.objects.count(), signed_in(browser)) == (NEW, 0, False)
    assert phone(user)  # what waited is sent
    told = {sent.recipient: sent.text for sent in memory.outbox}
    assert "تلفن همراه حساب شما تغییر کرد" in told[old]
    assert "این شماره تلفن همراه حساب شما در تأمین اجتماعی شد" in told[NEW]
    event = AccountEvent.objects.get(kind="mobile_changed")
    assert (event.actor, event.changes) == (clerk, {"mobile": [old, NEW]})
    assert event.words == "تلفنی گفت؛ دیده شد: کارت ملی"
    assert "09970077777" in text(desk.get(record(user)))
    advance(minutes=16)
    assert leads_to(sign_in(new_client(), user, known=False), "/accounts/login/code/")
    assert "کد ورود" in phone(user)[-1]


def test_a_wrong_code_changes_nothing_and_five_are_the_end(desk: Client) -> None:
    user = make_account()
    to_code(desk, user)
    for step in range(1, 6):
        page = desk.post(page_of(user, "mobile/code"), {"code": wrong_code(user, step)})
        assert "کد وارد شده" in text(page)
    right = code_on_phone(User(mobile=NEW))
    assert "دیگر پذیرفته نمی‌شود" in text(desk.post(page_of(user, "mobile/code"), {"code": right}))
    user.refresh_from_db()
    assert user.mobile != NEW


def test_the_code_is_sent_again(desk: Client) -> None:
    user = make_account()
    to_code(desk, user)
    assert "دوباره" in text(desk.post(page_of(user, "mobile/code"), {"send": "1"}, follow=True))  # too soon: when
    advance(minutes=3)
    assert "کد دوباره پیامک شد" in text(desk.post(page_of(user, "mobile/code"), {"send": "1"}, follow=True))
    assert leads_to(desk.post(page_of(user, "mobile/code"), {"code": code_on_phone(User(mobile=NEW))}), record(user))


def test_every_code_that_is_sent_is_an_event_with_its_number(desk: Client, clerk: User) -> None:
    """Whoever has codes sent to numbers of their choice leaves a trace, whether the mobile is changed or not."""
    user = make_account()
    to_code(desk, user)
    desk.post(page_of(user, "mobile"), asked(user))  # the code of before serves; none is sent
    desk.post(page_of(user, "mobile/code"), {"send": "1"})  # too soon; none is sent
    advance(minutes=3)
    desk.post(page_of(user, "mobile/code"), {"send": "1"})
    sent = AccountEvent.objects.filter(kind="code_sent")
    assert [(event.account, event.actor, event.changes) for event in sent] == [(user, clerk, {"mobile": ["", NEW]})] * 2
    assert len(phone(User(mobile=NEW))) == 2
    page = text(desk.get(record(user)))
    assert "کد به شمارهٔ تازه فرستاده شد" in page
    assert "09970077777" in page
    assert "<del>" not in page  # nothing was changed


def test_a_code_that_is_held_back_is_an_event_when_it_goes(desk: Client) -> None:
    user, other = make_account(1), make_account(2)
    to_code(desk, other)
    desk.post(page_of(user, "mobile"), asked(user))
    sent = AccountEvent.objects.filter(kind="code_sent", account=user)
    assert not sent.exists()
    advance(minutes=3)
    desk.post(page_of(user, "mobile/code"), {"send": "1"})
    assert sent.count() == 1


def test_no_code_is_sent_again_for_who_became_a_colleague(desk: Client) -> None:
    user = make_account()
    to_code(desk, user)
    advance(minutes=3)
    enrolment.issue(user)
    desk.post(page_of(user, "mobile/code"), {"send": "1"})
    assert len(phone(User(mobile=NEW))) == 1


def test_documents_and_another_number_are_asked(desk: Client) -> None:
    user = make_account()
    page = text(desk.post(page_of(user, "mobile"), reason(user, mobile=user.local_mobile)))
    assert "این همان شمارهٔ کنونی حساب است" in page
    assert "مدارکی را که دیده‌اید" in page
    assert "تلفن همراه" in text(desk.post(page_of(user, "mobile"), asked(user, "0912")))
    assert not OtpChallenge.objects.exists()


def test_a_code_is_of_one_account_one_clerk_and_the_account_as_it_was(
    desk: Client, client: Client, new_client: NewClient
) -> None:
    user, other = make_account(1), make_account(2)
    to_code(desk, user)
    code = {"code": code_on_phone(User(mobile=NEW))}
    assert leads_to(desk.post(page_of(other, "mobile/code"), code), record(other))
    colleague = new_client()
    colleague.force_login(make_account(501, is_staff=True, is_superuser=True))
    assert leads_to(colleague.post(page_of(user, "mobile/code"), code), record(user))
    locking.lock(user.pk, errand(user))
    assert "دوباره آغاز کنید" in text(desk.post(page_of(user, "mobile/code"), code, follow=True))
    for one in (user, other):
        before = one.mobile
        one.refresh_from_db()
        assert one.mobile == before
    assert not OtpChallenge.objects.filter(consumed_at=None, confirmed_at__isnull=False).exists()


def test_a_code_is_used_once_and_a_forged_number_is_not_taken(desk: Client) -> None:
    user = make_account()
    to_code(desk, user)
    code = {"code": code_on_phone(User(mobile=NEW)), "mobile": "+989970088888", "is_staff": "on"}
    desk.post(page_of(user, "mobile/code"), code)
    desk.post(page_of(user, "mobile/code"), code)
    user.refresh_from_db()
    assert (user.mobile, user.is_staff) == (NEW, False)
    assert AccountEvent.objects.filter(kind="mobile_changed").count() == 1


def test_the_citizen_who_is_faster_wins(desk: Client) -> None:
    user = make_account()
    to_code(desk, user)
    User.objects.filter(pk=user.pk).update(email="sara@example.com")  # what the owner changed counts
    code = {"code": code_on_phone(User(mobile=NEW))}
    assert "دوباره آغاز کنید" in text(desk.post(page_of(user, "mobile/code"), code, follow=True))
    user.refresh_from_db()
    assert user.mobile != NEW
