"""axe on the states of every citizen's page that test_accessibility and test_account_pages do not walk through.

A client brings each page into its state over HTTP, which takes no time, and the browser shows what the client was sent.
Pages for browsers without a script are shown without their scripts; axe itself needs one.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from accounts.models import Branch
from tests.accounts.helpers import LOGIN, NEW_PASSWORD, PASSWORD, PROFILE, make_account, sign_in
from tests.accounts.recovery import recovering
from tests.accounts.recovery.recovering import make_protected
from tests.accounts.sign_in import new_device
from tests.browser.test_accessibility import assert_accessible
from tests.clock import advance
from tests.journeys import test_register_four_steps as four
from tests.registration.rows import make_request
from tests.registration.wizard import walking
from tests.registration.wizard.walking import ACTIVATION, CONTACT, IDENTITY, RESEND, WIZARD, Citizen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
State = tuple[str, Any]  # a name for whoever reads a failure, and the answer that holds the page
States = Callable[[Client], Iterator[State]]
ME = Citizen(474)
PLACE = "/shown/"
WITHOUT_SCRIPT = "without a script: "


def english(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


def public(client: Client) -> Iterator[State]:
    Branch.objects.create(
        code="7", name="شعبهٔ هفت", province="فارس", city="شیراز", address="خیابان زند", phone="0711", hours="۸ تا ۱۴"
    )
    request = make_request(9)
    for language in ("fa", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        yield f"guide {language}", client.get("/guide/")
        yield f"branches {language}", client.get("/branches/", {"province": "فارس", "city": "شیراز"})
        yield f"home {language}", client.get("/")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fa"
    yield "no branch", client.get("/branches/", {"province": "ناکجا"})
    yield "track: errors", client.post("/registration/track/", {"national_code": "1"})
    wrong = {"national_code": request.national_code, "tracking_code": "123456789012"}
    yield "track: wrong pair", client.post("/registration/track/", wrong)
    yield "sign-in: errors", client.post(LOGIN, {})
    yield "sign-in: wrong pair", client.post(LOGIN, {"national_code": ME.national_code, "password": "Wrong12345"})


def errors(client: Client) -> Iterator[State]:
    """Pages that tell of an error, as tamin_portal.errors draws them."""
    request = RequestFactory().get("/")
    request.session = client.session
    for code in ("400", "403", "403_csrf", "405", "500", "503"):
        yield code, render_to_string(f"{code}.html", {}, None if code.startswith("5") else request)
    yield "429", render_to_string("429.html", {"limit": "۱۰ دقیقه صبر کنید."}, request)


def three_steps(client: Client) -> Iterator[State]:
    walking.to_activation(client, ME)
    yield "step 1: filled", client.get(f"{WIZARD}?step={CONTACT}")
    for _ in range(4):
        page = walking.send(client, ACTIVATION, {"code": walking.wrong_code(ME)})
    yield "step 2: one try left", page
    yield "step 2: dead code", walking.send(client, ACTIVATION, {"code": walking.wrong_code(ME)})
    client.post(RESEND)
    yield "step 2: too early", client.get(WIZARD)
    advance(minutes=3)
    client.post(RESEND)
    yield "step 2: sent again", client.get(WIZARD)
    walking.activate(client, ME)
    for verb in ("cities", "countries"):
        page = walking.send(client, IDENTITY, {**ME.identity, "province": "فارس"}, **{f"identity-show_{verb}": "1"})
        yield f"{WITHOUT_SCRIPT}step 3 with {verb}", page
    yield f"{WITHOUT_SCRIPT}step 3: errors", walking.identify(client, ME, country="DE", first_name="Sara", email="x")
    yield "step 3: opened", client.get(WIZARD).content.decode().replace("<details", "<details open")
    yield (
        "step 3: the end is near",
        re.sub('data-session="[0-9]+"', 'data-session="100"', client.get(WIZARD).content.decode()),
    )
    english(client)
    yield "step 3 in English", client.get(WIZARD)
    yield "step 3 in English: errors", walking.identify(client, ME, first_name="", birth_date_year="1986")


def four_steps(client: Client) -> Iterator[State]:
    four.to_identity(client)
    yield "identity", client.get(four.WIZARD)
    yield "identity: errors", four.send(client, "identity", {})
    four.send(client, "identity", four.identity())
    yield "account", client.get(four.WIZARD)
    yield "account: errors", four.send(client, "account", {})
    yield "account: filled, but for one answer", four.send(client, "account", four.account(answer_2=""))
    four.send(client, "account", four.account())
    yield "review", client.get(four.WIZARD)
    four.send(client, "review", {})
    yield "received", client.get(four.RECEIVED)


def recovery(client: Client) -> Iterator[State]:
    user = make_protected()
    recovering.begin(Client(), user.national_code)
    recovering.begin(client, user.national_code)
    yield "code held back", client.get(recovering.CODE)
    recovering.to_answers(client, user)
    yield "answers: errors", recovering.answer(client, ("", "", ""))
    recovering.answer(client, recovering.RIGHT)
    yield "password", client.get(recovering.NEW)
    yield (
        "the end is near",
        re.sub('data-session="[0-9]+"', 'data-session="50"', client.get(recovering.NEW).content.decode()),
    )
    advance(minutes=31)
    yield "begun again", client.get(client.get(recovering.NEW).headers["Location"])


def profile(client: Client) -> Iterator[State]:
    user = make_protected(email="sara@example.com")
    new_device.first_sign_in(Client(), user)
    advance(minutes=3)
    new_device.first_sign_in(client, user)
    yield "profile", client.get(PROFILE)
    other = user.devices.order_by("pk")[0]
    for path in (
        "password/",
        "questions/",
        "mobile/",
        "email/",
        "data/",
        "sessions/end/",
        f"devices/{other.pk}/sign-out/",
    ):
        yield (
            f"{path}: wrong",
            client.post(f"{PROFILE}{path}", {"current_password": "Wrong12345", "email": "x", "mobile": "1"}),
        )
    advance(hours=1)
    short = {"current_password": PASSWORD, "password1": "short", "password2": NEW_PASSWORD}
    yield "password: rules", client.post(f"{PROFILE}password/", short)
    yield "data", client.get(f"{PROFILE}data/")
    yield "e-mail's link", client.get(f"{PROFILE}email/x/")


def confirmation(client: Client) -> Iterator[State]:
    """Who signed in by the password alone is asked for a code before a change."""
    user = make_account()
    sign_in(client, user, confirmed=False)
    confirm = f"{PROFILE}confirm/"
    yield "a code is needed", client.get(client.get(f"{PROFILE}mobile/").headers["Location"])
    client.post(f"{confirm}send/")
    yield "code", client.get(confirm)
    yield "code: wrong", client.post(confirm, {"code": recovering.wrong_code(user)})


def show(page: Page, live_server: LiveServer, name: str, answer: Any) -> None:
    """Let the browser have this page, with everything that belongs to it from the server."""
    html = answer if isinstance(answer, str) else answer.content.decode()
    if name.startswith(WITHOUT_SCRIPT):
        html = re.sub("<script.*?</script>", "", html)

    def fulfil(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.unroute(f"**{PLACE}")
    page.route(f"**{PLACE}", fulfil)
    page.goto(f"{live_server.url}{PLACE}")


@pytest.mark.parametrize(
    "states",
    [public, errors, three_steps, four_steps, recovery, profile, confirmation],
    ids=lambda states: states.__name__,
)
def test_no_state_of_a_page_keeps_anybody_out(
    live_server: LiveServer, open_page: OpenPage, client: Client, states: States
) -> None:
    page = open_page()
    for name, answer in states(client):
        show(page, live_server, name, answer)
        try:
            assert_accessible(page)
        except AssertionError as found:
            raise AssertionError(f"{name}: {found}") from None
