"""The day of birth in Chromium: the green tick is given by the server's rule, a whole date goes into its boxes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.forms import to_identity
from tests.registration.wizard.walking import Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
RIGHT = [
    ("27", "3", "1365"),
    ("۳۰", "اسفند", "۱۳۷۵"),
    ("31", "شهريور", "1365"),
    ("1", "تیر ماه", "1280"),
    ("30", "12", "1403"),
]
NOT_RIGHT = [
    *[("0", "3", "1365"), ("30", "12", "1404"), ("31", "مهر", "1365"), ("27", "3", "1279"), ("1", "1", "1499")],
    *[("1", "نام", "1365"), ("27", "13", "1365"), ("", "3", "1365"), ("17", "6", "1986"), ("27", "3", "65")],
]


def boxes(page: Page) -> list[str]:
    return [page.input_value(f"[name=identity-birth_date_{part}]") for part in ("day", "month", "year")]


def test_the_tick_and_the_boxes_of_a_date(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto(f"{live_server.url}/portal/registration/")
    to_identity(page, Citizen(431))
    field = page.locator("[data-field=birth_date]")
    for dates, shown in ((RIGHT, "true"), (NOT_RIGHT, "false")):
        for date in dates:
            for part, value in zip(("day", "month", "year"), date, strict=True):
                page.fill(f"[name=identity-birth_date_{part}]", value)
            page.locator("[name=identity-birth_date_year]").blur()
            assert str(field.evaluate("node => node.classList.contains('right')")).lower() == shown, date
    for typed in ("1365/3/27", "۲۷-۳-۱۳۶۵", "27 3 1365"):
        for part in ("month", "year", "day"):
            page.fill(f"[name=identity-birth_date_{part}]", "")
        page.keyboard.insert_text(typed)
        page.locator("[name=identity-birth_date_day]").blur()
        assert boxes(page) == ["27", "3", "1365"], typed
    assert page.locator("[name^=identity-birth_date][autocomplete^=bday]").count() == 0
    # What browsers fill in is Gregorian: the server offers the day in the other calendar.
    for part, value in (("day", "17"), ("month", "6"), ("year", "1986")):
        page.fill(f"[name=identity-birth_date_{part}]", value)
    with page.expect_navigation():
        page.press("[name=identity-birth_date_year]", "Enter")
    expect(field).to_contain_text("۲۷ خرداد ۱۳۶۵")
    assert boxes(page) == ["27", "3", "1365"]
