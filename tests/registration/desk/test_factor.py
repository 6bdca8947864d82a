"""The second factor of staff: nobody comes to the desk without it, and no code opens it twice."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import StaffFactor, User
from tests.accounts import helpers
from tests.registration.desk.factor import CODE, LOGIN, WRONG, App, at_the_desk, give_code, give_password, set_up_app
from tests.registration.desk.pages import DESK, LIST, PERSIAN
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text
from tests.test_addresses import addresses
from tests.threads import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required", "clock")]

NewClient = Callable[[], Client]
NO_APP = "برای این حساب هنوز برنامهٔ رمزساز تنظیم نشده است"


# ── the way in ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_password_then_the_code_then_where_the_clerk_wanted_to_go(client: Client, clerk: User, app: App) -> None:
    asked = give_password(client, clerk, next=LIST)
    assert asked.headers["Location"] == f"{CODE}?next={LIST.replace('/', '%2F')}"
    between = client.session.session_key
    page = text(client.get(asked.headers["Location"]))
    assert "کد برنامهٔ رمزساز" in page
    assert clerk.national_code not in page
    *_, wanted = re.findall('name="next" value="([^"]*)"', page)  # before it, the one of the language

    entered = give_code(client, f"{app(0)[:3]} {app(0)[3:]}".translate(PERSIAN), next=wanted)

    assert entered.headers["Location"] == LIST
    assert client.session.session_key != between
    assert client.get(LIST).status_code == 200
    assert client.get(LOGIN).headers["Location"] == DESK
    assert StaffFactor.objects.get().confirmed_at is not None


def test_the_code_leads_to_no_other_site(client: Client, clerk: User, app: App) -> None:
    assert give_password(client, clerk, next="https://example.com/").headers["Location"] == CODE
    assert give_code(client, app(0), next="//example.com/").headers["Location"] == DESK


@pytest.mark.parametrize(("steps", "enters"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(client: Client, clerk: User, app: App, steps: int, enters: bool) -> None:
    give_password(client, clerk)
    answer = give_code(client, app(steps))
    assert answer.status_code == (302 if enters else 200)
    assert (WRONG in text(answer)) is not enters
    assert at_the_desk(client) is enters


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "کدی را که برنامه نشان می‌دهد وارد کنید"),
        ("12345", "کد برنامه ۶ رقم و کد پشتیبان ۱۰ رقم دارد"),
        ("1234567", "کد برنامه ۶ رقم و کد پشتیبان ۱۰ رقم دارد"),
        ("abcdef", "کد تنها باید رقم داشته باشد"),
        ("٣a٣a٣a", "کد تنها باید رقم داشته باشد"),
    ],
)
def test_what_is_no_code_is_told_and_not_counted(
    client: Client, clerk: User, app: App, typed: str, message: str
) -> None:
    give_password(client, clerk)
    for _ in range(6):
        page = give_code(client, typed)
        assert page.status_code == 200
        assert message in text(page)
    assert give_code(client, app(0)).status_code == 302


# ── once ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_opens_the_desk_once_and_older_ones_never_again(
    client: Client, clerk: User, app: App, new_client: NewClient, clock: time_machine.Traveller
) -> None:
    older, code = app(-1), app(0)
    give_password(client, clerk)
    give_code(client, code)
    thief = new_client()
    give_password(thief, clerk)
    for again in (code, older):
        assert WRONG in text(give_code(thief, again))
    assert not at_the_desk(thief)
    clock.shift(timedelta(seconds=30))
    assert give_code(thief, app(0)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_who_type_one_code_at_one_moment_one_enters(clerk: User, new_client: NewClient) -> None:
    app = set_up_app(clerk)
    browsers = [new_client() for _ in range(4)]  # fewer than the wrong ones that make everybody wait
    for browser in browsers:
        give_password(browser, clerk)
    code, left = app(0), list(browsers)
    answers = together(lambda: give_code(left.pop(), code).status_code, len(browsers))
    assert sorted(map(str, answers)) == ["200", "200", "200", "302"]
    assert sum(map(at_the_desk, browsers)) == 1


def test_guessing_has_the_limits_of_passwords(client: Client, clerk: User, app: App, new_client: NewClient) -> None:
    wrong = f"{(int(app(0)) + 1) % 10**6:06}"
    assert wrong not in {app(-1), app(1)}
    give_password(client, clerk)
    for _ in range(5):
        assert give_code(client, wrong).status_code == 200
    other = new_client()
    for browser in (client, other):
        give_password(browser, clerk)  # a right password gives no new tries
        waits = give_code(browser, app(0))
        assert waits.status_code == 429
        assert waits.headers["Retry-After"] == "60"
        assert not at_the_desk(browser)
    helpers.age_limits(61)
    assert give_code(client, app(0)).status_code == 302


# ── no other way ──────────────────────────────────────────────────────────────────────────────────────────────────────
def every_address(pk: int) -> list[str]:
    resolver = get_resolver()
    [site] = [entry for entry in resolver.url_patterns if getattr(entry, "namespace", None) == "desk"]
    assert isinstance(site, URLResolver)
    inside = [address for address, name in addresses(site, "desk/") if not re.match("login|logout|enrol", name)]
    return sorted(
        {*inside, LIST, f"{LIST}{pk}/change/", f"{LIST}{pk}/activate/", f"{LIST}{pk}/reject/", f"{LIST}find/"}
    )


@pytest.mark.parametrize("by", ["password alone", "the citizens' sign-in"])
def test_no_address_of_the_desk_opens_without_the_code(client: Client, clerk: User, app: App, by: str) -> None:
    User.objects.update(is_superuser=True)
    row = make_request(1, "branch")
    if by == "password alone":
        give_password(client, clerk)
    else:
        assert helpers.sign_in(client, clerk).status_code == 302
        assert not helpers.signed_in(client)
    found = every_address(row.pk)
    assert len(found) > 15
    for address in found:
        for response in (
            client.get(address),
            client.post(address, {"documents_seen": "1", "no_code": "no_signal", "reason": "mobile"}),
        ):
            assert response.status_code == 302, address
            assert response.headers["Location"].startswith(f"{LOGIN}?next="), address
    led_to = client.get(found[0], follow=True)
    if by == "password alone":
        assert led_to.redirect_chain[-1][0].startswith(f"{CODE}?next=")
    else:
        assert led_to.redirect_chain[-1][0].startswith(f"{LOGIN}?next=")
    row.refresh_from_db()
    assert row.status == "branch"
    assert not row.events.exists()
    assert not at_the_desk(client)


def test_nobody_waits_at_the_code_page_without_the_right_password(client: Client, clerk: User, app: App) -> None:
    for _ in range(2):
        assert client.get(f"{CODE}?next={LIST}").headers["Location"] == f"{LOGIN}?next={LIST.replace('/', '%2F')}"
        assert give_code(client, app(0)).headers["Location"] == LOGIN
        client.post(LOGIN, {"username": clerk.national_code, "password": helpers.WRONG})
    assert not at_the_desk(client)


def test_without_an_app_the_right_password_leads_to_the_operator(client: Client, clerk: User) -> None:
    page = give_password(client, clerk)
    assert page.status_code == 200
    assert NO_APP in text(page)
    assert NO_APP not in text(client.post(LOGIN, {"username": clerk.national_code, "password": helpers.WRONG}))
    assert client.get(CODE).headers["Location"] == LOGIN
    assert not at_the_desk(client)


@pytest.mark.parametrize("change", ["late", "password", "inactive", "no clerk any more", "app taken away"])
def test_what_waits_for_the_code_does_not_wait_for_ever(
    client: Client, clerk: User, app: App, change: str, clock: time_machine.Traveller
) -> None:
    give_password(client, clerk)
    if change == "late":
        clock.shift(timedelta(minutes=10))
    elif change == "password":
        clerk.set_password(helpers.NEW_PASSWORD)
    elif change == "app taken away":
        StaffFactor.objects.all().delete()
    clerk.is_active = change != "inactive"
    clerk.is_staff = change != "no clerk any more"
    clerk.save()
    give_code(client, app(0))
    assert not at_the_desk(client)


def test_another_account_may_sign_in_at_the_same_computer(client: Client, clerk: User, app: App) -> None:
    second = helpers.make_account(501, is_staff=True)
    give_password(client, second)  # without an app: nobody waits
    give_password(client, clerk)
    again = re.search('href="(/desk/login/[^"]+)"', text(client.get(CODE)))
    assert again
    assert "id_password" in text(client.get(again[1]))
    shows = set_up_app(second)
    give_password(client, second)
    assert WRONG in text(give_code(client, app(0)))
    assert give_code(client, shows(0)).status_code == 302
    assert int(client.session["_auth_user_id"]) == second.pk


def test_giving_the_password_ends_the_session_that_was_there(client: Client, clerk: User, app: App) -> None:
    helpers.sign_in(client, clerk)
    give_password(client, clerk)
    assert not helpers.signed_in(client)
