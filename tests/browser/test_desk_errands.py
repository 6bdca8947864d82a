"""Errands at the desk, in Chromium and by the keyboard: a code read out, a wrong name, several at once, a stranger."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from registration.desk import roles
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import Message
from sms.otp import codes
from tests.browser.forms import press
from tests.browser.test_accessibility import assert_accessible
from tests.browser.test_desk import BOXES, at_the_desk
from tests.registration.desk.members import office
from tests.registration.desk.pages import LIST, record
from tests.registration.rows import make_request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
TEHRAN: dict[str, Any] = {"province": "تهران", "city": "تهران"}


def at_work(page: Page, address: str, number: int, role: roles.Role) -> Page:
    return at_the_desk(page, address, number, role, branch=office())


def by_keyboard(page: Page, where: str, *, leads_away: bool = False) -> None:
    """Tab until the element has the focus, then Space or Enter, as somebody without a mouse."""
    target = page.locator(where).first
    for _ in range(120):
        if target.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    if leads_away:
        with page.expect_navigation():
            page.keyboard.press("Enter")
    else:
        page.keyboard.press("Space")


def code_of(row: RegistrationRequest) -> str:
    """As it stands on the phone."""
    message = Message.objects.filter(purpose="desk", recipient=row.mobile).latest("pk")
    return codes.derive("desk", bytes(message.code_nonce or b""))


def test_a_person_with_documents_reads_the_code_out(live_server: LiveServer, open_page: OpenPage) -> None:
    row = make_request(7, **TEHRAN)
    clerk = at_work(open_page(width=390), live_server.url, 770, roles.CLERK)
    clerk.goto(live_server.url + LIST)
    expect(clerk.locator("#changelist-filter")).to_be_hidden()  # folded on a phone
    clerk.click(".filters > summary")
    expect(clerk.locator("#changelist-filter")).to_be_visible()
    assert_accessible(clerk, dark=False)
    clerk.fill("#searchbar", row.national_code)
    press(clerk, ".finder button")
    press(clerk, "#result_list th a")
    assert_accessible(clerk, dark=False)

    by_keyboard(clerk, "button[form=send-code]", leads_away=True)
    assert_accessible(clerk, dark=False)
    code = code_of(row)
    clerk.fill("[name=code]", f"{(int(code) + 1) % 10**6:06}")
    press(clerk, "form:has([name=code]) button")
    expect(clerk.locator(".errornote")).to_be_visible()
    assert_accessible(clerk, dark=False)
    clerk.fill("[name=code]", code)
    press(clerk, "form:has([name=code]) button")
    expect(clerk.locator(".proved")).to_be_visible()
    assert_accessible(clerk, dark=False)

    by_keyboard(clerk, "[name=documents_seen]")
    press(clerk, 'form[action$="/activate/"] .desk-actions button')
    row.refresh_from_db()
    assert row.status == Status.ACTIVATED
    assert list(row.events.filter(kind__in=["mobile_proved", "documents_seen"]).values_list("kind", flat=True)) == [
        "mobile_proved",
        "documents_seen",
    ]


def test_a_wrong_name_is_corrected_and_a_phone_without_signal_is_written_down(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    row = make_request(7, Status.MISMATCH, findings={"first_name": "mismatch"}, **TEHRAN)
    clerk = at_work(open_page(), live_server.url, 771, roles.CLERK)
    clerk.goto(live_server.url + record(row))
    press(clerk, f'a[href="{LIST}{row.pk}/correct/"]')
    clerk.fill("[name=first_name]", "ساره")
    clerk.check("[name=documents][value=passport]")
    press(clerk, ".desk-actions button")

    for box in BOXES:
        clerk.check(f".decision {box}")
    press(clerk, 'form[action$="/activate/"] .desk-actions button.desk-button:not([form])')
    expect(clerk.locator(".messagelist .error")).to_contain_text("کد را به تلفن همراه بفرستید")
    for box in BOXES:
        expect(clerk.locator(f".decision {box}")).to_be_checked()  # nothing is ticked twice
    assert_accessible(clerk, dark=False)
    by_keyboard(clerk, ".no-code > summary")
    clerk.check("[name=no_code][value=no_signal]")
    assert_accessible(clerk, dark=False)
    press(clerk, 'form[action$="/activate/"] .desk-actions button.desk-button:not([form])')
    row.refresh_from_db()
    assert (row.status, row.first_name) == (Status.ACTIVATED, "ساره")


def test_several_at_once(live_server: LiveServer, open_page: OpenPage) -> None:
    rows = [make_request(number, last_name=name, **TEHRAN) for number, name in enumerate(("احمدی", "بهرامی"), 7)]
    clerk = at_work(open_page(), live_server.url, 772, roles.CLERK)
    RequestEvent.objects.create(request=rows[0], kind="mobile_proved")
    clerk.goto(live_server.url + LIST)
    assert_accessible(clerk, dark=False)
    for row in rows:
        by_keyboard(clerk, f'[name=pk][value="{row.pk}"]')
    by_keyboard(clerk, "#bulk button", leads_away=True)
    assert_accessible(clerk, dark=False)
    expect(clerk.locator("tbody tr")).to_have_count(2)
    press(clerk, "main form .desk-actions button")
    expect(clerk.locator(".errornote")).to_be_visible()
    assert_accessible(clerk, dark=False)
    clerk.check("[name=documents_seen]")
    press(clerk, "main form .desk-actions button")
    expect(clerk.locator(".messagelist .success")).to_contain_text("۱ حساب کاربری فعال شد")
    for row, status in zip(rows, (Status.ACTIVATED, Status.BRANCH), strict=True):
        row.refresh_from_db()
        assert row.status == status


def test_a_person_from_another_province(live_server: LiveServer, open_page: OpenPage) -> None:
    row = make_request(7, province="فارس", city="شیراز")
    clerk = at_work(open_page(width=390), live_server.url, 773, roles.SUPERVISOR)
    clerk.goto(live_server.url + LIST)
    expect(clerk.locator("#result_list")).to_have_count(0)
    clerk.fill("#searchbar", row.national_code)
    press(clerk, ".finder button")
    press(clerk, "#result_list th a")
    expect(clerk).to_have_url(f"{live_server.url}{LIST}{row.pk}/reach/")
    assert_accessible(clerk, dark=False)
    press(clerk, "main form .desk-actions button")
    expect(clerk.locator(".errornote")).to_be_visible()
    assert_accessible(clerk, dark=False)
    by_keyboard(clerk, "[name=reason][value=here]")
    by_keyboard(clerk, "main form .desk-actions button", leads_away=True)
    expect(clerk).to_have_url(live_server.url + record(row))
    assert_accessible(clerk, dark=False)

    press(clerk, ".holder button")
    press(clerk, f'a[href="{LIST}{row.pk}/withdraw/"]')
    assert_accessible(clerk, dark=False)
    clerk.check("[name=reason][value=mistake]")
    press(clerk, "main form .desk-actions button")
    row.refresh_from_db()
    assert row.status == Status.WITHDRAWN
