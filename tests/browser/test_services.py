"""Signing in at a service in Chromium: the strict policy lets everybody through, also without a script, at 360 px."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from sso.demo import registering
from tests.accounts.helpers import PASSWORD, make_account
from tests.browser.forms import fill, press, send
from tests.browser.test_accessibility import assert_accessible
from tests.registration.wizard.walking import PASSWORD as REGISTERED
from tests.registration.wizard.walking import Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OpenPage = Callable[..., Page]
NARGES = Citizen(441)
CODE = re.compile("#([0-9]{6})")


@pytest.fixture
def demo(settings: Any, live_server: LiveServer) -> str:
    """The demo service at this portal's own address; messages go nowhere, but to the rows."""
    settings.SMS_BACKEND = ["handset"]
    settings.SSO_ISSUER = live_server.url
    registering.register()
    return f"{live_server.url}/demo-service/"


def enter(page: Page, person: User, drain: Callable[[], int]) -> None:
    """The sign-in of a browser that the account does not know: the password, then the code."""
    page.fill("[name=national_code]", person.national_code)
    page.fill("[name=password]", PASSWORD)
    press(page, "main form button[type=submit]")
    drain()
    page.fill("[name=code]", newest_code(page))
    press(page, "main form button[type=submit] >> nth=0")


def newest_code(page: Page) -> str:
    """Of the text message that the handset page shows first."""
    phone = page.context.new_page()
    phone.goto(re.sub("(//[^/]+)/.*", r"\1/handset/", page.url))
    found = CODE.search(phone.inner_text(".sms >> nth=0"))
    assert found
    phone.close()
    return found[1]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_sign_in_agree_and_leave(demo: str, open_page: OpenPage, drain: Callable[[], int], script: bool) -> None:
    person = make_account(31, birth_date="1990-01-02", gender="female", email="sara@example.org")
    page = open_page(width=360, script=script)
    page.goto(demo)
    press(page, "a[href*='/everything/']")
    assert "سامانهٔ نمونه" in page.inner_text("main")
    if script:
        assert_accessible(page)
    enter(page, person, drain)
    page.wait_for_url("**/o/continue/**")
    assert person.national_code not in page.content()
    if script:
        assert_accessible(page)
    press(page, "button[value=allow]")
    page.wait_for_url("**/demo-service/back?**")
    assert person.national_code in page.inner_text("main")
    page.goto(f"{demo}start/password/")
    if script:
        assert_accessible(page)
    page.fill("[name=current_password]", PASSWORD)
    press(page, "main form button[type=submit] >> nth=0")
    page.wait_for_url("**/demo-service/back?**")
    page.goto(demo.replace("demo-service", "accounts/profile"))
    press(page, "a[href*='/disconnect/']")
    if script:
        assert_accessible(page)
    press(page, "main form button[type=submit]")
    assert "سامانهٔ نمونه" not in page.inner_text("main")
    page.goto(demo.replace("demo-service/", "o/logout"))
    if script:
        assert_accessible(page)
    press(page, "button[value=yes]")
    if script:
        assert_accessible(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_who_has_no_account_registers_and_is_back_at_the_service(
    demo: str, open_page: OpenPage, drain: Callable[[], int], script: bool
) -> None:
    NARGES.enter_registry()
    page = open_page(width=360, script=script)

    def looked_at(says: str = "سامانهٔ نمونه") -> None:
        assert says in page.inner_text("main")
        if script:
            assert_accessible(page)

    page.goto(f"{demo}start/everything/")
    press(page, "main .links a[href*='/registration/?next=']")
    looked_at()
    fill(page, "contact", NARGES.contact)
    send(page)
    looked_at()
    drain()
    page.fill("[name=activation-code]", newest_code(page))
    send(page)
    looked_at()
    fill(page, "identity", NARGES.identity, script=script)
    send(page)
    looked_at("ورود و رفتن به «سامانهٔ نمونه»")
    drain()
    press(page, "main a[href*='/accounts/login/?next=']")
    page.fill("[name=national_code]", NARGES.national_code)
    page.fill("[name=password]", REGISTERED)
    press(page, "main form button[type=submit]")
    looked_at("با ثبت احوال و مالکیت خط")
    press(page, "button[value=allow]")
    page.wait_for_url("**/demo-service/back?**")
    looked_at(NARGES.national_code)
    assert "registry" in page.inner_text("main")


@pytest.mark.parametrize("path", ["o/authorize?client_id=nobody", "o/continue/" + "a" * 43 + "/", "demo-service/"])
def test_pages_that_lead_nowhere(demo: str, open_page: OpenPage, path: str) -> None:
    page = open_page()
    page.goto(demo.replace("demo-service/", path))
    assert_accessible(page)
