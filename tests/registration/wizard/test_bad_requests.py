"""Requests that no page of ours sends: answered by a page in Persian that says what to do, never by a failure."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registration.models import RegistrationRequest
from sms.models import Message, OtpChallenge
from tests.accounts.helpers import told_to_wait
from tests.clock import advance
from tests.registration.wizard.walking import (
    CONTACT,
    FORM,
    IDENTITY,
    RECEIVED,
    RESEND,
    WIZARD,
    Citizen,
    activate,
    contact,
    errors,
    fields,
    open_step,
    send,
    shown_step,
    text,
    to_activation,
    to_identity,
    wrong_code,
)

pytestmark = pytest.mark.django_db

ME = Citizen(441)
UNREADABLE, NOT_SO = "درخواست خوانده نشد", "این نشانی را نمی‌توان مستقیم باز کرد"


def refused(response: Any, status: int = 400, words: str = UNREADABLE) -> None:
    """A page of our own in Persian, with a way on; and nothing was saved."""
    assert response.status_code == status
    page = text(response)
    assert '<html lang="fa" dir="rtl">' in page
    assert words in page
    assert 'href="/"' in page
    assert not OtpChallenge.objects.exists()


@pytest.mark.parametrize("size", [33_000, 100_000, 1_000_000])
@pytest.mark.parametrize("name", ["contact-national_code", "contact-mobile", "junk"])
def test_a_body_that_is_too_large_is_refused_unread(client: Client, name: str, size: int) -> None:
    body = urlencode({**fields(CONTACT, ME.contact), name: "x" * size})
    refused(client.post(WIZARD, body, content_type=FORM))


def test_a_body_of_sixty_fields_is_read_and_one_of_sixty_one_is_not(client: Client) -> None:
    junk = {f"junk-{number}": "" for number in range(60 - len(fields(CONTACT, ME.contact)))}
    refused(send(client, CONTACT, ME.contact, **junk, one_more=""))
    assert send(client, CONTACT, ME.contact, **junk).status_code == 302


@pytest.mark.parametrize("name", ["contact-national_code", "contact-mobile", "registration-current_step", "junk"])
def test_a_field_sent_twice_is_refused(client: Client, name: str) -> None:
    pairs = [*{**fields(CONTACT, ME.contact), name: "contact"}.items(), (name, "contact")]
    refused(client.post(WIZARD, urlencode(pairs), content_type=FORM))


def test_a_file_is_refused(client: Client) -> None:
    photo = SimpleUploadedFile("x.png", b"\x89PNG", "image/png")
    refused(client.post(WIZARD, {**fields(CONTACT, ME.contact), "contact-photo": photo}))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ('{"contact-national_code": "1"}', "application/json"),
        (urlencode({"registration-current_step": "contact"}), "text/plain"),
        ("<x/>", "application/xml"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        ("--x\r\n", "multipart/form-data; boundary=x"),
        ("--x\r\n", "multipart/form-data"),
        ("a=b", "multipart/form-data; boundary=\xe9"),
        (urlencode(fields(CONTACT, ME.contact)), f"{FORM}; charset=utf-16"),
        (urlencode(fields(CONTACT, ME.contact)), f"{FORM}; charset=idna"),
    ],
)
def test_a_body_of_another_kind_is_refused(client: Client, body: Any, content_type: str) -> None:
    refused(client.generic("POST", WIZARD, body, content_type))


@pytest.mark.parametrize(
    "charset", ["utf-7", "utf-16", "raw_unicode_escape", "unicode_escape", "punycode", "idna", "hex"]
)
@pytest.mark.parametrize("value", ["+2AA-", "\\ud800", "a+2D3cAA-"])
def test_no_charset_smuggles_in_what_cannot_be_stored(client: Client, charset: str, value: str) -> None:
    to_identity(client, ME)
    before = list(RegistrationRequest.objects.values())
    parts = fields(IDENTITY, {**ME.identity, "answer_1": value, "email": value, "gender": ""})
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{given}\r\n' for name, given in parts.items()
    ]
    body = ("".join(lines) + "--x--\r\n").encode()
    answer = client.generic("POST", WIZARD, body, f"multipart/form-data; boundary=x; charset={charset}")
    assert answer.status_code == 400
    looked = client.generic("GET", WIZARD, "x", f"text/plain; charset={charset}")
    assert looked.status_code == 400
    assert list(RegistrationRequest.objects.values()) == before


@pytest.mark.parametrize(
    "raw", [b"%FF%FE", b"\xff\xfe", b"%ED%A0%80", b"\xed\xa0\x80", b"%C0%AF", b"%F4%90%80%80", b"%"]
)
def test_bytes_that_are_no_utf8_end_in_an_error_beside_the_field(client: Client, raw: bytes) -> None:
    for step, name in ((CONTACT, "national_code"), (CONTACT, "mobile")):
        answers = fields(step, ME.contact)
        answers.pop(f"{step}-{name}")
        body = urlencode(answers).encode() + f"&{step}-{name}=".encode() + raw
        assert name in errors(client.generic("POST", WIZARD, body, FORM))
    to_identity(client, ME)
    for name in (
        "last_name",
        "first_name",
        "certificate_number",
        "email",
        "password1",
        "answer_1",
        "question_1",
        "city",
    ):
        answers = fields(IDENTITY, ME.identity)
        answers.pop(f"identity-{name}")
        body = urlencode(answers).encode() + f"&identity-{name}=".encode() + raw
        assert name in errors(client.generic("POST", WIZARD, body, FORM)), name
    assert RegistrationRequest.objects.get().status == "draft"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("address", [WIZARD, RESEND, RECEIVED])
def test_other_methods_are_refused(client: Client, address: str, method: str) -> None:
    answer = client.generic(method, address, urlencode(fields(CONTACT, ME.contact)), FORM)
    refused(answer, 405, NOT_SO)
    allowed = {WIZARD: "GET", RESEND: "POST", RECEIVED: "GET"}[address]
    assert allowed in answer.headers["Allow"]


def test_the_resend_button_is_no_link_and_the_closing_page_no_form(client: Client) -> None:
    refused(client.get(RESEND), 405, NOT_SO)
    refused(client.post(RECEIVED), 405, NOT_SO)


def test_resend_without_a_draft_leads_to_the_beginning_and_says_why(client: Client) -> None:
    page = client.post(RESEND, follow=True)
    assert shown_step(page) == CONTACT
    assert "این مرورگر دیگر فرم بازی ندارد" in text(page)
    assert not Message.objects.exists()


def test_resend_after_the_challenge_sends_nothing(client: Client) -> None:
    to_identity(client, ME)
    assert shown_step(client.post(RESEND, follow=True)) == IDENTITY
    assert Message.objects.count() == 1


def test_a_limit_keeps_the_page_and_what_was_saved(client: Client) -> None:
    to_activation(client, ME)
    told = client.post(RESEND, follow=True)
    assert told_to_wait(told)
    assert "۱۲۰ ثانیه" in text(told)
    assert open_step(client) == "activation"
    activate(client, ME)
    assert open_step(client) == IDENTITY


def test_after_fifteen_wrong_codes_in_a_day_the_right_one_answers_429_too(new_client: Callable[[], Client]) -> None:
    client = new_client()
    to_activation(client, ME)
    for wrong in (5, 5, 4):
        for step in range(1, wrong + 1):
            assert "code" in errors(send(client, "activation", {"code": wrong_code(ME, step)}))
        advance(minutes=11)
        assert client.post(RESEND).status_code == 302
    assert "code" in errors(send(client, "activation", {"code": wrong_code(ME)}))
    now = activate(client, ME)
    advance(minutes=11)
    for answer in (now, contact(new_client(), ME)):
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 3600
    for answer in (now, client.post(RESEND, follow=True), contact(new_client(), ME)):
        assert told_to_wait(answer)
        assert "۲۴ ساعت" in text(answer)
    assert not OtpChallenge.objects.exclude(confirmed_at=None).exists()


def test_the_first_step_answers_only_so_often_for_one_address(client: Client, settings: Any) -> None:
    settings.LIMIT_UNCONFIRMED_PER_IP = [(3, 300)]
    taken = Citizen(442)
    to_activation(client, taken)
    for number in (443, 444):
        contact(client, Citizen(number))
    before = OtpChallenge.objects.count()
    contact(client, ME, national_code="12")  # an incomplete answer learns nothing and is not counted
    answer = contact(client, ME)
    assert answer.status_code == 429
    assert OtpChallenge.objects.count() == before
    assert contact(Client(REMOTE_ADDR="198.18.200.200"), ME).status_code == 302
