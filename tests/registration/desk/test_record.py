"""What the record of one request shows, and that looking at it is noted."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message
from tests.registration.desk.pages import LIST, record
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status


def test_a_record_shows_everything_but_secrets_and_who_looked(desk: Client, clerk: User) -> None:
    row = make_request(
        7,
        Status.MISMATCH,
        findings={"first_name": "mismatch", "last_name": "match", "gender": "absent", "birth_date": "similar"},
        provider_reference="ref-77",
    )
    RequestEvent.objects.create(
        request=row, kind="decided", from_status="submitted", to_status="mismatch", client_network="2001:db8::"
    )
    Message.objects.create(
        recipient=row.mobile,
        purpose=Message.Purpose.RESULT,
        template="mismatch_portal",
        reference=f"request:{row.pk}",
        state=Message.State.DELIVERED,
        send_at=None,
        accepted_at=timezone.now(),
    )
    page = text(desk.get(record(row)))
    for piece in (
        *(row.national_code, str(row.tracking_code), "09970000007", "سارا محمدی", "۲۷ خرداد ۱۳۶۵", "073516", "ref-77"),
        *("مغایر با پایگاه مرجع", "مطابق پایگاه مرجع", "نزدیک به پایگاه مرجع", "مقایسه نشده", "sara@example.com"),
        *("0997***0007", "رسیده", "2001:db8::", "پرونده مشاهده شد", "مینا کارگر"),
    ):
        assert piece in page
    for secret in ("argon2", "نخستین همکار"):
        assert secret not in page


def history(page: str) -> list[tuple[str, str]]:
    """Of each event on the page, newest first: how the status changed, and why."""
    table = page[page.index('id="events"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.S)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    return [(change, why) for _, _, change, why, _ in filter(None, cells)]


def test_a_record_tells_what_happened_to_the_request(desk: Client, clerk: User) -> None:
    row = make_request(7, Status.REJECTED)
    happened = [
        ("submitted", "draft", "submitted", ""),
        ("decided", "submitted", "branch", ""),
        ("account_existed", "branch", "branch", ""),
        ("documents_seen", "branch", "activated", ""),
        ("rejected", "branch", "rejected", "کارت ملی باطل است"),
        ("superseded", "branch", "superseded", ""),
    ]
    for kind, before, after, words in happened:
        actor = clerk if words else None
        RequestEvent.objects.create(
            request=row, kind=kind, from_status=before, to_status=after, words=words, actor=actor
        )
    assert history(text(desk.get(record(row)))) == [
        ("–", "پرونده مشاهده شد"),
        ("از «در انتظار مراجعه به شعبه» به «جایگزین‌شده با درخواست تازه»", "–"),
        ("از «در انتظار مراجعه به شعبه» به «ردشده»", "کارت ملی باطل است"),
        ("از «در انتظار مراجعه به شعبه» به «فعال‌شده»", "مدارک هویتی دیده شد"),
        ("–", "از پیش حساب کاربری وجود داشت"),
        ("از «در حال بررسی» به «در انتظار مراجعه به شعبه»", "–"),
        ("از «پیش‌نویس» به «در حال بررسی»", "–"),
    ]


def test_who_opens_a_record_is_noted_once_an_hour(desk: Client, clerk: User) -> None:
    row = make_request(1)
    for _ in range(3):
        desk.get(record(row))
    event = row.events.get()
    assert (event.actor, event.kind, event.words, event.to_status) == (clerk, "viewed", "", "")
    assert event.client_network == "198.18.0.0"  # the network; the address itself is not kept
    row.events.update(at=timezone.now() - timedelta(minutes=61))
    desk.get(record(row))
    assert row.events.count() == 2


def test_drafts_and_unknown_records_are_not_there(desk: Client) -> None:
    draft = make_request(1, Status.DRAFT)
    assert desk.get(record(draft)).status_code == 302
    assert not draft.events.exists()
    for address in (f"{LIST}{draft.pk}/activate/", f"{LIST}{draft.pk}/reject/", f"{LIST}99999/activate/"):
        assert (
            desk.post(address, {"documents_seen": "1", "no_code": "no_signal", "reason": "mobile"}).status_code == 404
        )
