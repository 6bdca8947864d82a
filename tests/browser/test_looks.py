"""An auditor answers "who looked at my record?", in Chromium: by a number in Persian digits."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.desk import roles
from registration.lifecycle import scope, searches
from registration.models import DeskSearch
from tests.browser.forms import press
from tests.browser.test_accessibility import assert_accessible
from tests.browser.test_desk import at_the_desk
from tests.registration.desk.members import member, office
from tests.registration.desk.pages import PERSIAN
from tests.registration.rows import make_request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]


def test_an_auditor_answers_who_looked_at_a_record(live_server: LiveServer, open_page: OpenPage) -> None:
    clerk = member(811, roles.CLERK, branch=office(), first_name="نرگس", last_name="بهرامی")
    row, address = make_request(812), "198.51.100.7"
    searches.note(row.national_code, 1, place=DeskSearch.Place.REQUESTS, by=clerk, client_ip=address)
    scope.viewed(row, by=clerk, client_ip=address)

    page = at_the_desk(open_page(), live_server.url, 813, roles.AUDITOR)
    press(page, "main a[href='/desk/looks/']")
    assert_accessible(page, dark=False)
    page.fill("[name=person]", "محمدی")
    press(page, "main form .desk-button")
    expect(page.locator(".errornote")).to_contain_text("شماره را کامل وارد کنید")
    assert_accessible(page, dark=False)
    page.fill("[name=person]", row.national_code.translate(PERSIAN))
    press(page, "main form .desk-button")
    lines = page.locator("tbody tr")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("نرگس بهرامی")
    expect(lines.first).to_contain_text("پرونده مشاهده شد")
    expect(lines.last).to_contain_text("جستجو (کد ملی)")
    assert row.national_code not in page.url
    assert_accessible(page, dark=False)
    press(page, "main a[href='/desk/looks/idle/']")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert_accessible(page, dark=False)
    press(page, "tbody a[href*='what=idle']")
    expect(page.locator("tbody tr")).to_have_count(1)
