"""The profile: what it shows, to whom, and the way to it from the corner of every page."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from iran import jalali
from tests.accounts.helpers import LOGIN, LOGOUT, PASSWORD_PAGE, PROFILE, make_account, persian, sign_in, text

pytestmark = pytest.mark.django_db


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    for page in (PROFILE, PASSWORD_PAGE):
        response = client.get(page)
        assert (response.status_code, response.headers["Location"]) == (302, f"{LOGIN}?next={page}")
        assert client.post(page).status_code == 302


def test_it_shows_a_person_without_telling_the_whole_numbers(client: Client) -> None:
    user = make_account(5, email="sara@example.com", mobile="+989970001234")
    sign_in(client, user)
    page = text(client.get(PROFILE))
    for shown in ("سارا", "محمدی", "sara@example.com", "0997***1234"):
        assert shown in page
    for hidden in (user.national_code, "09970001234", "+989970001234"):
        assert hidden not in page
    assert user.national_code[:3] in page
    assert PASSWORD_PAGE in page


def test_names_are_shown_as_text(client: Client) -> None:
    sign_in(client, make_account(first_name="<b>سارا</b>"))
    assert "<b>سارا" not in client.get(PROFILE).content.decode()


def test_the_last_sign_in_is_the_one_before_this_one(client: Client) -> None:
    user = make_account()
    with time_machine.travel(dt.datetime(2026, 11, 21, 19, 15, tzinfo=dt.UTC), tick=False) as clock:
        sign_in(client, user)
        assert f"<dt>{persian('Last sign-in')}</dt>" not in text(client.get(PROFILE))  # the first time there is none
        first = jalali.format_datetime(dt.datetime(2026, 11, 21, 19, 15, tzinfo=dt.UTC))
        assert first == "۳۰ آبان ۱۴۰۵، ساعت ۲۲:۴۵"
        clock.shift(dt.timedelta(days=2))
        sign_in(client, user)
        assert first in text(client.get(PROFILE))


def test_the_corner_of_every_page_leads_there_and_out(client: Client) -> None:
    assert PROFILE not in text(client.get(LOGIN))
    sign_in(client, make_account())
    for page in ("/", PROFILE, PASSWORD_PAGE):
        shown = text(client.get(page))
        assert "سارا محمدی" in shown
        assert f'href="{PROFILE}"' in shown
        assert f'action="{LOGOUT}"' in shown


def test_it_is_only_looked_at(client: Client) -> None:
    sign_in(client, make_account())
    assert client.post(PROFILE).status_code == 405


def test_staff_without_a_mobile_see_it_too(client: Client) -> None:
    client.force_login(make_account(mobile="", is_staff=True))
    assert client.get(PROFILE).status_code == 200
