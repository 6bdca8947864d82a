"""axe on every page and state, and what axe does not see: overflow, small targets, directions."""

from collections.abc import Callable, Mapping

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Branch
from tests.browser.forms import fill, send, to_identity
from tests.registration.rows import make_request
from tests.registration.wizard.walking import Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NARGES = Citizen(422)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# What a change of colours alone can change.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
LAYOUT = """() => {
  const problems = [];
  if (document.documentElement.scrollWidth > innerWidth) problems.push('scrolls sideways');
  for (const element of document.querySelectorAll('a, button, input:not([type=hidden]), select')) {
    const box = element.getBoundingClientRect();
    if (!box.width || element.closest('.vh, .skip, label, p, li, [hidden]')) continue;
    if (box.height < 24 || box.width < 24) problems.push('small: ' + element.outerHTML.slice(0, 80));
    if (element.matches('input:not([type=radio]):not([type=checkbox])') && box.width < 40)
      problems.push('narrow: ' + element.outerHTML.slice(0, 80));
  }
  return problems;
}"""


def assert_accessible(page: Page, *, dark: bool = True) -> None:
    """On the narrowest phone, a usual one and a desktop; on a dark screen and in colours that the reader's system
    forces.

    The desk has no dark colours of its own, on no screen.
    """
    for width in (390, 320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(LAYOUT) == [], width
        if width != 390:  # a usual phone has the rules of the narrowest one, and more room
            assert_no_violation(page, f"{width} px", OPTIONS)
    if dark:
        page.emulate_media(color_scheme="dark")
        assert_no_violation(page, "dark", COLOURS)
    page.emulate_media(color_scheme="dark" if dark else "light", forced_colors="active")
    assert_no_violation(page, "forced colours", COLOURS)
    page.emulate_media(color_scheme="light", forced_colors="none")


def assert_no_violation(page: Page, how: str, options: Mapping[str, object]) -> None:
    if page.evaluate("typeof axe === 'undefined'"):  # once for each page: half a megabyte is parsed each time
        page.evaluate(AXE_SCRIPT)
    result = AxeResults(page.evaluate("options => axe.run(options)", options))
    assert result.violations_count == 0, f"{how}\n{result.generate_report()}"


@pytest.mark.parametrize(
    "path", ["/", "/portal/registration/", "/accounts/login/", "/registration/track/", "/branches/", "/nowhere/"]
)
def test_public_pages(live_server: LiveServer, open_page: OpenPage, path: str) -> None:
    page = open_page()
    page.goto(live_server.url + path)
    assert_accessible(page)


def test_the_three_steps_empty_wrong_and_filled(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/portal/registration/")
    send(page)
    assert_accessible(page)
    fill(page, "contact", NARGES.contact)
    send(page)
    assert_accessible(page)
    page.fill("[name=activation-code]", "12")
    send(page)
    assert_accessible(page)
    page.goto(f"{live_server.url}/portal/registration/?step=contact")
    to_identity(page, NARGES)
    assert_accessible(page)
    send(page)
    assert_accessible(page)
    fill(page, "identity", NARGES.identity)
    assert_accessible(page)
    send(page)
    assert_accessible(page)


def test_the_state_of_a_request_with_branches(live_server: LiveServer, open_page: OpenPage) -> None:
    Branch.objects.create(code="7", name="شعبهٔ هفت", province="تهران", city="تهران", phone="02112345678")
    request = make_request(9)
    page = open_page()
    page.goto(f"{live_server.url}/registration/track/")
    page.fill("[name=national_code]", request.national_code)
    page.fill("[name=tracking_code]", str(request.tracking_code))
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    assert "شعبهٔ هفت" in page.locator("main").inner_text()
    assert_accessible(page)


def test_identifiers_are_written_from_left_to_right(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/portal/registration/")
    for name in ("national_code", "mobile"):
        direction = page.locator(f"[name=contact-{name}]").evaluate("element => getComputedStyle(element).direction")
        assert direction == "ltr"
    assert page.locator("html").get_attribute("dir") == "rtl"
