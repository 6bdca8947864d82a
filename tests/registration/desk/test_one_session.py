"""A member of the staff has one session at a time, and whoever meets an ended one is told why."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.sign_in import own_sessions
from accounts.staff import members
from registration.desk import roles
from tests.accounts import helpers
from tests.registration.desk.factor import App, at_the_desk, give_code, give_password
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required", "clock")]

NewClient = Callable[[], Client]
LATER = "پس از آن در مرورگر یا دستگاه دیگری وارد میز کار شده‌اید"
ENDED = "سرپرست یا راهبر سامانه به نشست شما پایان داده است"


def enter(client: Client, user: User, code: str) -> None:
    give_password(client, user)
    assert give_code(client, code).status_code == 302
    assert at_the_desk(client)


def test_a_new_sign_in_ends_the_older_session_and_it_is_told(
    client: Client, new_client: NewClient, clerk: User, app: App
) -> None:
    row, newer = make_request(1, "branch"), new_client()
    enter(client, clerk, app(0))
    enter(newer, clerk, app(1))
    assert [own.name for own in own_sessions.open_rows(User.objects.get(pk=clerk.pk))] == [""]
    sent = client.post(f"{LIST}{row.pk}/activate/", {"documents_seen": "1"})
    assert sent.headers["Location"].startswith("/desk/login/?next=")
    row.refresh_from_db()
    assert row.status == "branch"
    page = text(client.get(sent.headers["Location"]))
    assert LATER in page
    assert LATER not in text(client.get("/desk/login/"))  # once
    assert at_the_desk(newer)


def test_the_password_alone_ends_nobodys_session(client: Client, new_client: NewClient, clerk: User, app: App) -> None:
    enter(client, clerk, app(0))
    thief = new_client()
    give_password(thief, clerk)
    give_code(thief, app(0))
    assert at_the_desk(client)


def test_a_session_that_is_ended_at_the_desk_says_so(
    client: Client, new_client: NewClient, clerk: User, app: App
) -> None:
    supervisor = member(510, roles.SUPERVISOR)
    enter(client, clerk, app(0))
    members.end_session(clerk, words="رایانه باز مانده بود", by=supervisor)
    assert list(own_sessions.open_rows(User.objects.get(pk=clerk.pk))) == []
    assert ENDED in text(client.get(DESK, follow=True))
    assert clerk.staff_events.values_list("kind", "words", "actor").get() == (
        "sessions_ended",
        "رایانه باز مانده بود",
        supervisor.pk,
    )
    enter(client, clerk, app(1))


def test_it_holds_for_the_citizens_pages_of_a_clerk(
    client: Client, new_client: NewClient, clerk: User, app: App
) -> None:
    enter(client, clerk, app(0))
    assert helpers.signed_in(client)
    enter(new_client(), clerk, app(1))
    assert not helpers.signed_in(client)


def test_it_holds_without_the_app(client: Client, new_client: NewClient, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    clerk, newer = member(511, roles.CLERK), new_client()
    for browser in (client, newer):
        give_password(browser, clerk)
        assert at_the_desk(browser)
    assert LATER in text(client.get(DESK, follow=True))
    assert at_the_desk(newer)


def test_citizens_may_be_signed_in_on_several_devices(client: Client, new_client: NewClient) -> None:
    citizen, phone = helpers.make_account(7), new_client()
    for browser in (client, phone):
        helpers.sign_in(browser, citizen)
    assert helpers.signed_in(client)
    assert helpers.signed_in(phone)
