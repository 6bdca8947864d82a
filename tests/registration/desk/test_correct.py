"""The clerk's form for what stands on the documents: the citizen's rules, both values in the history."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from iran.jalali import from_gregorian
from registration.desk import roles
from registration.models import RegistrationRequest
from tests.registration.desk.members import member
from tests.registration.desk.pages import LIST, record, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
TOLD = "همکارتان در این میان مشخصات را اصلاح کرده است"


def page_of(row: RegistrationRequest) -> str:
    return f"{LIST}{row.pk}/correct/"


def filled(row: RegistrationRequest, **corrected: Any) -> dict[str, Any]:
    """The form as it comes, with some fields typed anew."""
    year, month, day = from_gregorian(row.birth_date)  # type: ignore[arg-type]
    names = set(RegistrationRequest.IDENTITY_FIELDS) - {"birth_date"}
    known = {name: getattr(row, name) for name in names}
    known |= {"birth_date_day": day, "birth_date_month": month, "birth_date_year": year}
    return known | {"documents": ["national_card", "passport"]} | corrected


def test_a_wrong_name_is_corrected_and_then_activated(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH, findings={"first_name": "mismatch", "last_name": "match"})
    assert page_of(row) in text(desk.get(record(row)))
    page = text(desk.get(page_of(row)))
    assert 'value="سارا"' in page
    assert page.count("<h1") == 1
    sent = desk.post(page_of(row), filled(row, first_name=" ساره "))
    assert sent.headers["Location"] == record(row)
    page = text(desk.get(record(row)))
    assert "اصلاح‌ها ثبت شد" in page
    assert "نام: <del>سارا</del> <ins>ساره</ins>" in page
    assert "مشخصات از روی مدارک اصلاح شد: دیده شد: کارت ملی، گذرنامه" in page
    assert "اصلاح‌شده از روی مدارک: نام." in page
    assert page.count('name="compared"') == 1

    activate = f"{LIST}{row.pk}/activate/"
    desk.post(activate, {"documents_seen": "1", "no_code": "no_signal", "documents": "passport"})
    row.refresh_from_db()
    assert row.status == Status.MISMATCH
    desk.post(
        activate, {"documents_seen": "1", "no_code": "no_signal", "documents": "passport", "compared": "first_name"}
    )
    row.refresh_from_db()
    assert (row.status, row.first_name) == (Status.ACTIVATED, "ساره")


@pytest.mark.parametrize(
    ("corrected", "says"),
    [
        ({"first_name": "Sara"}, "نام"),
        ({"certificate_number": "0"}, "صفر"),
        ({"birth_date_year": "1300", "birth_date_day": "32"}, "میان ۱ و ۳۱"),
        ({"gender": "x"}, "جنسیت"),
        ({"documents": []}, "مدارکی را که دیده‌اید علامت بزنید"),
        ({"documents": ["x"]}, "مدارک را از فهرست انتخاب کنید"),
    ],
)
def test_the_rules_are_the_citizens(desk: Client, corrected: dict[str, Any], says: str) -> None:
    row = make_request(7, Status.MISMATCH)
    page = desk.post(page_of(row), filled(row, **corrected))
    assert page.status_code == 200
    errors = text(page)[text(page).index("errornote") :]
    assert says in errors[: errors.index("</div>")]
    row.refresh_from_db()
    assert row.first_name == "سارا"
    assert not row.events.filter(kind="corrected").exists()


def test_what_was_not_changed_is_said(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    desk.post(page_of(row), filled(row))
    assert "چیزی تغییر نکرد" in text(desk.get(record(row)))


def hidden(page: str) -> str:
    found = re.search(r'name="mark" value="([0-9a-f]{16})"', page)
    assert found
    return found[1]


def test_who_has_the_old_data_on_the_screen_is_told(desk: Client, new_client: Callable[[], Client]) -> None:
    row = make_request(7, Status.MISMATCH, findings={"first_name": "mismatch"})
    other = new_client()
    other.force_login(member(702, roles.CLERK))
    read, form = hidden(text(other.get(record(row)))), hidden(text(other.get(page_of(row))))
    desk.post(page_of(row), filled(row, first_name="ساره", mark=hidden(text(desk.get(page_of(row))))))

    ticks = {"documents_seen": "1", "no_code": "no_signal", "documents": "passport", "compared": "first_name"}
    other.post(f"{LIST}{row.pk}/activate/", ticks | {"mark": read})
    assert TOLD in text(other.get(record(row)))
    other.post(page_of(row), filled(row, last_name="بهرامی", mark=form))  # it would bring the old first name back
    assert TOLD in text(other.get(record(row)))
    row.refresh_from_db()
    assert (row.status, row.first_name, row.last_name) == (Status.MISMATCH, "ساره", "محمدی")
    assert row.events.filter(kind="corrected").count() == 1

    other.post(f"{LIST}{row.pk}/activate/", ticks | {"mark": hidden(text(other.get(record(row))))})
    row.refresh_from_db()
    assert row.status == Status.ACTIVATED


def test_dates_and_choices_are_shown_as_people_read_them(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    other = "male" if row.gender == "female" else "female"
    desk.post(page_of(row), filled(row, gender=other, birth_date_day="1", birth_date_month="فروردین"))
    page = text(desk.get(record(row)))
    assert "<ins>۱ فروردین ۱۳۶۵</ins>" in page
    assert "<ins>مرد</ins>" in page


def test_nothing_else_is_corrected(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH)
    before = dict(RegistrationRequest.objects.values().get())
    forged = {"national_code": "x", "mobile": "+989970000000", "email": "x@example.com", "status": "activated"}
    desk.post(page_of(row), filled(row, first_name="ساره", **forged))
    after = dict(RegistrationRequest.objects.values().get())
    assert {name for name in before if before[name] != after[name]} == {"first_name", "first_name_key", "findings"}


@pytest.mark.parametrize("status", [Status.BRANCH, Status.ACTIVATED, Status.REJECTED])
def test_there_is_nothing_to_correct_otherwise(desk: Client, status: str) -> None:
    row = make_request(7, status)
    assert page_of(row) not in text(desk.get(record(row)))
    for answer in (desk.get(page_of(row)), desk.post(page_of(row), filled(row, first_name="ساره"))):
        assert answer.headers["Location"] == record(row)
    row.refresh_from_db()
    assert row.first_name == "سارا"


def test_a_corrected_request_waits_for_its_first_person_again(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH, identity="deceased", findings={})
    desk.post(f"{LIST}{row.pk}/activate/", {"documents_seen": "1", "no_code": "no_signal", "documents": "passport"})
    assert shown(desk.get(f"{LIST}?status=second")) == [row.pk]
    desk.post(page_of(row), filled(row, first_name="ساره"))
    assert shown(desk.get(f"{LIST}?status=second")) == []
