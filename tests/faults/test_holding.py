"""A lease that its holder prolongs: who dies loses it soon, who waits keeps it, and nobody for ever."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from devtools.servers import until
from infra import holding, leases
from registration.identity import check
from registration.models import RegistrationRequest, Status
from tests import clock
from tests.faults.processes import python
from tests.registration.rows import make_request
from tests.registration.wizard.walking import Citizen
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 120
WORKER = """
import signal, django
django.setup()
from infra import holding
from registration.identity import check
holding.LOOK_SECONDS, holding.TRIES = 0.05, 600
check.LEASE_SECONDS = 60

class Silent:
    def ownership(self, applicant):
        print("asked", flush=True)
        signal.pause()

check.get_backend = Silent
check.drain()
"""


def ends_in() -> timedelta:
    [left] = RegistrationRequest.objects.values_list("lease_until", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s - clock_timestamp()", [left])
        [[ends_in]] = cursor.fetchall()
    assert isinstance(ends_in, timedelta)
    return ends_in


def test_who_waits_keeps_it_and_who_is_killed_loses_it_soon() -> None:
    Citizen(42).enter_registry()  # one who answers, though not of this person
    make_request(41, Status.SUBMITTED)
    with python("-c", WORKER) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        [first] = RegistrationRequest.objects.values_list("lease_until", flat=True)
        moved_on = RegistrationRequest.objects.filter(lease_until__gt=first)
        assert until(moved_on.exists, PATIENCE)
        assert check.drain() == 0
    clock.advance(seconds=61)
    assert check.drain() == 1
    row = RegistrationRequest.objects.get()
    assert (row.attempts, row.lease_token) == (2, None)
    assert row.status != "submitted"


def claimed() -> RegistrationRequest:
    make_request(41, Status.SUBMITTED)
    row = leases.claim(check.due(), check.LEASE_SECONDS)
    assert row is not None
    return row


def hold(row: RegistrationRequest) -> holding._Hold:
    return holding._Hold(row, check.LEASE_SECONDS, ends=0.0, due=0.0)


def test_it_is_prolonged_from_now_on() -> None:
    row = claimed()
    clock.advance(seconds=check.LEASE_SECONDS - 5)
    assert ends_in() < timedelta(seconds=6)
    holding.prolong([hold(row)])
    assert ends_in() > timedelta(seconds=check.LEASE_SECONDS - 5)


def test_what_somebody_else_holds_or_nobody_is_left_alone() -> None:
    row = claimed()
    clock.advance(seconds=check.LEASE_SECONDS + 1)
    other = leases.claim(check.due(), 5)
    assert other is not None
    holding.prolong([hold(row)])
    assert ends_in() < timedelta(seconds=5)
    assert leases.settle(other, due_at=Now())
    holding.prolong([hold(row), hold(other)])
    assert RegistrationRequest.objects.get().lease_until is None


def test_nobody_waits_for_a_row_that_is_just_being_settled() -> None:
    row = claimed()
    with transaction.atomic():
        RegistrationRequest.objects.select_for_update().get()
        assert together(lambda: holding.prolong([hold(row)]), 1) == [None]


def test_it_ends_with_the_block_and_at_the_latest_after_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    row, now = claimed(), [1000.0]
    monkeypatch.setattr(holding, "monotonic", lambda: now[0])
    monkeypatch.setattr(holding, "_begin", lambda: None)
    with holding.held(row, seconds=20, most=90):
        assert holding._due() == []
        now[0] += 5
        assert [hold.row for hold in holding._due() or []] == [row]
        assert holding._due() == []
        now[0] = 1090.0
        assert holding._due() is None
    assert holding._held == {}
