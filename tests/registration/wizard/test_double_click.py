"""The last button pressed more than once, by one citizen in one browser: one request, and every answer says so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import User
from registration.lifecycle import submission
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message
from tests.registration.rows import SECRETS
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    RECEIVED,
    WIZARD,
    Citizen,
    assert_leads_to,
    code_on_phone,
    contact,
    identify,
    open_step,
    register,
    send,
    to_activation,
    to_identity,
)
from tests.threads import together

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
COMMITTED = pytest.mark.django_db(transaction=True)
ME = Citizen(495)


@COMMITTED
def test_of_twenty_clicks_one_submits_and_all_are_told_that_it_is_received(
    client: Client, drain: Callable[[], int], settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.LIMIT_HASHES = [(40, 60)]  # two for each click
    person = Citizen(462)
    person.enter_registry()
    to_identity(client, person)
    answers = person.identity

    def click() -> Any:
        browser = Client(REMOTE_ADDR="198.18.0.9")
        browser.cookies[django_settings.SESSION_COOKIE_NAME] = client.cookies["session"].value
        return identify(browser, person, **answers)

    responses = together(click, 20)
    assert [(answer.status_code, answer.headers["Location"]) for answer in responses] == [(302, RECEIVED)] * 20  # type: ignore[union-attr]
    [request] = RegistrationRequest.objects.all()
    assert RequestEvent.objects.filter(to_status=Status.SUBMITTED).count() == 1
    drain()
    request.refresh_from_db()
    assert request.status == Status.ACTIVATED
    assert Message.objects.filter(purpose=Message.Purpose.RESULT).count() == 1
    assert User.objects.count() == 1


@pytest.fixture
def behind(client: Client) -> RegistrationRequest:
    """The other click has submitted the draft; its answer, with the session that knows it, has not come yet."""
    register(client, Citizen(496))  # somebody before, so that an older closing page could be mistaken for this one's
    to_identity(client, ME)
    draft = RegistrationRequest.objects.get(pk=client.session["draft_portal"])
    submission.submit(draft, {**_person(), **SECRETS}, "192.0.2.1")
    return RegistrationRequest.objects.get(pk=draft.pk)


def _person() -> dict[str, Any]:
    other = RegistrationRequest.objects.get(national_code=Citizen(496).national_code)
    names = ("first_name", "last_name", "gender", "birth_date", "country", "city", "certificate_number", "question_1")
    return {name: getattr(other, name) for name in names}


@pytest.mark.parametrize("click", [identify, contact, lambda client, person: client.get(WIZARD)])
def test_whoever_comes_second_sees_the_closing_page_of_the_own_request(
    client: Client, behind: RegistrationRequest, click: Callable[[Client, Citizen], Any]
) -> None:
    answer = click(client, ME)
    if click is contact:  # the first step says what it says to everybody
        assert answer.status_code == 200
        answer = client.get(WIZARD)
    assert_leads_to(answer, RECEIVED)
    assert client.get(RECEIVED).context["submitted"].tracking_code == behind.tracking_code
    assert client.get(WIZARD).context["wizard"]["steps"].current == "contact"


@pytest.mark.parametrize("is_noted", [False, True], ids=["process killed", "line cut"])
def test_who_begins_again_after_a_lost_answer_is_led_to_the_closing_page(
    client: Client, behind: RegistrationRequest, is_noted: bool
) -> None:
    """With the session that was written with the lost answer, or without it."""
    if is_noted:
        assert_leads_to(identify(client, ME), RECEIVED)

    page = contact(client, ME)

    assert page.context["form"].errors.as_data()["national_code"][0].code == "taken"
    assert f'<a href="{RECEIVED}">' in page.content.decode()
    assert client.get(RECEIVED).context["submitted"].tracking_code == behind.tracking_code


def test_who_asks_for_somebody_else_is_not_led_there(client: Client, behind: RegistrationRequest) -> None:
    page = contact(client, Citizen(496))
    assert page.context["form"].errors.as_data()["national_code"][0].code == "taken"
    assert RECEIVED not in page.content.decode()


def test_the_closing_page_itself_finds_it(client: Client, behind: RegistrationRequest) -> None:
    page = client.get(RECEIVED, follow=True)
    assert page.context["submitted"].tracking_code is not None
    client.get(WIZARD)
    assert client.get(RECEIVED).context["submitted"].tracking_code == behind.tracking_code


@pytest.mark.django_db
def test_a_code_sent_again_because_its_answer_was_lost_goes_on(client: Client) -> None:
    to_activation(client, ME)
    before = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    code = code_on_phone(ME)
    assert_leads_to(send(client, ACTIVATION, {"code": code}), WIZARD)
    client.cookies[django_settings.SESSION_COOKIE_NAME] = before
    assert_leads_to(send(client, ACTIVATION, {"code": code}), WIZARD)
    assert open_step(client) == IDENTITY


@pytest.mark.django_db
def test_who_knew_the_session_before_the_first_step_knows_it_no_more(client: Client) -> None:
    session = client.session  # planted in the citizen's browser by somebody
    session["planted"] = True
    session.save()
    planted = session.session_key or ""
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    to_identity(client, ME)
    assert client.cookies[django_settings.SESSION_COOKIE_NAME].value != planted
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    assert open_step(client) == CONTACT
