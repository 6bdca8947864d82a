"""No secret rests anywhere: every session that is saved on the way, every row, Redis and the log are searched for what
the citizen typed, as it is and in disguise.
"""

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from redis import Redis

from accounts.models import BrowserSession as Session
from accounts.sign_in.session_store import SessionStore
from registration.models import RegistrationRequest
from tests.accounts.helpers import PROFILE
from tests.registration.wizard.walking import (
    ACTIVATION,
    ANSWER,
    CONTACT,
    IDENTITY,
    PASSWORD,
    RECEIVED,
    WIZARD,
    Answers,
    Citizen,
    code_on_phone,
    errors,
    fields,
    shown_step,
    wrong_code,
)

pytestmark = pytest.mark.django_db

Callbacks = Callable[..., AbstractContextManager[object]]
ME = Citizen(421, first_name="پوراندخت", last_name="کلباسی")
WRONG_PASSWORD, WRONG_ANSWER = "kalbasi", "پوراندخت"
SECRETS = (PASSWORD, ANSWER, "Zangule22", WRONG_PASSWORD, "گربهٔ سیاه")
PERSIAN, ARABIC = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"), str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def disguises(secret: str) -> Iterator[str]:
    """The ways in which a text may stand somewhere without being recognised at first sight."""
    for text in {secret, secret.translate(PERSIAN), secret.translate(ARABIC), secret.replace("ی", "ي"), secret[::-1]}:
        yield text
        yield quote(text)
        yield json.dumps(text)[1:-1]
        for encoding in ("utf-8", "utf-16-le"):
            raw = text.encode(encoding)
            yield raw.hex()
            for shift in range(3):  # Base64 of a longer text that holds this one, at each of the three positions
                whole = base64.b64encode(b"\0" * shift + raw).decode()
                yield whole[-(-shift * 4 // 3) : (shift + len(raw)) // 3 * 4]


def found(secret: str, place: str) -> list[str]:
    """Which disguises of a secret stand in `place`; a code of digits only where no other digit is beside it."""
    seen = [text for text in disguises(secret) if len(text) > 3 and text.casefold() in place.casefold()]
    return [text for text in seen if not text.isdecimal() or re.search(f"(?<![0-9]){text}(?![0-9])", place)]


def only_numbers(value: object) -> bool:
    """An id, or ids in lists: what a session may hold of our own."""
    return all(map(only_numbers, value)) if isinstance(value, list) else type(value) is int


def test_the_search_itself_finds_what_is_hidden() -> None:
    for hidden in (
        PASSWORD.upper(),
        base64.b64encode(f'{{"x": "{PASSWORD}"}}'.encode()).decode(),
        base64.b64encode(f'{{"xy": "{PASSWORD}"}}'.encode()).decode(),
        base64.b64encode(f'{{"xyz": "{PASSWORD}"}}'.encode()).decode(),
        PASSWORD.encode().hex(),
        json.dumps({"a": ANSWER}),
        quote(ANSWER),
    ):
        assert found(PASSWORD, hidden) or found(ANSWER, hidden), hidden
    assert found("123456", "code ۱۲۳۴۵۶.")
    assert not found("123456", "2026-01-01 10:00:00.1234567")


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[Answers]:
    """Every session as it was saved, in order."""
    sessions: list[Answers] = []
    original = SessionStore.save

    def save(self: SessionStore, must_create: bool = False) -> None:
        original(self, must_create)
        sessions.append(json.loads(json.dumps(self._session)))

    monkeypatch.setattr(SessionStore, "save", save)
    return sessions


class Browser:
    """A browser with cookies and the hidden fields of the last page; what waits for a commit is done at once."""

    def __init__(self, capture: Callbacks) -> None:
        self.client, self.capture = Client(enforce_csrf_checks=True, REMOTE_ADDR="198.18.9.9"), capture
        self.tokens: set[str] = set()

    def post(self, address: str, answers: Answers) -> object:
        page = self.client.get(address if address != RECEIVED else WIZARD)
        token = str(page.context["csrf_token"])
        self.tokens |= {token, self.client.cookies["csrf"].value}
        with self.capture(execute=True):
            return self.client.post(address, {**answers, "csrfmiddlewaretoken": token, "junk": "کلم"})


@pytest.fixture
def journey(
    django_capture_on_commit_callbacks: Callbacks, saved: list[Answers], caplog: pytest.LogCaptureFixture,
    drain: Callable[[], int],
) -> tuple[Browser, str]:  # fmt: skip
    """The whole way with every kind of error on it, up to the profile; the browser and the code."""
    caplog.set_level(logging.DEBUG)
    ME.enter_registry()
    browser = Browser(django_capture_on_commit_callbacks)

    def step(name: str, answers: Answers) -> object:
        return browser.post(WIZARD, fields(name, answers))

    errors(step(CONTACT, {**ME.contact, "national_code": "123"}))
    step(CONTACT, ME.contact)
    errors(step(ACTIVATION, {"code": wrong_code(ME)}))
    code = code_on_phone(ME)
    step(IDENTITY, ME.identity)  # out of turn
    browser.client.post(WIZARD, {"registration-current_step": IDENTITY, "identity-password1": PASSWORD})  # no token
    step("nope", ME.identity)
    step(ACTIVATION, {"code": code.translate(PERSIAN)})
    weak = {"password1": WRONG_PASSWORD, "password2": WRONG_PASSWORD, "answer_1": WRONG_ANSWER}
    assert {"password1", "answer_1"} <= set(errors(step(IDENTITY, {**ME.identity, **weak})))
    assert "password2" in errors(step(IDENTITY, {**ME.identity, "password2": "Zangule22", "answer_1": "گربهٔ سیاه"}))
    assert "city" in errors(step(IDENTITY, {**ME.identity, "city": "ناکجا"}))
    step(IDENTITY, ME.identity)
    assert RegistrationRequest.objects.get().status == "submitted"
    assert browser.client.get(RECEIVED).status_code == 200
    assert shown_step(browser.client.get(WIZARD)) == CONTACT
    drain()
    browser.post("/accounts/login/", {"national_code": ME.national_code, "password": PASSWORD})
    assert browser.client.get(PROFILE).status_code == 200
    return browser, code


def test_sessions_hold_ids_and_nothing_that_was_typed(journey: tuple[Browser, str], saved: list[Answers]) -> None:
    browser, code = journey
    assert len(saved) > 3
    sessions = [*saved, *(row.get_decoded() for row in Session.objects.all())]
    private = (*SECRETS, code, ME.national_code, ME.mobile[3:], ME.first_name, ME.last_name, "4127", "073516")
    for session in sessions:
        text = json.dumps(session, ensure_ascii=False)
        for typed in (*private, "narges", "ناکجا", "کلم", *browser.tokens):
            assert not found(typed, text), text
        ours = {
            key: value for key, value in session.items() if key.startswith(("draft_", "received_", "form_", "proved"))
        }
        assert all(only_numbers(value) for value in ours.values())
        unknown = session.keys() - ours.keys() - {"_messages", "_auth_user_id", "_auth_user_backend", "_auth_user_hash"}
        assert unknown <= {"started", "seen", "previous_sign_in", "device", "browser", "code_asked", "counted"}


def test_no_row_holds_a_secret(journey: tuple[Browser, str]) -> None:
    _, code = journey
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        ours = {"registration_registrationrequest", "sms_message", "accounts_browsersession", "accounts_user"}
        assert ours <= set(tables)
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # noqa: S608  names from the database itself
            rows = "\n".join(row for (row,) in cursor.fetchall())
            for secret in (*SECRETS, code):
                assert not found(secret, rows), f"{table} holds {secret}"


def test_redis_holds_no_secret_and_nothing_about_a_person(journey: tuple[Browser, str], clean_redis: Redis) -> None:
    _, code = journey
    held = "\n".join(_everything_in(clean_redis))
    assert "registration.check_identity" in held  # the wake-ups are really there
    for secret in (*SECRETS, code, ME.national_code, ME.mobile[3:], ME.last_name):
        assert not found(secret, held), secret


def _everything_in(client: Redis) -> Iterator[str]:
    for key in client.keys("*"):
        kind, name = client.type(key), _plain(key)
        assert kind in (b"list", b"string", b"set", b"zset", b"hash"), kind
        yield name
        if kind == b"list":
            yield from (_plain(value) for value in client.lrange(name, 0, -1))
        else:
            yield _plain(client.get(name) if kind == b"string" else client.dump(name))


def _plain(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def test_the_log_tells_no_secret_and_nothing_about_a_person(
    journey: tuple[Browser, str], caplog: pytest.LogCaptureFixture
) -> None:
    browser, code = journey
    said = "\n".join(f"{record.name} {record.getMessage()} {record.__dict__}" for record in caplog.get_records("setup"))
    assert WIZARD in said  # at least Django's line about the refused token
    private = (ME.national_code, ME.mobile[3:], ME.first_name, ME.last_name, "narges@")
    for typed in (*SECRETS, code, *private, *browser.tokens):
        assert not found(typed, said), typed
