"""The staff at their desk, in Chromium: invited by the supervisor, enrolled on a phone, without the phone, with a new
one."""

import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Branch, User
from registration.desk import roles
from tests.accounts.helpers import NEW_PASSWORD, PASSWORD
from tests.browser.test_accessibility import assert_accessible
from tests.people import national_code
from tests.registration.desk.factor import App, app_with, set_up_app
from tests.registration.desk.members import member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
CODE = national_code(741)


@pytest.fixture
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    """The app's clock and the portal's, which goes on: a code is good once, so each sign-in takes the next one."""
    settings.STAFF_SECOND_FACTOR = "required"
    with time_machine.travel("2026-11-21T08:00:15+00:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def supervisor(clock: time_machine.Traveller) -> tuple[User, App]:
    branch = Branch.objects.create(code="17", name="شعبهٔ یک تهران", province="تهران", city="تهران")
    user = member(740, roles.SUPERVISOR, branch=branch, first_name="آذر", last_name="سرپرست")
    return user, set_up_app(user)


def press(page: Page, where: str = "main form:not([role]) .desk-button") -> None:
    with page.expect_navigation():
        page.locator(where).first.click()


def fill(page: Page, **answers: str) -> None:
    for name, answer in answers.items():
        page.fill(f"main [name={name}]", answer)
    press(page)


def sign_in(page: Page, address: str, national_code: str, password: str, code: str) -> None:
    page.goto(f"{address}/desk/login/?again=1")
    fill(page, username=national_code, password=password)
    fill(page, code=code)


def handed_over(page: Page) -> str:
    return page.locator(".enrolment-code dd").first.inner_text()


def app_scanned(page: Page) -> App:
    """What the app reads from the QR code is the address that the phone's link has."""
    found = re.search("secret=([A-Z2-7]+)", page.locator("main a[href^=otpauth]").get_attribute("href") or "")
    assert found
    return app_with(found[1])


def test_a_supervisor_invites_a_clerk_who_enrols_on_a_phone(
    live_server: LiveServer, open_page: OpenPage, supervisor: tuple[User, App], clock: time_machine.Traveller
) -> None:
    boss, shows = supervisor
    desk, phone = open_page(), open_page(width=390)
    sign_in(desk, live_server.url, boss.national_code, PASSWORD, shows(0))
    clock.shift(360)  # the code of the sign-in is not fresh any more
    desk.goto(f"{live_server.url}/desk/")
    press(desk, "main a[href='/desk/staff/']")
    assert_accessible(desk, dark=False)
    press(desk, "main a[href='/desk/staff/invite/']")
    assert_accessible(desk, dark=False)
    fill(desk, national_code=CODE, first_name="Mina", last_name="کارگر")
    assert_accessible(desk, dark=False)  # no code yet: the form is held
    fill(desk, fresh_code=shows(0))
    expect(desk.locator(".errornote")).to_contain_text("خط فارسی")
    assert_accessible(desk, dark=False)
    fill(desk, first_name="مینا")
    assert_accessible(desk, dark=False)
    code = handed_over(desk)

    phone.goto(f"{live_server.url}/desk/login/")
    press(phone, "main a[href='/desk/enrol/']")
    assert_accessible(phone, dark=False)
    fill(phone, national_code=CODE, code="1234")
    assert_accessible(phone, dark=False)
    fill(phone, code=code)
    assert_accessible(phone, dark=False)
    fill(phone, password1="mina1404", password2="")
    expect(phone.locator(".errorlist").first).to_be_visible()
    assert_accessible(phone, dark=False)
    fill(phone, password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    phone.set_viewport_size({"width": 390, "height": 800})
    expect(phone.locator("svg.qr")).to_be_visible()
    assert_accessible(phone, dark=False)
    app = app_scanned(phone)
    fill(phone, code="000000")
    expect(phone.locator(".errorlist")).to_be_visible()
    assert app_scanned(phone)(0) == app(0)  # the same key as before the wrong code
    fill(phone, code=app(0))
    expect(phone.locator(".recovery-codes li")).to_have_count(10)
    assert_accessible(phone, dark=False)
    recovery = phone.locator(".recovery-codes li").nth(4).inner_text()
    phone.reload()  # the codes are shown once, and the enrolment is over
    expect(phone.locator("main [name=username]")).to_be_visible()
    expect(phone.locator(".messagelist")).to_contain_text("راه‌اندازی پایان یافته است")

    clock.shift(30)
    sign_in(phone, live_server.url, CODE, NEW_PASSWORD, app(0))
    expect(phone).to_have_url(f"{live_server.url}/desk/")
    desk.goto(f"{live_server.url}/desk/staff/{User.objects.get(national_code=CODE).pk}/")
    expect(desk.locator("main")).to_contain_text("مینا کارگر")
    assert_accessible(desk, dark=False)

    elsewhere = open_page()  # without the phone
    sign_in(elsewhere, live_server.url, CODE, NEW_PASSWORD, recovery)
    expect(elsewhere).to_have_url(f"{live_server.url}/desk/")
    phone.goto(f"{live_server.url}/desk/")
    expect(phone.locator(".messagelist")).to_contain_text("دستگاه دیگری")
    assert_accessible(phone, dark=False)
    press(elsewhere, "main a[href='/desk/recovery-codes/']")
    expect(elsewhere.locator("main")).to_contain_text("۹")
    assert_accessible(elsewhere, dark=False)
    again = open_page()
    sign_in(again, live_server.url, CODE, NEW_PASSWORD, recovery)
    expect(again.locator(".errorlist")).to_be_visible()  # each once


def test_a_lost_phone_is_a_reset_and_a_new_enrolment(
    live_server: LiveServer, open_page: OpenPage, supervisor: tuple[User, App], clock: time_machine.Traveller
) -> None:
    boss, shows = supervisor
    clerk = member(742, roles.CLERK, branch=boss.branch, first_name="نرگس", last_name="بهرامی")
    old = set_up_app(clerk)
    desk, phone = open_page(width=390), open_page(width=390)
    sign_in(phone, live_server.url, clerk.national_code, PASSWORD, old(0))
    sign_in(desk, live_server.url, boss.national_code, PASSWORD, shows(0))
    desk.goto(f"{live_server.url}/desk/staff/{clerk.pk}/")
    press(desk, "main a[href$='/reset-factor/']")
    assert_accessible(desk, dark=False)
    fill(desk, reason="")
    assert_accessible(desk, dark=False)
    fill(desk, reason="تلفن همراه گم شده است")
    assert_accessible(desk, dark=False)
    code = handed_over(desk)

    phone.goto(f"{live_server.url}/desk/")
    expect(phone.locator("main [name=username]")).to_be_visible()  # the session is over
    phone.goto(f"{live_server.url}/desk/enrol/")
    fill(phone, national_code=clerk.national_code, code=code)
    fill(phone, password="Wrong12345")
    assert_accessible(phone, dark=False)
    fill(phone, password=PASSWORD)
    app = app_scanned(phone)
    fill(phone, code=old(1))
    expect(phone.locator(".errorlist")).to_be_visible()
    fill(phone, code=app(0))
    clock.shift(30)
    sign_in(phone, live_server.url, clerk.national_code, PASSWORD, app(0))
    expect(phone).to_have_url(f"{live_server.url}/desk/")
    desk.goto(f"{live_server.url}/desk/staff/{clerk.pk}/")
    expect(desk.locator("#events + .results")).to_contain_text("تلفن همراه گم شده است")
    assert_accessible(desk, dark=False)
