"""Makes what the users' guide shows, from a portal that runs: pictures of its pages, and files for printing.

    python -m devtools.guide [users|desk]

Into static/guide: <picture>.<language>.webp for each of registration.pages.guide.PICTURES, guide.<language>.pdf. Into
docs/desk: the pictures of the clerk's guide (devtools.desk_guide).
Made-up people, a database of its own, Chromium (CHROMIUM, else the machine's).
"""

import base64
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright

from devtools import desk_guide

TARGET = Path(__file__).parents[1] / "static" / "guide"
LANGUAGES = ("fa", "en")
TO_FILES = """async png => {
  const image = new Image(); image.src = 'data:image/png;base64,' + png; await image.decode();
  const canvas = document.createElement('canvas'); canvas.width = image.width; canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  return ['webp', 'jpeg'].map(type => canvas.toDataURL('image/' + type, 0.6).split(',')[1]);
}"""
PLAIN = {"home": "/", "track": "/registration/track/", "recover": "/accounts/recover/", "branches": "/branches/"}
Take = Callable[[Page, str], None]


def main(which: str) -> None:
    from devtools.audit.portal import portal

    TARGET.mkdir(exist_ok=True)
    desk_guide.TARGET.mkdir(exist_ok=True)
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with portal() as running, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs an event loop in this thread
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        citizen = running.people["citizen"]
        if which in ("", "desk"):
            desk_guide.pictures(browser, running.address, _keeper(browser))
        for number, language in enumerate(LANGUAGES, 700) if which in ("", "users") else ():
            page = _open(browser, running.address, language)
            for_print: dict[str, bytes] = {}
            _pictures(page, running.address, citizen.fields, citizen.mobile, number, _taker(browser, for_print))
            _print(page, running.address, TARGET / f"guide.{language}.pdf", for_print)
        browser.close()


def _print(page: Page, address: str, file: Path, pictures: dict[str, bytes]) -> None:
    """The guide's own page on paper, with the pictures that were just made; the portal still has those of before.

    As JPEG, which goes into the file as it is; another picture would be unpacked first.
    """

    def answer(route: Route) -> None:
        route.fulfill(body=pictures[_plain_name(route.request.url)], content_type="image/jpeg")

    page.route("**/static/guide/*.webp", answer)
    page.goto(f"{address}/guide/")
    page.eval_on_selector_all("img", "images => images.forEach(image => { image.loading = 'eager'; })")
    page.wait_for_load_state("networkidle")
    margin = {"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"}
    page.pdf(path=file, format="A4", margin=margin)  # type: ignore[arg-type]
    print(f"{file.name}: {file.stat().st_size} bytes")


def _plain_name(url: str) -> str:
    """`home.fa.webp` of `…/home.fa.0123456789ab.webp`."""
    return re.sub(r"\.[0-9a-f]{12}(?=\.webp$)", "", url.rsplit("/", 1)[1])


def _open(browser: Browser, address: str, language: str) -> Page:
    from registration.pages.guide import HEIGHT, WIDTH

    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale=language)
    page = context.new_page()
    page.goto(address)
    if page.locator("html").get_attribute("lang") != language:
        page.click(f"[name=language][value={language}]")
    return page


def _taker(browser: Browser, for_print: dict[str, bytes]) -> Take:
    """Keeps what the page shows now, in its language; and the same in `for_print`, by the file's name."""
    canvas = browser.new_page()

    def take(page: Page, name: str) -> None:
        page.evaluate("document.activeElement?.blur()")
        data = base64.b64encode(page.screenshot()).decode()
        file = TARGET / f"{name}.{page.locator('html').get_attribute('lang')}.webp"
        webp, jpeg = map(base64.b64decode, canvas.evaluate(TO_FILES, data))
        file.write_bytes(webp)
        for_print[file.name] = jpeg
        print(f"{file.name}: {file.stat().st_size} bytes")

    return take


def _keeper(browser: Browser) -> Take:
    """As _taker, for the clerk's guide, which is in Persian alone."""
    canvas = browser.new_page()

    def keep(page: Page, name: str) -> None:
        page.evaluate("document.activeElement?.blur()")
        data = base64.b64encode(page.screenshot()).decode()
        file = desk_guide.TARGET / f"{name}.webp"
        file.write_bytes(base64.b64decode(canvas.evaluate(TO_FILES, data)[0]))
        print(f"{file.name}: {file.stat().st_size} bytes")

    return keep


def _pictures(page: Page, address: str, sign_in: dict[str, str], mobile: str, number: int, take: Take) -> None:
    from tests.registration.wizard.walking import Citizen

    person = Citizen(number)
    for name, path in PLAIN.items():
        page.goto(address + path)
        take(page, name)
    page.goto(f"{address}/eservices/registration/")
    for name, value in person.contact.items():
        field = page.locator(f"[name=contact-{name}]")
        field.select_option(value) if name == "operator" else field.fill(value)
    take(page, "contact")
    _send(page)
    take(page, "activation")
    page.fill("[name=activation-code]", _code(page, address, person.mobile))
    _send(page)
    _fill_identity(page, person.identity)
    page.evaluate("scrollTo(0, 0)")
    take(page, "identity")
    _send(page)
    for place in ("1", "2", "3"):
        page.select_option(f"[name=account-question_{place}]", index=int(place))
        page.fill(f"[name=account-answer_{place}]", ("آقای نیکوکار", "پروانهٔ آبی", "شیراز و یزد")[int(place) - 1])
    for name in ("password1", "password2"):
        page.fill(f"[name=account-{name}]", person.identity["password1"])
    page.locator(".rules").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#group-password').scrollIntoView()")
    take(page, "account")
    _send(page)
    take(page, "review")
    _send(page)
    take(page, "received")
    page.goto(f"{address}/accounts/login/")
    for name, value in sign_in.items():
        page.fill(f"[name={name}]", value)
    take(page, "sign-in")
    _press(page, "main form button[type=submit]:not(.secondary)")
    if "code" in page.url:
        page.fill("[name=code]", _code(page, address, mobile))
        _press(page, "main form:not([action]) button[type=submit]")
    page.goto(f"{address}/accounts/profile/")
    take(page, "profile")


def _fill_identity(page: Page, answers: dict[str, str]) -> None:
    for name, value in answers.items():
        field = page.locator(f"[name=identity-{name}]")
        if name == "gender":
            page.check(f"[name=identity-gender][value={value}]")
        elif name == "city":
            page.locator("[role=combobox]").fill(value)
            page.locator(f"[role=option][data-value='{value}']").click()
        elif name in ("certificate_series_letter", "country"):
            field.select_option(value)
        elif field.count() and field.is_visible():
            field.fill(value)


def _send(page: Page) -> None:
    form = page.locator("form", has=page.locator("[name=registration-current_step]"))
    with page.expect_navigation():
        form.locator("button[type=submit]:not(.secondary)").click()


def _press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def _code(page: Page, address: str, mobile: str) -> str:
    """What the handset shows; the worker may take a moment."""
    for found in _texts(page, address, mobile):
        if code := re.search("#([0-9]{6})", found):
            return code[1]
    raise SystemExit(f"no code came to {mobile}")


def _texts(page: Page, address: str, mobile: str) -> Iterator[str]:
    for _ in range(120):
        yield page.request.get(f"{address}/handset/?to={mobile}", headers={"Accept": "application/json"}).text()
        page.wait_for_timeout(500)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
