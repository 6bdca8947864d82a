"""A form that is closed, or whose session changes: what was typed comes back, and each end has its own sentence."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from registration.models import RegistrationRequest
from registration.wizard import endings
from registration.wizard.endings import End
from tests.accounts.helpers import LOGIN, know_device, make_account
from tests.accounts.helpers import PASSWORD as ACCOUNT_PASSWORD
from tests.clock import advance
from tests.journeys.test_nothing_typed_is_lost import (
    LATER,
    MORNING,
    NARGES,
    TYPED,
    assert_shows_what_was_typed,
    leave,
    mark,
    values,
)
from tests.registration.wizard import walking
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    PASSWORD,
    RECEIVED,
    WIZARD,
    activate,
    assert_leads_to,
    code_on_phone,
    identify,
    send,
    shown_step,
    text,
    texts,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]


@pytest.mark.parametrize("looked", [False, True])
def test_a_page_sent_after_the_end_asks_for_a_code_and_comes_back_filled(client: Client, looked: bool) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        to_identity(client, NARGES)
        named = mark(client)
        clock.shift(31 * 60)
        advance(minutes=31)
        if looked:  # in another tab
            assert str(endings.SENTENCES[End.IDLE]) in text(client.get(WIZARD))
        assert_leads_to(identify(client, NARGES, draft_mark=named), WIZARD)
        page = client.get(WIZARD)
        assert shown_step(page) == ACTIVATION
        assert str(endings.WOKEN) in text(page)
        assert len(texts(NARGES)) == 2
        activate(client, NARGES)
        shown = values(client)
        assert (shown["last_name"], shown["email"]) == (NARGES.last_name, "narges@example.com")
        assert_leads_to(identify(client, NARGES), RECEIVED)


def test_the_next_person_at_a_public_computer_finds_nothing(client: Client) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        to_identity(client, NARGES)
        leave(client)
        clock.shift(31 * 60)
        for page in (client.get(WIZARD), client.get(WIZARD, {"step": IDENTITY}), identify(client, NARGES)):
            assert "بهرا" not in text(page)
            assert NARGES.national_code not in text(page)
        assert len(texts(NARGES)) == 1


def test_a_limit_at_the_end_tells_the_wait_and_keeps_what_was_typed(new_client: NewClient) -> None:
    client, other = new_client(), new_client()
    with time_machine.travel(MORNING, tick=False) as clock:
        to_identity(client, NARGES)
        named = mark(client)
        clock.shift(31 * 60)
        advance(minutes=31)
        to_activation(other, NARGES)  # a code was sent a moment ago
        assert_leads_to(send(client, IDENTITY, {**TYPED, "draft_mark": named}), WIZARD)
        page = client.get(WIZARD)
        assert shown_step(page) == CONTACT
        assert "۱۲۰ ثانیه" in text(page)
        advance(minutes=3)
        to_identity(client, NARGES)
        assert_shows_what_was_typed(client)


def test_each_end_has_its_own_sentence(client: Client, new_client: NewClient) -> None:
    to_identity(client, NARGES)
    advance(hours=25)
    assert str(endings.SENTENCES[End.OLD]) in text(client.get(WIZARD))
    assert_leads_to(identify(new_client(), LATER), WIZARD)


def sign_in(client: Client) -> None:
    user = make_account()
    know_device(client, user)
    client.post(LOGIN, {"national_code": user.national_code, "password": ACCOUNT_PASSWORD})
    assert "_auth_user_id" in client.session


def test_signing_in_in_another_tab_leaves_the_registration_open(client: Client) -> None:
    to_identity(client, NARGES)
    leave(client)
    sign_in(client)
    assert_shows_what_was_typed(client)
    assert_leads_to(identify(client, NARGES), RECEIVED)
    assert client.get(RECEIVED).status_code == 200


def test_signing_out_closes_it_for_the_next_person(client: Client) -> None:
    to_identity(client, NARGES)
    sign_in(client)
    client.post("/accounts/logout/")
    assert shown_step(client.get(WIZARD)) == CONTACT


def test_a_page_whose_token_is_void_comes_back_with_what_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)
    token = _token(client.get(WIZARD))
    client.post(WIZARD, {**walking.fields(CONTACT, NARGES.contact), "csrfmiddlewaretoken": token})
    token = _token(client.get(WIZARD))
    code = {"code": code_on_phone(NARGES)}
    client.post(WIZARD, {**walking.fields(ACTIVATION, code), "csrfmiddlewaretoken": token})
    page = client.get(WIZARD)
    named = page.context["form"]["draft_mark"].value()
    void = {**walking.fields(IDENTITY, {**NARGES.identity, "draft_mark": named}), "csrfmiddlewaretoken": "x" * 64}
    refused = client.post(WIZARD, void)
    assert refused.status_code == 403
    assert f'value="{NARGES.last_name}"' in text(refused)
    assert str(endings.REFUSED) in text(refused)
    assert PASSWORD not in text(refused)
    assert RegistrationRequest.objects.get().status == "draft"
    assert client.post(WIZARD, {**void, "csrfmiddlewaretoken": _token(refused)}).headers["Location"] == RECEIVED


def test_without_the_mark_of_its_draft_a_void_token_shows_nothing() -> None:
    client = Client(enforce_csrf_checks=True)
    for step, answers in ((CONTACT, NARGES.contact), (IDENTITY, {**NARGES.identity, "draft_mark": "0" * 16})):
        refused = client.post(WIZARD, walking.fields(step, answers))
        assert refused.status_code == 403
        assert NARGES.last_name not in text(refused)


def _token(page: Any) -> str:
    [token, *_] = re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', text(page))
    return str(token)
