"""The record tells who has a request at hand, and keeps what colleagues note."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from registration.desk import roles
from registration.models import Status
from tests.registration.desk.members import member
from tests.registration.desk.pages import LIST, record
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

MEANWHILE = "همکارتان در این میان درخواست را به دست گرفته"


def instead_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(instead_of)" value="([0-9]+)"', page))


def test_the_second_of_two_reads_who_has_it_and_takes_it_over(desk: Client, new_client: Callable[[], Client]) -> None:
    row, other = make_request(7), new_client()
    other.force_login(member(702, roles.CLERK, first_name="آذر", last_name="نوری"))
    take, back = f"{LIST}{row.pk}/take/", f"{LIST}{row.pk}/hand-back/"
    before = text(other.get(record(row)))
    assert "در دست کسی نیست" in before
    assert desk.post(take, instead_of(text(desk.get(record(row))))).headers["Location"] == record(row)
    assert "واگذاشتن" in text(desk.get(record(row)))
    other.post(take, instead_of(before))
    page = text(other.get(record(row)))
    assert MEANWHILE in page
    assert "در دست مینا کارگر از" in page
    other.post(take, instead_of(page))
    assert "در دست آذر نوری از" in text(desk.get(record(row)))
    desk.post(back)
    assert MEANWHILE in text(desk.get(record(row)))
    other.post(back)
    assert "در دست کسی نیست" in text(desk.get(record(row)))


@pytest.mark.parametrize("odd", ["x", "۱", "-1", "9" * 30, "\x00"])
def test_what_no_page_sends_is_nobody(desk: Client, odd: str) -> None:
    row = make_request(7)
    assert desk.post(f"{LIST}{row.pk}/take/", {"instead_of": odd}).status_code == 302


def test_a_note_is_read_by_colleagues(desk: Client) -> None:
    row = make_request(7, Status.ACTIVATED)
    note = f"{LIST}{row.pk}/note/"
    for words, told in (("  ", "نخست یادداشت را بنویسید"), ("م" * 301, "حداکثر ۳۰۰ نویسه باشد")):
        desk.post(note, {"words": words})
        assert told in text(desk.get(record(row)))
    assert desk.post(note, {"words": "\x00"}).status_code == 302
    assert not row.events.filter(kind="noted").exists()
    desk.post(note, {"words": "فردا  با <b>شناسنامه</b> می‌آید"})
    page = desk.get(record(row)).content.decode()
    assert "یادداشت: فردا با &lt;b&gt;شناسنامه&lt;/b&gt; می‌آید" in page


def test_who_has_told_the_citizen_takes_the_request_off_the_list(desk: Client) -> None:
    row = make_request(7, Status.ACTIVATED, undelivered=True)
    told = f"{LIST}{row.pk}/told/"
    page = text(desk.get(record(row)))
    assert "پیامک نتیجه نرسیده است." in page
    assert f'action="{told}"' in page
    assert desk.get(told).status_code == 405

    for _ in range(2):
        desk.post(told)

    row.refresh_from_db()
    assert not row.undelivered
    assert [event.words for event in row.events.filter(kind="noted")] == [
        "نتیجه که با پیامک نرسیده بود به متقاضی گفته شد"
    ]
    assert f'action="{told}"' not in text(desk.get(record(row)))


def test_who_may_only_read_does_not_say_that_somebody_was_told(new_client: Callable[[], Client]) -> None:
    row, reader = make_request(7, Status.ACTIVATED, undelivered=True), new_client()
    reader.force_login(member(703, roles.AUDITOR))
    assert reader.post(f"{LIST}{row.pk}/told/").status_code in {302, 403}
    row.refresh_from_db()
    assert row.undelivered
