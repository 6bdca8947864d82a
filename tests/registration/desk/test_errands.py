"""What is done about a request beside deciding it: asked again, sent again, withdrawn, handed over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import User
from registration.desk import roles
from registration.identity import check
from registration.lifecycle import asking, corrections, withdrawal
from registration.models import CivilRecord, MobileOwner, RegistrationRequest
from sms.backends.base import Outgoing
from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.people import STATED
from tests.registration.desk.members import member, office
from tests.registration.desk.pages import LIST, record
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status
ASKED_JUST_NOW = "چند ثانیهٔ دیگر صفحه را تازه کنید"


def told(client: Client, row: RegistrationRequest, errand: str, posted: dict[str, Any] | None = None) -> str:
    """What the record says after the button."""
    assert client.post(f"{LIST}{row.pk}/{errand}/", posted or {}).headers["Location"] == record(row)
    row.refresh_from_db()
    return text(client.get(record(row)))


def known_as(row: RegistrationRequest, **other: Any) -> None:
    """The registry has this person so."""
    fields = CivilRecord.with_keys(STATED | other)
    CivilRecord.objects.create(national_code=row.national_code, is_alive=True, **fields)


# ── ask again ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_registry_that_agrees_by_now_is_asked_again(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH, findings={"first_name": "mismatch"})
    known_as(row)
    assert "از پایگاه مرجع دوباره پرسیده می‌شود" in told(desk, row, "ask-again")
    assert row.asking_again
    assert "در حال پرسیده شدن است" in told(desk, row, "ask-again")  # it is under way
    check.check(row.pk)
    page = text(desk.get(record(row)))
    assert "پایگاه مرجع دوباره پرسیده شد و اکنون تأیید می‌کند" in page
    assert 'name="compared"' not in page
    row.refresh_from_db()
    assert (row.status, row.identity, row.asking_again) == (Status.MISMATCH, "match", False)
    kinds = list(row.events.exclude(kind="viewed").values_list("kind", flat=True))
    assert kinds == ["asked_again", "answered_again"]
    ticks = {"documents_seen": "1", "no_code": "no_signal", "documents": ["passport"]}
    assert "حساب کاربری فعال شد" in told(desk, row, "activate", ticks)


def test_a_mobile_that_is_the_persons_own_by_now(desk: Client) -> None:
    row = make_request(7)
    MobileOwner.objects.create(mobile=row.mobile, national_code=row.national_code)
    known_as(row)
    told(desk, row, "ask-again")
    check.drain()
    row.refresh_from_db()
    assert (row.status, row.ownership) == (Status.BRANCH, "owned")
    assert "اکنون تلفن همراه به نام خود متقاضی است" in text(desk.get(record(row)))


def test_nobody_asks_where_the_answer_would_be_the_same(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    known_as(row, first_name="ساره")
    told(desk, row, "ask-again")
    check.drain()
    row.refresh_from_db()
    assert row.findings["first_name"] == "mismatch"
    assert "پرسش دوباره از پایگاه مرجع" not in text(desk.get(record(row)))
    assert "لحظاتی پیش پرسیده شده است" in told(desk, row, "ask-again")
    assert not row.asking_again
    row.events.filter(kind="answered_again").update(at=timezone.now() - asking.CHANGES_IN - timedelta(seconds=1))
    told(desk, row, "ask-again")
    assert row.asking_again


def test_who_waits_for_a_service_is_asked_about_at_once(desk: Client) -> None:
    row = make_request(7, Status.SUBMITTED, due_at=timezone.now() + timedelta(minutes=9))
    told(desk, row, "ask-again")
    assert check.due().filter(due_at__lte=timezone.now()).exists()
    assert row.status == Status.SUBMITTED
    due = make_request(8, Status.SUBMITTED)
    assert "پرسیده شدن است" in told(desk, due, "ask-again")


def test_a_question_that_nobody_answers_ends(desk: Client) -> None:
    row = make_request(7)
    told(desk, row, "ask-again")
    for _ in range(check.MOST_AGAIN):  # the tables are empty: nothing is answered
        assert RegistrationRequest.objects.get().asking_again
        RegistrationRequest.objects.update(due_at=Now())
        check.drain()
    row.refresh_from_db()
    assert (row.asking_again, row.ownership, row.status) == (False, "not_owned", Status.BRANCH)
    assert row.last_error
    assert not row.events.filter(kind="answered_again").exists()


def test_an_answer_that_comes_after_the_decision_changes_nothing(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    known_as(row)
    told(desk, row, "ask-again")
    held = check._claiming_again().claim(check.LEASE_SECONDS)
    assert held
    assert ASKED_JUST_NOW not in told(desk, row, "reject", {"reason": "mobile", "details": ""})
    held.identity = "match"
    assert not asking.answered(held)
    row.refresh_from_db()
    assert (row.status, row.identity, row.asking_again) == (Status.REJECTED, "mismatch", False)


def test_a_question_under_way_ends_with_the_request(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    assert ASKED_JUST_NOW in told(desk, row, "ask-again")
    held = check._claiming_again().claim(check.LEASE_SECONDS)
    assert held
    withdrawal.withdraw(row.pk, client_ip="192.0.2.7")
    check._ask_again(held)  # a worker whom nobody answers
    row.refresh_from_db()
    assert (row.status, row.asking_again, row.lease_token, row.last_error) == (Status.WITHDRAWN, False, None, "")
    assert ASKED_JUST_NOW not in text(desk.get(record(row)))


def test_an_answer_about_data_that_were_corrected_meanwhile_counts_for_nothing(desk: Client, clerk: User) -> None:
    row = make_request(7, Status.MISMATCH, findings={"first_name": "mismatch"})
    known_as(row)
    told(desk, row, "ask-again")
    held = check._claiming_again().claim(check.LEASE_SECONDS)
    assert held
    values = {name: getattr(row, name) for name in RegistrationRequest.IDENTITY_FIELDS} | {"last_name": "بهرامی"}
    corrections.correct(row.pk, by=clerk, client_ip="192.0.2.7", values=values, words="گذرنامه")
    check._ask_again(held)
    row.refresh_from_db()
    assert (row.identity, row.findings["last_name"], row.asking_again) == ("mismatch", "corrected", True)
    check.drain()  # about what stands there now
    row.refresh_from_db()
    assert (row.findings["last_name"], row.asking_again) == ("mismatch", False)


# ── send again ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_result_is_sent_again_and_not_for_ever(desk: Client, sms_outbox: list[Outgoing]) -> None:
    row = make_request(7, Status.MISMATCH)
    for number in range(1, 4):
        assert "نتیجه دوباره فرستاده شد" in told(desk, row, "send-again")
        delivery.drain("texts")
        assert len(sms_outbox) == number
    assert "سه بار در یک روز فرستاده شده است" in told(desk, row, "send-again")
    assert len({sms.text for sms in sms_outbox}) == 1
    assert "تأیید اطلاعات شما با مشکل مواجه شد" in sms_outbox[0].text
    assert row.events.filter(kind="sent_again").count() == Message.objects.count() == 3
    clock.advance(hours=25)
    told(desk, row, "send-again")
    assert Message.objects.count() == 4


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.SUPERSEDED])
def test_what_has_no_result_is_not_sent(desk: Client, status: str) -> None:
    row = make_request(7, status)
    assert "ارسال دوبارهٔ نتیجه" not in text(desk.get(record(row)))
    assert "هنوز نتیجه‌ای ندارد" in told(desk, row, "send-again")
    assert not Message.objects.exists()


# ── withdraw ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.BRANCH, Status.MISMATCH])
def test_a_request_is_withdrawn_as_its_citizen_wishes(desk: Client, clerk: User, status: str) -> None:
    row = make_request(7, status)
    page = f"{LIST}{row.pk}/withdraw/"
    assert page in text(desk.get(record(row)))
    assert "تنها به خواست متقاضی" in text(desk.get(page))
    assert "دلیل انصراف را انتخاب کنید" in text(desk.post(page, {}))
    assert "دلیل انصراف را بنویسید" in text(desk.post(page, {"reason": "other"}))
    assert "انصراف از درخواست ثبت شد" in told(desk, row, "withdraw", {"reason": "mistake", "details": "دو بار"})
    assert row.status == Status.WITHDRAWN
    event = row.events.get(kind="withdrawn")
    assert (event.actor, event.words) == (clerk, "اشتباهی ثبت‌نام کرده است: دو بار")
    assert desk.get(page).headers["Location"] == record(row)


# ── hand over ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_request_is_handed_over_to_a_colleague_of_the_branch(new_client: NewClient) -> None:
    row = make_request(7, province="تهران")
    mina, azar = new_client(), new_client()
    mina.force_login(member(751, roles.CLERK, branch=office(), first_name="مینا", last_name="کارگر"))
    colleague = member(752, roles.SUPERVISOR, branch=office(), first_name="آذر", last_name="نوری")
    azar.force_login(colleague)
    auditor = member(753, roles.AUDITOR, branch=office())
    elsewhere = member(754, roles.CLERK, branch=office("فارس", "شیراز"))
    assert 'name="to"' not in text(mina.get(record(row)))  # who does not have it hands nothing over
    assert "همکارتان در این میان" in told(mina, row, "hand-over", {"to": str(colleague.pk)})
    told(mina, row, "take")
    page = text(mina.get(record(row)))
    assert f'<option value="{colleague.pk}">آذر نوری</option>' in page
    for wrong in (str(auditor.pk), str(elsewhere.pk), "0", "x", "", "9" * 30):
        assert "همکاری از شعبهٔ خود را انتخاب کنید" in told(mina, row, "hand-over", {"to": wrong})
    page = told(mina, row, "hand-over", {"to": str(colleague.pk)})
    assert "در دست آذر نوری از" in page
    assert "درخواست به همکار سپرده شد: آذر نوری" in page
    assert "واگذاشتن" in text(azar.get(record(row)))
    told(azar, row, "hand-back")
    assert "در دست کسی نیست" in text(mina.get(record(row)))


def test_forged_fields_change_nothing_else(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    before = dict(RegistrationRequest.objects.values().get())
    forged = {"status": "activated", "identity": "match", "mobile": "+989970000001", "recipient": "+989970000001"}
    for errand in ("send-again", "take", "note", "hand-back", "hand-over"):
        told(desk, row, errand, forged | {"words": "x"})
    assert dict(RegistrationRequest.objects.values().get()) == before
    assert set(Message.objects.values_list("recipient", flat=True)) == {row.mobile}
    told(desk, row, "ask-again", forged)
    changed = {name for name, value in RegistrationRequest.objects.values().get().items() if value != before[name]}
    assert changed - {"due_at"} == {"asking_again"}
