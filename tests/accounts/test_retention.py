"""How long recoveries, devices and sessions are kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import retention
from accounts.models import BrowserSession as Session
from accounts.models import Device, RecoveryRun
from accounts.recovery import flow
from accounts.sign_in import devices
from infra.limits import LimitReached
from sms.otp import retention as challenges
from tests import clock
from tests.accounts.helpers import know_device, make_account
from tests.accounts.recovery.recovering import WRONG_ANSWERS, answer, make_protected, to_answers

pytestmark = pytest.mark.django_db

WEEK = 604_800


def purge_all() -> None:
    retention.purge()
    challenges.purge()


def test_a_recovery_is_kept_for_thirty_days(client: Client) -> None:
    to_answers(client, make_protected())
    clock.advance(hours=24 * 30 - 1)
    purge_all()
    assert RecoveryRun.objects.exists()
    clock.advance(hours=2)

    purge_all()

    assert not RecoveryRun.objects.exists()


def test_wrong_answers_count_for_as_long_as_the_limit_says(
    new_client: Callable[[], Client], settings: Settings
) -> None:
    settings.LIMIT_ANSWERS = [(3, WEEK)]
    user = make_protected()
    first, second = new_client(), new_client()
    to_answers(first, user)
    answer(first, WRONG_ANSWERS)
    answer(first, WRONG_ANSWERS)
    clock.advance(hours=24 * 6)
    purge_all()

    to_answers(second, user)
    answer(second, WRONG_ANSWERS)

    with pytest.raises(LimitReached):
        flow.check_not_stopped(user)
    clock.advance(seconds=WEEK - 3600)
    purge_all()
    with pytest.raises(LimitReached):
        flow.check_not_stopped(user)


def test_a_recovery_stays_while_it_stops_others(client: Client) -> None:
    user = make_protected()
    to_answers(client, user)
    clock.advance(hours=24 * 31)
    RecoveryRun.objects.update(stopped_until=Now() + timedelta(minutes=1))

    retention.purge()

    with pytest.raises(LimitReached):
        flow.check_not_stopped(user)


def test_devices_are_forgotten_when_they_were_not_seen_for_ninety_days(new_client: Callable[[], Client]) -> None:
    user = make_account()
    forgotten = know_device(new_client(), user)
    Device.objects.filter(pk=forgotten.pk).update(seen_at=Now() - devices.LIFETIME - timedelta(seconds=1))
    lasting = know_device(new_client(), user)
    Device.objects.filter(pk=lasting.pk).update(seen_at=Now() - devices.LIFETIME + timedelta(minutes=1))

    retention.purge()

    assert Device.objects.get() == lasting


def test_sessions_that_ended_are_deleted() -> None:
    now = timezone.now()
    Session.objects.create(session_key="over", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="open", session_data="", expire_date=now + timedelta(hours=1))

    retention.purge()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
