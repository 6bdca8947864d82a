"""What is counted about one day, against rows made by hand."""

import datetime as dt
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AccountEvent, Branch
from registration.desk import roles
from registration.figures import counts, days
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message
from tests.accounts import helpers
from tests.registration.desk.members import member
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 30)  # 9 Azar 1405
START = dt.datetime(2026, 11, 29, 20, 30, tzinfo=dt.UTC)  # its midnight in Tehran
SPAN = days.span(DAY)
MOMENT = timedelta(microseconds=1)


Moved = tuple[str, str]
STILL: Moved = ("", "")


def event(request: RegistrationRequest, kind: str, at: dt.datetime, moved: Moved = STILL, **more: Any) -> None:
    before, after = moved
    RequestEvent.objects.create(request=request, kind=kind, at=at, from_status=before, to_status=after, **more)


def at(row: Any, **moments: Any) -> Any:
    """The row with moments that it did not choose itself."""
    type(row).objects.filter(pk=row.pk).update(**moments)
    row.refresh_from_db()
    return row


def test_days_are_those_of_tehran_and_have_24_hours_in_summer_too() -> None:
    assert (START, START + timedelta(hours=24)) == SPAN
    assert [days.of(SPAN.start - MOMENT), days.of(SPAN.start), days.of(SPAN.end - MOMENT), days.of(SPAN.end)] == [
        dt.date(2026, 11, 29),
        DAY,
        DAY,
        dt.date(2026, 12, 1),
    ]
    for day in (dt.date(2026, 3, 22), dt.date(2026, 9, 22), dt.date(2026, 7, 1)):  # clocks were moved until 2022
        assert days.span(day).end - days.span(day).start == timedelta(hours=24)
        assert days.span(day).start.utcoffset() == timedelta(hours=3, minutes=30)
    assert days.last(2, DAY) == [dt.date(2026, 11, 29), DAY]


def test_every_outcome_is_counted_on_the_day_it_came_and_where() -> None:
    request = make_request(1, province="فارس")
    elsewhere = make_request(2)
    outside = ("submitted", "activated")
    for moment in (START - timedelta(days=3), SPAN.start - MOMENT):  # rows come in the order of time
        event(elsewhere, "decided", moment, outside)
    for number, (kind, *moved) in enumerate(
        [
            ("submitted", "draft", "submitted"),
            ("decided", "submitted", "activated"),
            ("decided", "submitted", "branch"),
            ("decided", "submitted", "mismatch"),
            ("expired", "submitted", "expired"),
            ("capped", "submitted", "expired"),
            ("withdrawn", "branch", "withdrawn"),
            ("superseded", "branch", "superseded"),
            ("documents_seen", "branch", "activated"),
            ("second_word", "mismatch", "activated"),
            ("rejected", "mismatch", "rejected"),
        ]
    ):
        event(request, kind, START + timedelta(hours=number), (moved[0], moved[1]))
    event(request, "viewed", START)  # moves nothing
    event(elsewhere, "decided", SPAN.start, ("submitted", "branch"))
    event(elsewhere, "decided", SPAN.end - MOMENT, ("submitted", "branch"))
    for moment in (SPAN.end, START + timedelta(days=3)):
        event(elsewhere, "decided", moment, outside)
    found = {cell[1:]: count for cell, count in counts.outcomes(SPAN).items()}
    assert found == {
        ("فارس", "submitted", "submitted"): 1,
        ("فارس", "decided", "activated"): 1,
        ("فارس", "decided", "branch"): 1,
        ("فارس", "decided", "mismatch"): 1,
        ("فارس", "expired", "expired"): 1,
        ("فارس", "capped", "expired"): 1,
        ("فارس", "withdrawn", "withdrawn"): 1,
        ("فارس", "superseded", "superseded"): 1,
        ("فارس", "documents_seen", "activated"): 1,
        ("فارس", "second_word", "activated"): 1,
        ("فارس", "rejected", "rejected"): 1,
        ("", "decided", "branch"): 2,
    }


def test_the_time_to_the_first_decision_lands_in_its_bucket() -> None:
    times = [(0, "decided"), (1, "decided"), (2, "decided"), (2.1, "expired"), (64, "capped")]
    for number, (seconds, kind) in enumerate(times, 1):
        request = at(make_request(number, province="قم"), submitted_at=START)
        moved = ("submitted", "branch" if kind == "decided" else "expired")
        event(request, kind, START + timedelta(seconds=seconds), moved)
    late = at(make_request(9, "activated"), submitted_at=START)
    event(late, "documents_seen", START + timedelta(hours=5), ("branch", "activated"))  # not the first decision
    assert {cell[1:]: count for cell, count in counts.decisions(SPAN).items()} == {
        ("قم", "", "0"): 2,
        ("قم", "", "4"): 1,
        ("قم", "", "5"): 1,
        ("قم", "", "24"): 1,
    }


def message(recipient: str, state: str, created: dt.datetime, took: float | None = None, **more: Any) -> Message:
    accepted = None if took is None else created + timedelta(seconds=took)
    row = Message.objects.create(
        recipient=recipient, purpose=more.pop("purpose", "notice"), template="x", state=state, accepted_at=accepted,
        send_at=created if state == "queued" else None, ask_at=created if state == "accepted" else None, **more,
    )  # fmt: skip
    return at(row, created_at=created)  # type: ignore[no-any-return]


def test_messages_are_of_the_operator_that_the_newest_request_names() -> None:
    make_request(1, mobile="+989970000001", operator="mci", province="قم")
    make_request(2, mobile="+989970000001", operator="irancell", province="فارس", national_code="9990000029")
    make_request(3, "draft", mobile="+989970000003", operator="rightel")
    message("+989970000001", "delivered", START, 2)
    message("+989970000001", "delivered", SPAN.end - MOMENT, 4)
    message("+989970000001", "failed", START)
    message("+989970000003", "accepted", START, 2)
    message("+989970000009", "undelivered", START, 1)
    message("+989970000009", "cancelled", START)  # only pretends
    message("+989970000001", "delivered", SPAN.start - MOMENT, 2)
    message("+989970000001", "delivered", SPAN.end, 2)
    found = counts.deliveries(SPAN)
    assert {cell[1:]: count for cell, count in found.items() if cell.kind == "delivery"} == {
        ("فارس", "irancell", "delivered"): 2,
        ("فارس", "irancell", "failed"): 1,
        ("", "rightel", "accepted"): 1,
        ("", "", "undelivered"): 1,
    }
    assert {cell[1:]: count for cell, count in found.items() if cell.kind == "handing_over"} == {
        ("فارس", "irancell", "4"): 1,
        ("فارس", "irancell", "8"): 1,
        ("", "rightel", "4"): 1,
        ("", "", "0"): 1,
    }


def test_the_funnel_counts_how_far_those_came_who_began_that_day() -> None:
    blank: dict[str, Any] = {
        "first_name": "",
        "last_name": "",
        "certificate_number": "",
        "gender": "",
        "country": "",
        "city": "",
    }
    blank |= {"birth_date": None}
    begun, sent, proved, identity, submitted, decided, spoken, before = (
        at(make_request(number, status, flow="eservices" if number == 7 else "portal", **fields), created_at=created)
        for number, status, fields, created in [
            (1, "draft", blank, START),
            (2, "draft", blank, START),
            (3, "draft", blank, SPAN.end - MOMENT),
            (4, "draft", {}, START),
            (5, "submitted", {}, START),
            (6, "activated", {"password_hash": "", "answers_hash": ""}, START),
            (7, "draft", blank, START),
            (8, "activated", {"password_hash": "", "answers_hash": ""}, SPAN.start - MOMENT),
        ]
    )
    message(sent.mobile, "delivered", START, 1, purpose="registration")
    message(begun.mobile, "failed", START, purpose="registration")
    message(begun.mobile, "delivered", START - timedelta(minutes=1), 1, purpose="registration")  # of another draft
    message(spoken.mobile, "delivered", START, 1, purpose="recovery")
    for one in (proved, identity, submitted, decided, before):
        type(one.challenge).objects.filter(pk=one.challenge_id).update(attempts=1, confirmed_at=START)
    assert {cell[2:]: count for cell, count in counts.funnel(SPAN).items()} == {
        ("portal", "contact"): 6,
        ("portal", "sent"): 5,
        ("portal", "proved"): 4,
        ("portal", "identity"): 3,
        ("portal", "submitted"): 2,
        ("portal", "decided"): 1,
        ("eservices", "contact"): 1,
    }


def test_work_is_what_staff_did_with_requests_and_accounts() -> None:
    branch = Branch.objects.create(code="7", name="هفت", province="قم", city="قم")
    one, other = (member(number, roles.CLERK, branch=branch) for number in (610, 611))
    request = make_request(1, "mismatch", identity="deceased")
    event(request, "documents_seen", START, ("branch", "activated"), actor=one)
    event(request, "second_word", START, ("mismatch", "activated"), actor=one)
    event(request, "first_word", START, ("mismatch", "mismatch"), actor=other)
    event(request, "rejected", START, ("mismatch", "rejected"), actor=other)
    event(request, "corrected", START, ("mismatch", "mismatch"), actor=other, changes={})
    event(request, "withdrawn", START, ("mismatch", "withdrawn"))  # its citizen
    event(request, "viewed", START, actor=one)
    event(request, "rejected", SPAN.end, ("mismatch", "rejected"), actor=one)
    account = helpers.make_account(602)
    for kind in ("locked", "unlocked", "viewed", "reached", "caller_code"):
        AccountEvent.objects.create(account=account, at=START, kind=kind, actor=one, words="خواست", security_version=1)
    assert counts.work(SPAN) == {
        (one.pk, "activated"): 2,
        (one.pk, "errand"): 2,
        (other.pk, "first_word"): 1,
        (other.pk, "rejected"): 1,
        (other.pk, "corrected"): 1,
    }
