"""Chromium against a live server. The machine's own browser: CHROMIUM, or Debian's."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from accounts.models import SecurityQuestion

# Playwright's synchronous interface runs an event loop in this thread, in which Django otherwise refuses its database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

expect.set_options(timeout=60_000)  # only a page on which nothing happens takes a minute

OpenPage = Callable[..., Page]
QUESTIONS = ["نام نخستین آموزگار شما چه بود؟", "نام دوست دوران کودکی شما چیست؟", "نام نخستین همکار نزدیک شما چه بود؟"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=quiet)
        yield opened
        opened.close()


@pytest.fixture
def questions(transactional_db: None) -> None:
    """The offered questions: a test with real commits empties all tables, those of the migrations, too."""
    for position, text in enumerate(QUESTIONS):
        SecurityQuestion.objects.get_or_create(text=text, defaults={"position": position})


@pytest.fixture
def open_page(browser: Browser, questions: None) -> Iterator[OpenPage]:
    """A new page; at the end nothing may have been complained about: no script error, no refused resource."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A page that answers 4xx or 5xx is itself logged as a failed resource; that is what some tests are about.
        if message.type in ("error", "warning") and "the server responded with a status" not in message.text:
            complaints.append(message.text)

    def open_one(*, width: int = 1280, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="fa-IR",
            timezone_id="Asia/Tehran",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
