"""Whoever leaves a page of the registration, by whatever way, finds what was typed there, but no password or answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.translation import override

from registration.models import RegistrationRequest
from registration.wizard import leaving
from sms.models import Message
from tests.clock import advance
from tests.journeys import test_register_four_steps as four_steps
from tests.registration.wizard import walking
from tests.registration.wizard.test_statements import statements
from tests.registration.wizard.walking import (
    ACTIVATION,
    ANSWER,
    CONTACT,
    IDENTITY,
    PASSWORD,
    RECEIVED,
    WIZARD,
    Citizen,
    assert_leads_to,
    code_on_phone,
    contact,
    errors,
    identify,
    register,
    send,
    shown_step,
    text,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
NARGES = four_steps.NARGES
ESERVICES = four_steps.WIZARD
LATER = Citizen(462)  # the same person's other mobile is made from it
TYPED = {"last_name": "بهرا", "certificate_serial": "12a", "birth_date_day": "۳۱", "email": "narges@", "city": "تهران"}
MORNING = datetime(2026, 5, 1, 9, tzinfo=UTC)


def mark(client: Client, step: str = IDENTITY, address: str = WIZARD) -> str:
    form = client.get(address, {"step": step}).context["form"]
    return str(form["draft_mark"].value())


def leave(client: Client, step: str = IDENTITY, answers: Any = None, address: str = WIZARD, **more: str) -> Any:
    """Leave the page of a step with these answers in it, as its own buttons or its script do."""
    answers = {**(TYPED if answers is None else answers), "draft_mark": mark(client, step, address)}
    return client.post(address, {**walking.fields(step, answers), **(more or {leaving.KEEP: "1"})})


def values(client: Client, step: str = IDENTITY, address: str = WIZARD) -> dict[str, Any]:
    page = client.get(address, {"step": step})
    assert shown_step(page) == step
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields}


def assert_shows_what_was_typed(client: Client) -> None:
    shown = values(client)
    assert shown["birth_date"] == ["۳۱", "", ""]
    assert {name: shown[name] for name in TYPED if name in shown} == {
        name: value for name, value in TYPED.items() if "birth" not in name
    }


def test_another_tab_and_a_reload_show_what_was_typed(client: Client) -> None:
    to_identity(client, NARGES)
    answer = leave(client)
    assert answer.status_code == 200
    assert 0 < answer.json()["seconds"] <= 1800
    assert_shows_what_was_typed(client)
    assert_leads_to(identify(client, NARGES), RECEIVED)
    assert RegistrationRequest.objects.get().typed == {}


def test_a_closed_browser_finds_it_again_after_another_code(new_client: NewClient) -> None:
    closed, opened = new_client(), new_client()
    to_identity(closed, NARGES)
    leave(closed)
    advance(minutes=3)
    to_identity(opened, NARGES)
    assert_shows_what_was_typed(opened)
    assert RegistrationRequest.objects.count() == 1


def test_nobody_else_finds_it(new_client: NewClient) -> None:
    mine, stranger = new_client(), new_client()
    to_identity(mine, NARGES)
    leave(mine)
    advance(minutes=3)
    contact(stranger, NARGES, mobile=LATER.contact["mobile"])
    send(stranger, ACTIVATION, {"code": code_on_phone(LATER)})
    assert values(stranger)["last_name"] is None


def test_the_account_step_is_kept_too(client: Client) -> None:
    four_steps.to_account(client)
    answers = four_steps.account(email="narges@")
    leave(client, "account", answers, ESERVICES)
    shown = values(client, "account", ESERVICES)
    kept = ("email", "question_1", "question_2", "question_3")
    assert {name: str(shown[name]) for name in kept} == {name: str(answers[name]) for name in kept}
    assert not shown["password1"]
    assert not shown["answer_1"]


def test_no_secret_and_nothing_too_long_is_kept(client: Client) -> None:
    to_identity(client, NARGES)
    long = {"email": "a" * 301, "first_name": "نر\0گس", "birth_date_year": "1" * 301}
    leave(client, answers={**NARGES.identity, **long, "junk": "x"})
    typed = RegistrationRequest.objects.get().typed
    assert typed.keys() == {IDENTITY}
    expected = {"last_name", "certificate_number", "certificate_serial", "certificate_series_letter"}
    expected |= {"certificate_series_number", "gender", "country", "city", "question_1"}
    assert typed[IDENTITY].keys() == expected
    for secret in (PASSWORD, ANSWER):
        assert secret not in str(typed)


def test_leaving_costs_two_statements_and_nothing_where_nothing_has_changed(client: Client) -> None:
    to_identity(client, NARGES)
    named = mark(client)
    body = {**walking.fields(IDENTITY, {**TYPED, "draft_mark": named}), leaving.KEEP: "1"}
    with statements() as found:
        client.post(WIZARD, body)
    assert sum(statement.startswith("UPDATE") for statement in found) == 1
    with statements() as found:
        client.post(WIZARD, body)
    assert not any(statement.startswith("UPDATE") for statement in found)


def test_back_without_a_script_keeps_what_was_typed(client: Client) -> None:
    to_identity(client, NARGES)
    assert_leads_to(leave(client, wizard_goto_step=CONTACT), f"{WIZARD}?step={CONTACT}")
    page = client.get(WIZARD, {"step": CONTACT})
    assert f'href="{WIZARD}"' in text(page)  # the way back to where one was
    assert_shows_what_was_typed(client)


def test_the_other_language_keeps_what_was_typed(client: Client) -> None:
    to_identity(client, NARGES)
    assert_leads_to(leave(client, language="en"), f"{WIZARD}?step={IDENTITY}")
    page = client.get(WIZARD)
    assert '<html lang="en"' in text(page)
    assert_shows_what_was_typed(client)
    assert_leads_to(leave(client, language="tlh"), WIZARD)


def test_the_other_language_keeps_the_first_step_without_a_session(client: Client) -> None:
    page = client.post(WIZARD, {**walking.fields(CONTACT, NARGES.contact), "language": "en"})
    assert shown_step(page) == CONTACT
    assert '<html lang="en"' in text(page)
    assert page.headers["Content-Language"] == "en"
    assert f'value="{NARGES.national_code}"' in text(page)
    assert "There is a problem" not in text(page)
    assert "session" not in client.cookies
    assert '<html lang="en"' in text(client.get(WIZARD))


@pytest.mark.parametrize("named", ["", "0" * 16])
def test_only_a_page_of_the_open_draft_is_kept(client: Client, named: str) -> None:
    to_identity(client, NARGES)
    client.post(WIZARD, {**walking.fields(IDENTITY, {**TYPED, "draft_mark": named}), leaving.KEEP: "1"})
    assert RegistrationRequest.objects.get().typed == {}


def test_nothing_is_kept_before_the_mobile_is_proved(client: Client) -> None:
    to_activation(client, NARGES)
    named = mark(client, ACTIVATION)
    client.post(WIZARD, {**walking.fields(IDENTITY, {**TYPED, "draft_mark": named}), leaving.KEEP: "1"})
    client.post(WIZARD, {**walking.fields(ACTIVATION, {"code": "123456", "draft_mark": named}), leaving.KEEP: "1"})
    assert RegistrationRequest.objects.get().typed == {}


def test_a_step_that_does_not_exist_is_a_bad_request(client: Client) -> None:
    to_identity(client, NARGES)
    for body in ({leaving.KEEP: "1", "registration-current_step": "nope"}, {"wizard_goto_step": ""}):
        assert client.post(WIZARD, body).status_code == 400


def test_typing_counts_as_life(client: Client) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        to_identity(client, NARGES)
        named = mark(client)
        for _ in range(4):
            clock.shift(20 * 60)
            body = {**walking.fields(IDENTITY, {**TYPED, "draft_mark": named}), leaving.KEEP: "1"}
            assert client.post(WIZARD, body).json()["seconds"] == 1800
        assert_leads_to(identify(client, NARGES), RECEIVED)


def test_a_right_password_is_not_asked_again_for_another_field(client: Client) -> None:
    to_identity(client, NARGES)
    page = identify(client, NARGES, gender="")
    assert set(errors(page)) == {"gender"}
    assert PASSWORD not in text(page)
    with override("fa"):
        assert str(page.context["form"]["password1"].help_text) in text(page)
    empty = {"password1": "", "password2": ""}
    assert_leads_to(identify(client, NARGES, **empty), RECEIVED)
    assert RegistrationRequest.objects.get().password_hash


def test_a_password_that_was_judged_by_other_names_is_asked_again(client: Client) -> None:
    to_identity(client, NARGES)
    identify(client, NARGES, gender="")
    empty = {"password1": "", "password2": ""}
    assert set(errors(identify(client, NARGES, last_name="زنگوله", **empty))) == {"password1"}
    assert "password1" in errors(identify(client, NARGES, last_name="زنگوله"))  # Zangule21 holds it


def test_a_password_beside_a_name_that_cannot_be_read_is_not_kept(client: Client) -> None:
    to_identity(client, NARGES)
    assert "last_name" in errors(identify(client, NARGES, last_name="Bahrami"))
    assert RegistrationRequest.objects.get().password_hash == ""


def test_another_number_keeps_the_identity_once_it_is_proved(client: Client) -> None:
    four_steps.to_account(client)
    contact_at = {**NARGES.contact, "mobile": LATER.contact["mobile"]}
    client.post(ESERVICES, walking.fields(CONTACT, contact_at))
    assert shown_step(client.get(ESERVICES)) == ACTIVATION
    client.post(ESERVICES, walking.fields(ACTIVATION, {"code": code_on_phone(LATER)}))
    page = client.get(ESERVICES)
    assert shown_step(page) == "account"
    assert values(client, IDENTITY, ESERVICES)["last_name"] == NARGES.last_name
    assert RegistrationRequest.objects.get().mobile == LATER.mobile


def test_the_former_number_needs_no_second_code(client: Client) -> None:
    four_steps.to_account(client)
    client.post(ESERVICES, walking.fields(CONTACT, {**NARGES.contact, "mobile": LATER.contact["mobile"]}))
    sent = Message.objects.count()
    client.post(ESERVICES, walking.fields(CONTACT, NARGES.contact))
    assert shown_step(client.get(ESERVICES)) == "account"
    assert Message.objects.count() == sent


def test_a_request_that_was_sent_is_no_form_any_more(client: Client) -> None:
    register(client, NARGES)
    assert client.post(WIZARD, {leaving.KEEP: "1"}).status_code == 410
