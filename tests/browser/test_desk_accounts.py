"""Errands for accounts in Chromium: a lost SIM, everything forgotten, a caller, a legal change of a name; wrong turns;
axe on each page; at 1280 and at 390 px nothing is wider than the screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from registration.desk import roles
from tests.accounts.acts import GIVEN
from tests.accounts.helpers import NEW_PASSWORD, make_account
from tests.accounts.recovery.recovering import code_on_phone, phone
from tests.browser.forms import press
from tests.browser.test_accessibility import assert_accessible
from tests.browser.test_desk import at_the_desk
from tests.clock import advance
from tests.people import STATED
from tests.registration.desk.accounts.pages import ACCOUNTS, record
from tests.registration.desk.pages import PERSIAN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NEW = "+989970077777"


def errand(clerk: Page, name: str) -> None:
    press(clerk, f'a[href$="/{name}/"]')
    assert_accessible(clerk, dark=False)


def test_a_lost_sim_and_everything_forgotten(live_server: LiveServer, open_page: OpenPage) -> None:
    user = make_account(1)
    clerk = at_the_desk(open_page(), live_server.url, 700, roles.CLERK)
    press(clerk, f'a[href="{ACCOUNTS}"]')
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=q]", "9" * 10)
    press(clerk, ".finder button")
    expect(clerk.locator(".desk-empty")).to_be_visible()
    clerk.fill("[name=q]", user.national_code.translate(PERSIAN))
    press(clerk, ".finder button")
    assert_accessible(clerk, dark=False)
    press(clerk, "#result_list th a")
    assert_accessible(clerk, dark=False)

    errand(clerk, "mobile")
    press(clerk, ".desk-actions button")
    expect(clerk.locator(".errornote li")).to_have_count(3)
    assert_accessible(clerk, dark=False)
    clerk.check("[name=reason][value=owner]")
    clerk.check("[name=documents][value=national_card]")
    clerk.fill("[name=mobile]", "۰۹۹۷ ۰۰۷ ۷۷۷۷")
    press(clerk, ".desk-actions button")
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=code]", "12")
    press(clerk, ".desk-actions button")
    expect(clerk.locator(".errornote li")).to_have_count(1)
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=code]", code_on_phone(User(mobile=NEW)))
    press(clerk, ".desk-actions button")
    expect(clerk.locator("#events")).to_be_visible()
    assert_accessible(clerk, dark=False)
    user.refresh_from_db()
    assert user.mobile == NEW

    expect(clerk.locator('a[href$="/recovery/"]')).to_have_count(0)
    expect(clerk.locator("[aria-labelledby=errands] .desk-note")).to_contain_text("همکار دیگری")
    colleague = at_the_desk(open_page(), live_server.url, 701, roles.CLERK)
    colleague.goto(live_server.url + record(user))
    errand(colleague, "recovery")
    colleague.check("[name=reason][value=answers]")
    colleague.check("[name=documents][value=birth_certificate]")
    press(colleague, ".desk-actions button")
    expect(colleague.locator(".messagelist .success")).to_be_visible()
    phone(user)
    advance(minutes=16)  # between two texts to one mobile there is a gap

    citizen = open_page()
    citizen.goto(f"{live_server.url}/accounts/recover/")
    citizen.fill("[name=national_code]", user.national_code)
    press(citizen, "main button[type=submit]")
    citizen.fill("[name=code]", code_on_phone(user))
    press(citizen, "main form button[type=submit]")
    assert_accessible(citizen)
    for number, answer in enumerate(GIVEN, 1):
        citizen.select_option(f"[name=question_{number}]", index=number)
        citizen.fill(f"[name=answer_{number}]", answer)
    citizen.fill("[name=password1]", NEW_PASSWORD)
    citizen.fill("[name=password2]", NEW_PASSWORD)
    press(citizen, "main form button[type=submit]")
    expect(citizen).to_have_url(f"{live_server.url}/accounts/recover/done/")
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_a_caller(live_server: LiveServer, open_page: OpenPage) -> None:
    user = make_account(1)
    clerk = at_the_desk(open_page(), live_server.url, 700, roles.CLERK)
    clerk.goto(live_server.url + record(user))
    errand(clerk, "caller")
    press(clerk, ".desk-actions button")
    expect(clerk.locator(".errornote li")).to_have_count(1)
    clerk.check("[name=reason][value=state]")
    press(clerk, ".desk-actions button")
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=code]", "12")
    press(clerk, ".desk-actions button")
    expect(clerk.locator(".errornote li")).to_have_count(1)
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=code]", code_on_phone(user))
    press(clerk, ".desk-actions button")
    expect(clerk.locator("[aria-labelledby=caller]")).to_contain_text("تأییدشده")
    assert_accessible(clerk, dark=False)


def test_a_legal_change_of_a_name(live_server: LiveServer, open_page: OpenPage) -> None:
    user = make_account(1, **STATED)
    clerk = at_the_desk(open_page(), live_server.url, 700, roles.CLERK)
    clerk.goto(live_server.url + record(user))
    errand(clerk, "identity")
    clerk.fill("[name=last_name]", "Bahrami")
    press(clerk, ".desk-actions button")
    expect(clerk.locator(".errornote li")).to_have_count(3)
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=last_name]", "بهرامی")
    clerk.check("[name=reason][value=name]")
    clerk.check("[name=documents][value=registry_letter]")
    press(clerk, ".desk-actions button")
    expect(clerk.locator("[aria-labelledby=waiting] ins")).to_have_text("بهرامی")
    assert_accessible(clerk, dark=False)

    supervisor = at_the_desk(open_page(), live_server.url, 701, roles.SUPERVISOR)
    assert_accessible(supervisor, dark=False)
    press(supervisor, ".tile.identities")
    assert_accessible(supervisor, dark=False)
    press(supervisor, ".desk-table a")
    errand(supervisor, "identity/confirm")
    supervisor.check("[name=reason][value=agree]")
    supervisor.check("[name=documents][value=birth_certificate]")
    press(supervisor, ".desk-actions button")
    expect(supervisor.locator("h1")).to_contain_text("بهرامی")
    assert_accessible(supervisor, dark=False)
    user.refresh_from_db()
    assert user.last_name == "بهرامی"
