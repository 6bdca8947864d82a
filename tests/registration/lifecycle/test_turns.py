"""What is decided about one person is decided one after another, under one lock, which is taken before any row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from infra import leases
from registration.identity import check
from registration.lifecycle import decisions, submission
from registration.models import RegistrationRequest, Status
from sms.models import Message, OtpChallenge
from tests.registration.lifecycle.deciding import NO_CODE, clerk, leased
from tests.registration.rows import SECRETS, make_request
from tests.threads import behind

pytestmark = pytest.mark.django_db(transaction=True)

IP = "192.0.2.7"


def noting_turns(monkeypatch: pytest.MonkeyPatch, name: str, person: str) -> list[bool]:
    """For each call of this function of `decisions`: whether its connection holds the person's lock by then."""
    turns, act = [], getattr(decisions, name)

    def noted(*given: Any, **named: Any) -> object:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() "
                "AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0))",
                [f"request {person}"],
            )
            turns.append(bool(cursor.fetchall()[0][0]))
        return act(*given, **named)

    monkeypatch.setattr(decisions, name, noted)
    return turns


@pytest.mark.parametrize("verb", ["record", "activate"])
def test_who_has_waited_for_his_turn_sees_what_was_done_meanwhile(verb: str) -> None:
    request, mina = make_request(41, Status.SUBMITTED if verb == "record" else Status.BRANCH), clerk()
    RegistrationRequest.objects.update(identity="match", ownership="owned")
    held = leases.claim(RegistrationRequest.objects.all(), check.LEASE_SECONDS)
    assert held is not None

    def activate() -> object:
        try:
            return decisions.activate(request.pk, by=mina, client_ip=IP, seen=NO_CODE)
        except decisions.AlreadyDecided:
            return False

    def end() -> None:
        over = {"status": "expired", "decided_at": Now(), "password_hash": "", "answers_hash": ""}
        RegistrationRequest.objects.update(**over)

    act: dict[str, Callable[[], object]] = {"record": lambda: decisions.record(held), "activate": activate}
    assert behind(f"request {request.national_code}", act[verb], end) is False
    assert not User.objects.filter(national_code=request.national_code).exists()
    assert not Message.objects.exists()
    assert not request.events.exists()


def test_an_account_is_brought_up_to_date_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    request = leased(identity="match", ownership="owned")
    User.objects.create(national_code=request.national_code, is_active=False)
    turns = noting_turns(monkeypatch, "_open_account", request.national_code)
    assert decisions.record(request)
    assert turns == [True]


def test_an_older_request_is_superseded_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who took its row first, and the lock after it, would wait for a clerk who has the lock and wants the row."""
    make_request(42, Status.BRANCH, mobile="+989970000999")
    draft = make_request(42, Status.DRAFT, tracking_code=None)
    OtpChallenge.objects.update(attempts=1, confirmed_at=timezone.now())
    turns = noting_turns(monkeypatch, "supersede", draft.national_code)
    submission.submit(draft, SECRETS, IP)
    assert turns == [True]
