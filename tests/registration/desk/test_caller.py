"""Somebody calls about a request: as about an account, and nothing is decided by it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Branch
from registration.desk import roles
from registration.lifecycle import callers, documents, mobile, scope
from registration.models import RegistrationRequest
from sms.backends.base import Outgoing
from sms.models import OtpChallenge
from sms.outbox import delivery
from tests.accounts.recovery.recovering import wrong_code
from tests.clock import advance
from tests.registration.desk.members import member
from tests.registration.desk.pages import LIST, record
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db
Status = RegistrationRequest.Status
VERIFIED = "برای شما تأییدشده است"
WHY = {"reason": "state", "details": ""}


def page_of(row: RegistrationRequest, page: str = "caller/code") -> str:
    return f"{LIST}{row.pk}/{page}/"


def call(desk: Client, row: RegistrationRequest, outbox: list[Outgoing]) -> str:
    """The code as it reached the phone."""
    assert desk.post(page_of(row, "caller"), WHY).headers["Location"] == page_of(row)
    delivery.drain("codes")
    assert outbox[-1].recipient == row.mobile
    return str(outbox[-1].code)


def kinds(row: RegistrationRequest) -> list[str]:
    return list(row.events.exclude(kind="viewed").values_list("kind", flat=True))


@pytest.mark.parametrize("status", [Status.BRANCH, Status.SUBMITTED, Status.REJECTED, Status.ACTIVATED])
def test_a_caller_who_holds_the_mobile_is_verified(desk: Client, sms_outbox: list[Outgoing], status: str) -> None:
    row = make_request(7, status)
    assert page_of(row, "caller") in text(desk.get(record(row)))
    code = call(desk, row, sms_outbox)
    assert "0997***0007" in text(desk.get(page_of(row)))
    page = text(desk.post(page_of(row), {"code": code}, follow=True))
    assert VERIFIED in page
    assert "تماس‌گیرنده کد درست را گفت: وضعیت را می‌پرسد" in page
    assert kinds(row) == ["caller_code", "caller_verified"]
    row.refresh_from_db()
    assert row.status == status
    advance(minutes=16)
    assert VERIFIED not in text(desk.get(record(row)))


def test_it_does_not_stand_for_the_code_at_the_counter(desk: Client, sms_outbox: list[Outgoing]) -> None:
    row = make_request(7)
    code = call(desk, row, sms_outbox)
    challenge = OtpChallenge.objects.get(purpose="caller")
    desk.post(page_of(row), {"code": code})
    assert documents.mobile_proved(row) is None
    with pytest.raises(mobile.NotConfirmed):
        mobile.prove(row.pk, by=member(740, roles.CLERK), client_ip="192.0.2.7", challenge=challenge)


@pytest.mark.parametrize("how", ["wrong", "none"])
def test_who_does_not_tell_it_is_not_verified(desk: Client, sms_outbox: list[Outgoing], how: str) -> None:
    row = make_request(7)
    code = call(desk, row, sms_outbox)
    typed = (
        [{"code": wrong_code(row.national_code, step)} for step in range(1, 6)] if how == "wrong" else [{"none": "1"}]
    )
    pages = [text(desk.post(page_of(row), one, follow=True)) for one in typed]
    assert "تماس‌گیرنده تأیید نشد" in pages[-1]
    assert "کدی در جریان نیست" in text(desk.post(page_of(row), {"code": code}, follow=True))
    assert kinds(row) == ["caller_code", "caller_failed"]
    assert callers.verified(row, row.events.get(kind="caller_failed").actor) is None  # type: ignore[arg-type]


def test_a_call_is_of_one_request_and_one_clerk(
    desk: Client, new_client: Callable[[], Client], sms_outbox: list[Outgoing]
) -> None:
    row, another = make_request(7), make_request(8)
    code = {"code": call(desk, row, sms_outbox)}
    other = new_client()
    other.force_login(member(741, roles.CLERK))
    for browser, one in ((other, row), (desk, another)):
        assert browser.post(page_of(one), code).headers["Location"] == record(one)
    desk.post(page_of(row), {"send": "1"})  # too soon
    assert kinds(row) == ["caller_code"]
    assert kinds(another) == []


def test_of_another_province_or_a_draft_nobody_is_called() -> None:
    branch = Branch.objects.create(code="71", name="شعبهٔ شیراز", province="فارس", city="شیراز")
    about = {"by": member(742, roles.CLERK, branch=branch), "client_ip": "192.0.2.7", "words": "می‌پرسد"}
    row, draft = make_request(7, province="تهران"), make_request(8, Status.DRAFT)
    with pytest.raises(scope.Elsewhere):
        callers.send_code(row.pk, before=None, **about)  # type: ignore[arg-type]
    with pytest.raises(callers.NoCall):
        callers.send_code(draft.pk, before=None, **about)  # type: ignore[arg-type]
    assert not OtpChallenge.objects.filter(purpose="caller").exists()
