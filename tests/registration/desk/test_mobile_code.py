"""The code that the applicant reads out at the desk, and what a clerk writes where there is none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from registration.desk import roles
from registration.lifecycle import decisions, documents, mobile
from registration.models import RegistrationRequest
from sms.backends.base import Outgoing
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.outbox import delivery
from tests import clock
from tests.registration.desk.members import member
from tests.registration.desk.pages import LIST, PERSIAN, record
from tests.registration.lifecycle.deciding import NO_CODE
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
TICK = {"documents_seen": "1"}
NEEDED = "کد را به تلفن همراه بفرستید، یا مشخص کنید چرا ممکن نیست"


def code_page(row: RegistrationRequest) -> str:
    return f"{LIST}{row.pk}/code/"


def send(client: Client, row: RegistrationRequest, outbox: list[Outgoing]) -> str:
    """The code as it reached the phone."""
    assert client.post(code_page(row)).headers["Location"] == code_page(row)
    delivery.drain("codes")
    assert outbox[-1].recipient == row.mobile
    return str(outbox[-1].code)


def activated(client: Client, row: RegistrationRequest, answers: dict[str, Any]) -> bool:
    assert client.post(f"{LIST}{row.pk}/activate/", answers).headers["Location"] == record(row)
    row.refresh_from_db()
    return row.status == Status.ACTIVATED


def test_the_code_stands_for_the_clerks_word(desk: Client, sms_outbox: list[Outgoing]) -> None:
    row = make_request(7)
    assert "ارسال کد به تلفن همراه" in text(desk.get(record(row)))
    code = send(desk, row, sms_outbox)
    assert "کد شعبه" in sms_outbox[-1].text
    page = text(desk.get(code_page(row)))
    assert "0997***0007" in page
    assert "09970000007" not in page
    for wrong, told in (
        ("", "کد پیامک‌شده را وارد کنید"),
        ("12", "کد ۶ رقم دارد"),
        (f"{(int(code) + 1) % 10**6:06}", "کد وارد شده معتبر نمی‌باشد"),
    ):
        assert told in text(desk.post(code_page(row), {"code": wrong}))
    assert not row.events.filter(kind="mobile_proved").exists()

    spoken = f"{code[:3]} {code[3:]}".translate(PERSIAN)
    assert desk.post(code_page(row), {"code": spoken}).headers["Location"] == record(row)
    page = text(desk.get(record(row)))
    assert "کد به مینا کارگر گفته شد" in page
    assert 'name="no_code"' not in page
    assert activated(desk, row, TICK)
    assert row.events.get(kind="documents_seen").words == "تلفن همراه با کد تأیید شد"
    kinds = list(row.events.exclude(kind="viewed").values_list("kind", flat=True))
    assert kinds == ["code_sent", "mobile_proved", "documents_seen"]


def test_without_a_code_the_reason_is_written_and_ticks_are_kept(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH, findings={"first_name": "mismatch"})
    ticks: dict[str, Any] = TICK | {"documents": ["passport"], "compared": ["first_name"]}
    for reason in ({}, {"no_code": "other", "no_code_words": " "}):
        assert not activated(desk, row, ticks | reason)
        page = text(desk.get(record(row)))
        assert NEEDED in page
        assert page.count(" checked>") >= 3
        assert " checked>" not in text(desk.get(record(row)))
    assert not activated(desk, row, ticks | {"no_code": "weather"})
    assert not activated(desk, row, ticks | {"no_code": "other", "no_code_words": "م" * 201})
    assert activated(desk, row, ticks | {"no_code": "no_signal", "no_code_words": "زیرزمین"})
    words = row.events.get(kind="documents_seen").words
    assert words.endswith("تلفن همراه بدون کد: تلفن همراه اینجا آنتن ندارد: زیرزمین")


def test_the_verb_asks_itself(desk: Client) -> None:
    row = make_request(7)
    with pytest.raises(documents.NotSeen) as lacking:
        decisions.activate(row.pk, by=member(740, roles.CLERK), client_ip="192.0.2.7")
    assert lacking.value.mobile
    row.refresh_from_db()
    assert row.status == Status.BRANCH


def test_a_code_is_for_one_request_and_one_browser(
    desk: Client, new_client: Callable[[], Client], sms_outbox: list[Outgoing]
) -> None:
    row, another = make_request(7), make_request(8)
    code = send(desk, row, sms_outbox)
    other = new_client()
    other.force_login(member(741, roles.CLERK))
    assert other.post(code_page(row), {"code": code}).headers["Location"] == record(row)
    assert desk.post(code_page(another), {"code": code}).headers["Location"] == record(another)
    session = desk.session
    session["desk_codes"] |= {str(another.pk): session["desk_codes"][str(row.pk)]}  # nobody can, but for us
    session.save()
    assert desk.post(code_page(another), {"code": code}).headers["Location"] == record(another)
    assert not RegistrationRequest.objects.filter(events__kind="mobile_proved").exists()
    desk.post(code_page(row), {"code": code})
    assert row.events.filter(kind="mobile_proved").count() == 1
    desk.post(code_page(row), {"code": code})  # a second click
    assert row.events.filter(kind="mobile_proved").count() == 1
    used = OtpChallenge.objects.get(purpose="desk")
    with pytest.raises(mobile.NotConfirmed):
        mobile.prove(row.pk, by=member(742, roles.CLERK), client_ip="192.0.2.7", challenge=used)


def test_sending_again_has_limits_that_are_told(desk: Client, sms_outbox: list[Outgoing]) -> None:
    row = make_request(7)
    code = send(desk, row, sms_outbox)
    desk.post(code_page(row), {"send": "1"})
    assert "ثانیه دیگر" in text(desk.get(code_page(row)))  # two minutes between two texts
    for _ in range(2):
        clock.advance(minutes=3)
        assert send(desk, row, sms_outbox) == code
    clock.advance(minutes=3)
    desk.post(code_page(row), {"send": "1"})
    assert Message.objects.filter(purpose="desk").count() == 3
    assert row.events.filter(kind="code_sent").count() == 3
    # The allowance is the desk's own: what a stranger spends on this mobile takes nothing from it.
    assert not Message.objects.exclude(purpose="desk").exists()


def test_a_code_that_is_held_back_is_an_event_when_it_is_sent(
    desk: Client, new_client: Callable[[], Client], sms_outbox: list[Outgoing]
) -> None:
    row = make_request(7)
    send(desk, row, sms_outbox)
    other = new_client()
    other.force_login(member(741, roles.CLERK))
    assert other.post(code_page(row)).headers["Location"] == code_page(row)  # within two minutes: nothing is sent
    assert Message.objects.filter(purpose="desk").count() == row.events.filter(kind="code_sent").count() == 1
    clock.advance(minutes=3)
    send(other, row, sms_outbox)
    assert Message.objects.filter(purpose="desk").count() == row.events.filter(kind="code_sent").count() == 2


def test_what_was_decided_gets_no_code(desk: Client, sms_outbox: list[Outgoing]) -> None:
    row = make_request(7)
    code = send(desk, row, sms_outbox)
    decisions.activate(row.pk, by=member(743, roles.CLERK), client_ip="192.0.2.7", seen=NO_CODE)
    for posted in ({}, {"code": code}):
        assert desk.post(code_page(row), posted).headers["Location"] == record(row)
        assert "این درخواست پیش‌تر بررسی شده است" in text(desk.get(record(row)))
    assert desk.get(code_page(row)).status_code == 302
    assert otp.confirmed(OtpChallenge.objects.get(purpose="desk").pk).count() == 0
