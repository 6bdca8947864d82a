"""The branch desk: the queue of the clerks, and what they decide."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from registration.desk import search as desk_search
from registration.models import RegistrationRequest
from tests.registration.desk.pages import DESK, LIST, counts, record, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status


@pytest.fixture
def clock(desk: Client) -> Iterator[time_machine.Traveller]:
    """This moment for as long as the test lasts: no day ends in it."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


# ── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_list_opens_with_what_needs_a_clerk_oldest_first(desk: Client) -> None:
    young = make_request(1, Status.MISMATCH, age=timedelta(hours=1))
    old = make_request(2, Status.BRANCH, age=timedelta(days=3))
    for number, status in enumerate(set(Status) - RegistrationRequest.OPEN, 3):
        make_request(number, status)
    page = desk.get(LIST)
    assert shown(page) == [old.pk, young.pk]


def test_results_that_did_not_arrive_have_a_list_newest_first(desk: Client) -> None:
    rows = [make_request(number, status, undelivered=True) for number, status in enumerate(("branch", "activated"), 1)]
    make_request(3, Status.MISMATCH)
    page = desk.get(LIST, {"status": "undelivered"})
    assert shown(page) == [row.pk for row in reversed(rows)]
    assert counts(desk.get(LIST))["undelivered"] == "۲"


def test_numbers_of_people_are_masked_in_the_list(desk: Client) -> None:
    row = make_request(1)
    page = text(desk.get(LIST))
    assert row.national_code not in page
    assert "09970000001" not in page
    assert f"***{row.national_code[-4:]}" in page
    assert "0997***0001" in page


def test_each_status_has_its_list_and_its_count_and_drafts_have_neither(desk: Client) -> None:
    rows = {status: make_request(number, status).pk for number, status in enumerate(Status, 1)}
    another = make_request(50, Status.ACTIVATED)
    page = desk.get(LIST)
    assert counts(page) == {
        **{status.value: "۱" for status in Status if status != Status.DRAFT},
        "activated": "۲",
        "waiting": "۲",
        "second": "۰",
        "undelivered": "۰",
        "stuck": "۰",
        "capped": "۰",
        "all": "۹",
    }
    assert shown(desk.get(LIST, {"status": "activated"})) == [another.pk, rows[Status.ACTIVATED]]  # newest first
    assert set(shown(desk.get(LIST, {"status": "all"}))) == {another.pk, *rows.values()} - {rows[Status.DRAFT]}
    assert desk.get(LIST, {"status": "draft"}).status_code == 302  # no such choice: back to the queue


def test_today_begins_at_midnight_in_tehran(desk: Client, clock: time_machine.Traveller) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = make_request(1), make_request(2)
    RegistrationRequest.objects.filter(pk=first.pk).update(submitted_at=midnight)
    RegistrationRequest.objects.filter(pk=last.pk).update(submitted_at=midnight - timedelta(microseconds=1))
    assert shown(desk.get(LIST, {"status": "all", "when": "today"})) == [first.pk]


def test_the_first_page_counts_and_leads_to_the_lists(desk: Client, clock: time_machine.Traveller) -> None:
    branch = make_request(1, Status.BRANCH, age=timedelta(days=9))
    fresh = make_request(2, Status.ACTIVATED)
    late = make_request(3, Status.SUBMITTED, age=timedelta(hours=49))
    make_request(4, Status.SUBMITTED, age=timedelta(hours=47))
    tiles = desk.get(DESK).context["tiles"]
    assert [tile["count"] for tile in tiles] == [1, 1, 1]
    assert [shown(desk.get(tile["address"])) for tile in tiles] == [[branch.pk], [fresh.pk], [late.pk]]


def test_counting_and_paging_end_where_nobody_reads_on(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_search, "CAP", 3)
    monkeypatch.setattr(desk_search, "GLANCE", 4)
    monkeypatch.setattr("registration.desk.admin.RequestAdmin.list_per_page", 2)
    for number in range(5):
        make_request(number)
    page = desk.get(LIST)
    assert counts(page)["waiting"] == "بیش از ۴"
    assert "بیش از ۳ درخواست؛ جستجو را محدودتر کنید" in text(page)
    assert len(shown(desk.get(LIST, {"p": "2"}))) == 1
    assert desk.get(LIST, {"p": "3"}).status_code == 302
    assert desk.get(DESK).context["tiles"][0]["more"]


def test_a_page_of_the_list_costs_the_same_few_statements_however_many_rows(desk: Client) -> None:
    make_request(1)
    desk.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(LIST)
    for number in range(2, 40):
        make_request(number)
    with CaptureQueriesContext(connection) as many:
        desk.get(LIST)
    assert len(few) == len(many) <= 11  # clerk, permissions 2, planner 3, rows, their count, the counts of both filters
    assert not any("password_hash" in query["sql"] for query in many)


# ── refusing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("reason", "details", "kept"),
    [
        ("mobile", "", "شمارهٔ تلفن همراه به نام متقاضی نیست"),
        ("identity", " برادر\n ایشان آمد ", "مراجعه‌کننده خود متقاضی نیست: برادر ایشان آمد"),
        ("other", "کارت ملی باطل است", "کارت ملی باطل است"),
    ],
)
def test_a_refusal_keeps_its_reason(desk: Client, clerk: User, reason: str, details: str, kept: str) -> None:
    row = make_request(1)
    assert desk.get(f"{LIST}{row.pk}/reject/").status_code == 200
    sent = desk.post(f"{LIST}{row.pk}/reject/", {"reason": reason, "details": details})
    assert sent.headers["Location"] == record(row)
    event = row.events.get(to_status=Status.REJECTED)
    assert (event.kind, event.words, event.actor) == ("rejected", kept, clerk)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "دلیل رد را انتخاب کنید"),
        ({"reason": "other", "details": " \n"}, "دلیل رد را بنویسید"),
        ({"reason": "weather"}, "دلیل را از فهرست انتخاب کنید"),
        ({"reason": "other", "details": "ا" * 201}, "توضیح باید ۲۰۰ نویسه یا کمتر باشد"),
    ],
)
def test_no_refusal_without_a_reason(desk: Client, answers: dict[str, str], message: str) -> None:
    row = make_request(1)
    page = desk.post(f"{LIST}{row.pk}/reject/", answers)
    assert page.status_code == 200
    assert text(page).count(message) == 2  # in the summary and beside the field
    row.refresh_from_db()
    assert row.status == Status.BRANCH
