"""Whatever is typed into a field: an error beside it that says what to do; what was typed stays; nothing is saved."""

from collections.abc import Iterable
from html import escape
from typing import Any

import markupsafe
import pytest
from django.test import Client

from infra import kept
from registration.lifecycle.draft import NAMES
from registration.models import RegistrationRequest
from sms.models import Message, OtpChallenge
from tests.people import national_code
from tests.registration.wizard.bad_inputs import BAD, DATES, GOOD, ME
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    Answers,
    a_question,
    errors,
    send,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db


def at_step(client: Client, step: str) -> Answers:
    """Bring a browser to a step, and the answers that are right there, but for one field that is not under test."""
    if step == CONTACT:
        return {**ME.contact}
    if step == ACTIVATION:
        to_activation(client, ME)
        return {"code": ""}
    to_identity(client, ME)
    return {**ME.identity}


def saved() -> list[Any]:
    """All rows that a registration is made of, with all their values but what a good password leaves on a page with an
    error: its hash, and the person by whom it was judged."""
    kept = {"password_hash", *NAMES, *RegistrationRequest.KEYS.values()}
    return [
        [
            {name: value for name, value in row.items() if name not in kept}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (RegistrationRequest, OtpChallenge, Message)
    ]


def spoiled(field: str, answers: Answers) -> Answers:
    """One more error, far from `field`: whatever the value under test is, the form comes back."""
    step, _, name = field.partition("-")
    other = {CONTACT: "operator", IDENTITY: "gender"}.get(step)
    other = {"operator": "mobile", "gender": "certificate_serial"}[name] if other == name else other
    return {**answers, other: ""} if other else answers


def cases(table: dict[str, Iterable[Any]] | dict[str, list[str]]) -> list[Any]:
    return [pytest.param(field, list(values), id=field) for field, values in table.items()]


@pytest.mark.parametrize(("field", "values"), cases(BAD))
def test_each_value_is_refused_beside_its_field(client: Client, field: str, values: list[str]) -> None:
    step, _, name = field.partition("-")
    answers = at_step(client, step)
    before = saved()
    for value in values:
        answer = send(client, step, {**answers, name: value})
        found = errors(answer)
        assert name in found, f"{value[:40]!r} was accepted"
        _speaks_persian(found[name], value)
        _shows_what_was_typed(answer, answers | {name: value})
    assert saved() == before


@pytest.mark.parametrize(("field", "values"), cases(GOOD))
def test_what_people_write_otherwise_is_understood(client: Client, field: str, values: list[str]) -> None:
    step, _, name = field.partition("-")
    answers = spoiled(field, at_step(client, step))
    before = saved()
    for value in values:
        answer = send(client, step, {**answers, name: value})
        assert name not in errors(answer), f"{value!r}: {errors(answer).get(name)}"
        _shows_what_was_typed(answer, answers | {name: value})
    assert saved() == before


def _speaks_persian(messages: list[str], value: str) -> None:
    for message in messages:
        words = message.replace(value, "") if value.strip() else message
        assert any("\u0600" <= letter <= "\u06ff" for letter in words), message
    assert len(messages) == len(set(messages)), messages


def _shows_what_was_typed(answer: Any, typed: Answers) -> None:
    """Escaped, in its field; passwords never."""
    page = answer.content.decode()
    form = answer.context["form"]
    for name, value in typed.items():
        if not value.strip():
            continue
        if name.startswith("password"):
            assert f'value="{escape(value)}"' not in page
        elif getattr(form.fields.get(name), "choices", None) is None:
            # Quotes have two spellings: Python's, and that of the templates.
            shown = (f'value="{escape(value)}"', f'value="{markupsafe.escape(value)}"')
            assert any(text in page for text in shown), f"{name} lost {value[:40]!r}"
    assert "<script>alert" not in page


def test_each_impossible_date_is_refused_beside_its_field(client: Client) -> None:
    answers = at_step(client, IDENTITY)
    before = saved()
    for date in DATES:
        parts = dict(zip(("birth_date_day", "birth_date_month", "birth_date_year"), date, strict=True))
        answer = send(client, IDENTITY, {**answers, **parts})
        [message] = errors(answer)["birth_date"]
        _speaks_persian([message], "")
        if date[2] != "1990":  # of a Gregorian date the boxes offer the Solar Hijri one
            _shows_what_was_typed(answer, {name: part for name, part in parts.items() if part.strip()})
    assert saved() == before


def test_a_gregorian_date_is_taken_only_when_it_was_confirmed_in_the_other_calendar(client: Client) -> None:
    answers = at_step(client, IDENTITY)
    before = saved()
    answer = send(
        client, IDENTITY, {**answers, "birth_date_day": "23/1/1984", "birth_date_month": "", "birth_date_year": ""}
    )
    [message] = errors(answer)["birth_date"]
    assert "۳ بهمن ۱۳۶۲" in message
    assert saved() == before
    shown = answer.context["form"]["birth_date"].value()
    assert shown == ["3", "11", "1362"]
    confirmed = dict(zip(("birth_date_day", "birth_date_month", "birth_date_year"), shown, strict=True))
    assert "birth_date" not in errors(send(client, IDENTITY, {**answers, **confirmed, "gender": ""}))


def test_a_whole_date_in_one_box_is_understood(client: Client) -> None:
    answers = at_step(client, IDENTITY)
    whole = {"birth_date_day": "", "birth_date_month": "", "birth_date_year": "۱۳۶۲/۱۱/۳"}
    answer = send(client, IDENTITY, {**answers, **whole, "gender": ""})
    assert set(errors(answer)) == {"gender"}
    assert answer.context["form"]["birth_date"].value() == ["3", "11", "1362"]


@pytest.mark.parametrize(
    "date", [("30", "12", "1362"), ("۳", "بهمن", "۱۳۶۲"), ("٣", "بهمن ماه", "١٣٦٢"), ("03", "۱۱", " 1362")]
)
def test_dates_are_understood_as_people_write_them(client: Client, date: tuple[str, str, str]) -> None:
    answers = spoiled("identity-birth_date", at_step(client, IDENTITY))
    parts = dict(zip(("birth_date_day", "birth_date_month", "birth_date_year"), date, strict=True))
    assert "birth_date" not in errors(send(client, IDENTITY, {**answers, **parts}))


@pytest.mark.parametrize("city", ["", "Berlin", "برلین1", "<b>", "ب" * 51, "برلین\0"])
def test_a_city_abroad_is_asked_only_of_who_lives_there(client: Client, city: str) -> None:
    answers = at_step(client, IDENTITY)
    abroad = send(client, IDENTITY, {**answers, "country": "DE", "city": "ناکجا", "foreign_city": city})
    assert set(errors(abroad)) == {"foreign_city"}
    at_home = send(client, IDENTITY, {**answers, "foreign_city": city, "gender": ""})
    assert set(errors(at_home)) == {"gender"}
    there = send(client, IDENTITY, {**answers, "country": "DE", "city": "تهران", "foreign_city": "برلين"})
    assert there.status_code == 302
    request = RegistrationRequest.objects.get()
    assert (request.country, request.city, request.province) == ("DE", "برلین", "")


def test_a_code_that_is_no_code_costs_no_try(client: Client) -> None:
    to_activation(client, ME)
    for value in ("", "12345", "abcdef", "1234567", "\0"):
        send(client, ACTIVATION, {"code": value})
    assert OtpChallenge.objects.get().attempts == 0


def test_a_question_that_is_not_offered_any_more_is_refused(client: Client) -> None:
    answers = at_step(client, IDENTITY)
    withdrawn = a_question()
    type(withdrawn).objects.filter(pk=withdrawn.pk).update(is_offered=False)
    kept.forget_all()  # or a minute later
    assert "question_1" in errors(send(client, IDENTITY, {**answers, "question_1": str(withdrawn.pk)}))


def test_nobody_can_name_a_stranger_by_a_field_of_the_first_step_in_the_last(client: Client) -> None:
    answers = at_step(client, IDENTITY)
    foreign = {"national_code": national_code(999), "mobile": "09123456789", "status": "activated", "flow": "eservices"}
    assert send(client, IDENTITY, {**answers, **foreign}).status_code == 302
    request = RegistrationRequest.objects.get()
    assert (request.national_code, request.mobile) == (ME.national_code, ME.mobile)
    assert (request.status, request.flow) == ("submitted", "portal")
