"""The desk's page of figures in Chromium: read without a mouse, on a phone, in forced colours, without a script."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.desk import roles
from registration.figures import days
from tests.browser.test_accessibility import assert_accessible
from tests.registration.desk.members import member
from tests.registration.figures import generated
from tests.registration.rows import make_request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]


def test_the_figures_are_read_by_everybody(live_server: LiveServer, open_page: OpenPage, client: Client) -> None:
    today = days.of(timezone.now())
    generated.month(today)
    generated.work(today)
    make_request(1)
    client.force_login(member(600, roles.HEAD_OFFICE, first_name="مینا", last_name="کارگر"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    seen, page = open_page(), open_page(script=False)  # axe needs scripts, the page does not
    for one in (seen, page):
        one.context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
        one.goto(f"{live_server.url}/desk/figures/")
    seen.get_by_text("نمایش همین آمار در جدول").first.click()
    assert_accessible(seen, dark=False)
    expect(page.get_by_role("img", name="مسیر ثبت‌نام")).to_be_visible()
    page.get_by_text("نمایش همین آمار در جدول").first.click()
    expect(page.get_by_role("row")).to_have_count(31)
    with page.expect_download() as download:
        page.get_by_role("link", name="دریافت پروندهٔ CSV").first.click()
    assert download.value.suggested_filename.startswith("outcomes-14")
