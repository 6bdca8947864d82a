"""The days are counted again until they are settled; nothing that was counted is lost with its rows."""

import datetime as dt
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db.models.functions import Now
from redis import Redis

from registration import tasks
from registration.desk import roles
from registration.figures import days, field_errors, recount
from registration.lifecycle import events, retention
from registration.models import DailyFigure, DailyWork, RegistrationRequest
from sms import statistics
from sms.models import Heartbeat, Message
from tests import clock
from tests.registration.desk.members import member
from tests.registration.figures.test_counts import at, event, message
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 30, 8, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 30)


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def figures() -> list[tuple[object, ...]]:
    rows = DailyFigure.objects.order_by("day", "kind", "subject", "outcome")
    return list(rows.values_list("day", "kind", "subject", "outcome", "count"))


def test_counting_twice_is_counting_once_and_what_moves_on_moves_on(noon: object) -> None:
    sent = message("+989970000009", "accepted", NOON, 2)
    recount.count(TODAY, TODAY)
    first = list(DailyFigure.objects.order_by("pk").values())
    recount.count(TODAY, TODAY)
    assert list(DailyFigure.objects.order_by("pk").values()) == first  # not even written again
    Message.objects.filter(pk=sent.pk).update(state="delivered", ask_at=None)
    recount.count(TODAY, TODAY)
    assert figures() == [(TODAY, "delivery", "", "delivered", 1), (TODAY, "handing_over", "", "4", 1)]


def test_what_is_deleted_later_stays_counted(noon: object, clean_redis: Redis) -> None:
    old = at(make_request(1, "draft"), created_at=NOON - timedelta(hours=25))
    yesterday = TODAY - timedelta(days=1)
    field_errors.note("contact", {})
    recount.count(yesterday, TODAY)
    counted = figures()
    assert (yesterday, "funnel", "portal", "contact", 1) in counted
    RegistrationRequest.objects.filter(pk=old.pk).update(created_at=Now() - timedelta(hours=25))
    retention.purge()
    assert not RegistrationRequest.objects.exists()
    recount.count(yesterday, TODAY)
    assert figures() == counted


def test_a_day_whose_drafts_are_gone_gets_no_funnel_of_those_alone_who_came_through(noon: object) -> None:
    before = TODAY - timedelta(days=2)
    at(make_request(1, "activated"), created_at=days.span(before).start)
    recount.count(before, TODAY)
    assert figures() == []


def test_missed_days_are_counted_and_settled_ones_left_alone(noon: object) -> None:
    day = dt.timedelta(days=1)
    assert recount.due(TODAY) == days.last(30, TODAY)  # never counted
    for last, first in [
        (NOON, TODAY - 2 * day),
        (NOON - 5 * day, TODAY - 7 * day),
        (NOON - 90 * day, TODAY - 29 * day),
        (NOON + 3 * day, TODAY - 2 * day),  # a clock that was wrong
    ]:
        Heartbeat.objects.update_or_create(queue=statistics.FIGURES, defaults={"at": last})
        assert recount.due(TODAY) == days.between(first, TODAY)


def test_the_beat_counts_all_of_it_and_says_so(clean_redis: Redis) -> None:
    clerk = member(610, roles.CLERK)
    request = make_request(1, "submitted")
    events.note(request, "noted", by=clerk)  # type: ignore[arg-type]
    event(request, "rejected", request.submitted_at, ("branch", "rejected"), actor=clerk)  # type: ignore[arg-type]
    DailyFigure.objects.create(day=dt.date(2020, 1, 1), kind="field", outcome="x", count=1)  # too old to keep
    assert statistics.since_figures() is None
    tasks.count()
    assert statistics.since_figures() == 0
    assert {(row.clerk_id, row.deed, row.count) for row in DailyWork.objects.all()} == {(clerk.pk, "rejected", 1)}
    kinds = set(DailyFigure.objects.values_list("kind", "outcome"))
    assert kinds == {("outcome", "rejected"), ("funnel", "contact"), ("funnel", "submitted")}
    clock.advance(hours=1)
    assert statistics.since_figures() == 3600
