"""The desk warns before a session, or a sign-in that waits for the app's code, ends; who is there puts the end off."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from sms.models import OtpChallenge
from tests import clock as rows
from tests.registration.desk.factor import CODE, LOGIN, App, at_the_desk, give_code, give_password
from tests.registration.desk.pages import LIST
from tests.registration.desk.test_mobile_code import code_page
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required")]

JSON = {"Accept": "application/json"}
STAY, STAY_FOR_CODE = "/desk/stay/", f"{CODE}stay/"
MINUTES = 60


def told(page: str) -> tuple[int, int, str]:
    """Of a page's warning: the seconds until the end, until the end in any case, and where one stays."""
    [(left, longest)] = re.findall('data-session="([0-9]+)" data-longest="([0-9]+)"', page)
    [stay] = re.findall('action="([^"]+)" data-stay', page)
    return int(left), int(longest), stay


def test_every_page_of_a_session_warns_and_staying_puts_the_end_off(
    client: Client, clerk: User, app: App, clock: time_machine.Traveller
) -> None:
    give_password(client, clerk)
    give_code(client, app(0))
    reject = f"{LIST}{make_request(1, 'branch').pk}/reject/"
    assert told(text(client.get(reject))) == (15 * MINUTES, 8 * 60 * MINUTES, STAY)
    clock.shift(timedelta(minutes=14))
    answer = client.post(reject, {"reason": "other", "details": "نوشته"})  # asks for a fresh code, and holds the form
    assert told(text(answer)) == (15 * MINUTES, 466 * MINUTES, STAY)
    assert 'data-afterwards="/desk/"' in text(answer)
    assert client.get(STAY).headers["Location"] == "/desk/"
    assert client.post(STAY, headers=JSON).json() == {"seconds": 15 * MINUTES, "longest": 466 * MINUTES}
    clock.shift(timedelta(minutes=14))
    assert at_the_desk(client)
    clock.shift(timedelta(minutes=16))
    assert "/desk/login/" in client.post(STAY, headers=JSON).headers["Location"]


def test_a_code_that_the_session_waits_for_is_put_off_as_well(client: Client, clerk: User, app: App) -> None:
    give_password(client, clerk)
    give_code(client, app(0))
    row = make_request(7)
    client.post(code_page(row))
    rows.advance(minutes=20)
    client.post(STAY)
    assert OtpChallenge.objects.get(purpose=OtpChallenge.Purpose.DESK).began_at > timezone.now() - timedelta(minutes=1)


def test_the_page_of_the_apps_code_warns_and_waits_an_hour_at_most(
    client: Client, clerk: User, app: App, clock: time_machine.Traveller
) -> None:
    give_password(client, clerk)
    assert told(text(client.get(CODE))) == (10 * MINUTES, 60 * MINUTES, STAY_FOR_CODE)
    for _ in range(6):
        clock.shift(timedelta(minutes=9))
        assert client.get(STAY_FOR_CODE).headers["Location"] == CODE  # looking alone puts nothing off
        assert client.post(STAY_FOR_CODE, headers=JSON).status_code == 200
    assert told(text(client.get(CODE)))[:2] == (6 * MINUTES, 6 * MINUTES)
    clock.shift(timedelta(minutes=6))
    assert client.post(STAY_FOR_CODE, headers=JSON).headers["Location"] == LOGIN
    assert "data-session" not in text(client.get(LOGIN))
