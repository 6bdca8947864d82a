"""Several requests at once: the page says of each line why it can or cannot, and the verb says so again."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from registration.desk import roles
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message
from tests.registration.desk.members import member
from tests.registration.desk.pages import LIST, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
CONFIRM, ACTIVATE = f"{LIST}bulk/", f"{LIST}bulk/activate/"


def proved(number: int, clerk: User, **fields: Any) -> RegistrationRequest:
    row = make_request(number, **fields)
    RequestEvent.objects.create(request=row, actor=clerk, kind="mobile_proved")
    return row


def lines(page: str) -> dict[str, str]:
    """Of each line, by the last name: what it says."""
    rows = re.findall(r"<tr>(.*?)</tr>", page[page.index("<tbody>") :], re.S)
    cells = [[re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S)] for row in rows]
    return {name: says for name, _, _, says in cells}


def status(row: RegistrationRequest) -> str:
    row.refresh_from_db()
    return row.status


def test_each_line_says_why_it_can_or_cannot(desk: Client, clerk: User) -> None:
    good = proved(1, clerk, last_name="احمدی")
    codeless = make_request(2, last_name="بهرامی")
    differs = proved(3, clerk, status=Status.MISMATCH, last_name="پارسا")
    decided = proved(4, clerk, status=Status.REJECTED, last_name="تهرانی")
    elsewhere = proved(5, clerk, province="فارس", last_name="ثابتی")
    rows = [good, codeless, differs, decided, elsewhere]
    page = text(desk.post(CONFIRM, {"pk": [row.pk for row in rows]}))
    says = lines(page)
    assert says["سارا احمدی"].startswith("بله")
    assert "با کد نشان داده نشده است" in says["سارا بهرامی"]
    assert "با مدارک مقایسه کنید" in says["سارا پارسا"]
    assert "پیش‌تر بررسی شده است" in says["سارا تهرانی"]
    assert "استان دیگری است" in says["درخواست استانی دیگر"]
    assert re.findall(r'type="hidden" name="pk" value="(\d+)"', page) == [str(good.pk)]
    assert status(good) == Status.BRANCH  # nothing is done yet

    assert "«مدارک هویتی را دیده‌ام» را علامت بزنید" in text(desk.post(ACTIVATE, {"pk": good.pk}))
    assert status(good) == Status.BRANCH
    # Whoever sends more than the page has is told line by line.
    sent = desk.post(ACTIVATE, {"pk": [row.pk for row in rows], "documents_seen": "1"})
    assert sent.headers["Location"] == LIST
    page = text(desk.get(LIST))
    assert "۱ حساب کاربری فعال شد" in page
    assert page.count("فعال نشد") == 4
    assert "درخواست استانی دیگر: فعال نشد. " in page
    assert [status(row) for row in rows] == ["activated", "branch", "mismatch", "rejected", "branch"]
    assert User.objects.filter(national_code__in=[row.national_code for row in rows]).count() == 1
    assert Message.objects.count() == 1
    assert good.events.get(kind="documents_seen").words == "چند درخواست با هم؛ تلفن همراه با کد تأیید شد"


def test_boxes_are_for_what_bulk_can_serve(desk: Client, clerk: User) -> None:
    row, other = proved(1, clerk), make_request(2, Status.MISMATCH)
    page = desk.get(LIST)
    assert set(shown(page)) == {row.pk, other.pk}
    assert re.findall(r'name="pk" value="(\d+)" form="bulk"', text(page)) == [str(row.pk)]
    cells = [cell.strip() for cell in re.findall(r'<td class="field-pick[^"]*">(.*?)</td>', text(page), re.DOTALL)]
    assert sorted(cells)[0] in {"", "&nbsp;"}  # no dash, which says that something is not known
    assert len(cells) == 2


@pytest.mark.parametrize("query", [{"status": "rejected"}, {"q": "محمدی"}])
def test_where_bulk_serves_nobody_there_is_no_box(desk: Client, clerk: User, query: dict[str, str]) -> None:
    proved(1, clerk)
    make_request(2, Status.REJECTED)
    page = desk.get(LIST, query)
    assert shown(page)
    assert 'form="bulk"' not in text(page)


def test_who_only_reads_has_no_box(client: Client, clerk: User) -> None:
    row = proved(1, clerk)
    client.force_login(member(760, roles.AUDITOR))
    page = client.get(LIST)
    assert shown(page) == [row.pk]
    assert 'form="bulk"' not in text(page)


@pytest.mark.parametrize("posted", [{}, {"pk": ["x", "۱", "-1", "9" * 30]}, {"pk": "999999", "status": "activated"}])
def test_odd_choices_are_answered(desk: Client, posted: dict[str, Any]) -> None:
    make_request(1)
    for address in (CONFIRM, ACTIVATE):
        assert desk.post(address, posted | {"documents_seen": "1"}).headers["Location"] == LIST
    assert desk.get(CONFIRM).status_code == 405
    assert not Message.objects.exists()


@pytest.mark.parametrize("status", [Status.BRANCH, Status.REJECTED])
def test_nothing_is_shown_of_a_person_of_another_province(desk: Client, clerk: User, status: str) -> None:
    row = proved(1, clerk, status=status, province="فارس", city="داراب", last_name="ثابتی")
    for address in (CONFIRM, ACTIVATE):
        page = text(desk.post(address, {"pk": row.pk, "documents_seen": "1"}, follow=True))
        assert "درخواست استانی دیگر" in page
        assert not [told for told in ("ثابتی", row.national_code[-4:], "داراب") if told in page]


def test_a_line_that_a_colleague_has_decided_meanwhile(desk: Client, clerk: User) -> None:
    first, second = proved(1, clerk, last_name="احمدی"), proved(2, clerk, last_name="بهرامی")
    desk.post(CONFIRM, {"pk": [first.pk, second.pk]})
    desk.post(f"{LIST}{second.pk}/reject/", {"reason": "mobile", "details": ""})
    desk.post(ACTIVATE, {"pk": [first.pk, second.pk], "documents_seen": "1"})
    page = text(desk.get(LIST))
    assert "سارا بهرامی: فعال نشد. این درخواست پیش‌تر بررسی شده است" in page
    assert (status(first), status(second)) == ("activated", "rejected")
