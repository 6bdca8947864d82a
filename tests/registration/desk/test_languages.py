"""Every page of the desk in both languages: nothing of the other one but data, and a way to change."""

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client

from accounts.models import Branch, SecurityQuestion, User
from iran.letters import SERIES_LETTERS
from registration.desk import roles
from registration.models import RegistrationRequest
from tests.registration.desk.factor import CODE, LOGIN, give_password, set_up_app
from tests.registration.desk.matrix import MATRIX
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST
from tests.registration.desk.test_roles import address, rows

__all__ = ["rows"]
pytestmark = pytest.mark.django_db

PERSIAN, LATIN = re.compile("[\u0600-\u06ff]+"), re.compile("[A-Za-z][A-Za-z0-9_]+")
BEFORE_SIGN_IN = ("login/", "enrol/")
TELLING = {"alt", "aria-label", "data-label", "placeholder", "title"}
# What is called the same in every language, and what rows hold: the letter of a certificate, sectors of services.
TECHNICAL = {"QR", "https", "JWKS", "ID", "token", "RS256", "ES256", "private_key_jwt", "client_secret_basic"}
TECHNICAL |= {"CSV", "identity_check"}
TECHNICAL |= {"client_secret_post", "client_id", "Client_id"}
TECHNICAL |= {"email", "national_code", "offline_access", "phone", "profile"}  # scopes of services
DATA = {*SERIES_LETTERS, "health", "pension"}


class Words(HTMLParser):
    """What a page tells, without what says of itself that it is of another language or an identifier."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.aside, self.words = language, 0, list[str]()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        own = dict(attributes)
        other = own.get("lang", self.language) != self.language or tag in {"script", "style", "textarea"}
        if self.aside or other or (tag == "bdi" and own.get("dir") == "ltr"):
            self.aside += tag not in {"input", "meta", "link", "img", "br", "hr"}
            return
        self.words += [value for name, value in own.items() if value and name in TELLING]
        if tag == "input" and own.get("type") in {"submit", "button"}:
            self.words.append(own.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.aside -= bool(self.aside)

    def handle_data(self, data: str) -> None:
        if not self.aside and data.strip():
            self.words.append(data.strip())


def told(client: Client, page: str, language: str) -> list[str]:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(page)
    if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
        return []
    source = response.content.decode()
    direction = "rtl" if language == "fa" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in source
    words = Words(language)
    words.feed(source)
    return words.words


def pages(rows: dict[str, int]) -> list[str]:
    found = [address(name, rows) for name, verb in MATRIX if verb == "get"]
    filtered = [f"{LIST}?status=all", f"{LIST}?status=all&when=today&province=تهران", f"{LIST}?status=second"]
    return [*found, *filtered, *(DESK + page for page in BEFORE_SIGN_IN)]


def walk(rows: dict[str, int], language: str, foreign: re.Pattern[str], data: set[str]) -> dict[str, set[str]]:
    """Page → what it tells in the other language, without these words of data."""
    client = Client()
    client.force_login(member(620, roles.HEAD_OFFICE, first_name="", last_name=""))
    anybody = Client()
    found = {}
    for page in pages(rows):
        words = told(anybody if page.endswith(BEFORE_SIGN_IN) else client, page, language)
        strange = {one for text in words for one in foreign.findall(text)} - data
        if strange:
            found[page] = strange
    return found


def written_in(latin: bool) -> None:
    """All people and branches, in letters of one language."""
    first, last, branch = ("Sara", "Mohammadi", "Branch") if latin else ("سارا", "محمدی", "شعبه")
    for model in (User, RegistrationRequest):
        model.objects.update(first_name=first, last_name=last)
    Branch.objects.update(name=branch)


def test_english_pages_have_no_persian(rows: dict[str, int]) -> None:
    written_in(latin=True)
    SecurityQuestion.objects.update(text=F("pk"))
    assert walk(rows, "en", PERSIAN, DATA) == {}


def test_persian_pages_have_no_english(rows: dict[str, int]) -> None:
    written_in(latin=False)
    assert walk(rows, "fa", LATIN, DATA | TECHNICAL) == {}


def change(client: Client, page: str) -> str:
    """Press the button of the other language on this page: what one reads there afterwards."""
    source = client.get(page).content.decode()
    [form] = re.findall(r'<form class="desk-language" method="post" action="/language/">.*?</form>', source, re.S)
    [here], [other] = (
        re.findall(r'name="next" value="([^"]*)"', form),
        re.findall(r'name="language" value="(\w+)"', form),
    )
    sent = client.post("/language/", {"next": here.replace("&amp;", "&"), "language": other})
    assert (sent.status_code, sent.headers["Location"]) == (302, page)
    return client.get(page).content.decode()


def test_the_language_is_changed_before_the_sign_in_and_at_its_code(client: Client, factor_required: None) -> None:
    clerk = member(620, roles.CLERK)
    set_up_app(clerk)
    assert "Sign in to the branch desk" in change(client, f"{LOGIN}?next={LIST}")
    give_password(client, clerk)
    assert "کد برنامهٔ رمزساز" in change(client, CODE)
    assert "Code from your authenticator app" in change(client, CODE)


def test_it_is_changed_at_the_desk_and_a_search_stays(client: Client) -> None:
    client.force_login(member(620, roles.CLERK))
    sent = client.post(f"{LIST}find/", {"q": "محمدی"})
    page = change(client, sent.headers["Location"])
    assert "No request was found for this search." in page
    assert 'value="محمدی"' in page


def test_the_answer_to_a_form_has_no_button_for_it(client: Client) -> None:
    """What it shows once, and what was typed, would be lost."""
    assert 'name="language"' not in client.post(LOGIN, {"username": "1", "password": "2"}).content.decode()
