"""A request that came to nothing is no lost work: who registers again finds all but the secrets in the form."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from registration.lifecycle import decisions
from registration.models import RegistrationRequest
from tests.clock import advance
from tests.journeys import test_register_four_steps as four_steps
from tests.journeys.test_nothing_typed_is_lost import values
from tests.registration.wizard.walking import (
    IDENTITY,
    RECEIVED,
    WIZARD,
    Citizen,
    assert_leads_to,
    code_on_phone,
    contact,
    decide,
    identify,
    register,
    send,
    shown_step,
    text,
    texts,
    to_identity,
)

pytestmark = pytest.mark.django_db

NARGES = four_steps.NARGES
STRANGER = Citizen(465)
TRACK = "/registration/track/"


def track(client: Client, request: RegistrationRequest) -> Any:
    return client.post(TRACK, {"national_code": request.national_code, "tracking_code": str(request.tracking_code)})


def shown(client: Client) -> dict[str, Any]:
    form = values(client)
    return {name: form[name] for name in ("last_name", "first_name", "certificate_number", "city", "email", "gender")}


ENTERED = {
    **{name: NARGES.stated[name] for name in ("last_name", "first_name", "certificate_number", "gender")},
    "city": "تهران",
    "email": "narges@example.com",
}


def expire(client: Client) -> RegistrationRequest:
    request = register(client, NARGES)
    advance(hours=49)
    assert decisions.expire() == 1
    texts(NARGES)  # the result is on the phone before the next code
    request.refresh_from_db()
    return request


def test_who_got_no_answer_in_time_is_told_once_and_finds_the_form_filled(client: Client) -> None:
    request = expire(client)
    decisions.expire()
    assert sum("دوباره ثبت" in text_ or "مجدداً" in text_ for text_ in texts(NARGES)) == 1
    page = track(client, request)
    assert f'href="{WIZARD}"' in text(page)
    to_identity(client, NARGES)
    assert shown(client) == ENTERED
    form = values(client)
    assert form["birth_date"] == ["3", "11", "1362"]
    assert not form["password1"]
    assert not form["answer_1"]
    assert_leads_to(identify(client, NARGES), RECEIVED)


def test_who_slipped_may_mend_it(client: Client) -> None:
    NARGES.enter_registry(first_name="زیبا")
    request = register(client, NARGES)
    decide()
    texts(NARGES)
    assert track(client, request).context["found"].status == "mismatch"
    advance(minutes=3)
    to_identity(client, NARGES)
    assert shown(client) == ENTERED


def test_the_four_steps_show_each_of_them_again(client: Client) -> None:
    expire(client)
    four_steps.to_identity(client)
    page = client.get(four_steps.WIZARD)
    assert shown_step(page) == IDENTITY
    assert page.context["form"]["last_name"].value() == NARGES.last_name


def test_with_another_mobile_nothing_of_it_is_shown(client: Client) -> None:
    expire(client)
    other = Citizen(466)
    contact(client, NARGES, mobile=other.contact["mobile"])
    send(client, "activation", {"code": code_on_phone(other)})
    assert values(client)["last_name"] is None


def test_the_hours_on_the_closing_page_are_the_setting(client: Client, settings: Settings) -> None:
    settings.DECISION_HOURS = 72
    register(client, NARGES)
    page = text(client.get(RECEIVED))
    assert "چنانچه پس از گذشت ۷۲ ساعت پیامکی" in page
