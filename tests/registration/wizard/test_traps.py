"""The 22 traps of formtools' wizard, each with the story in which it would snap (docs/decisions/0004).

F1–F14, about the journey; F15–F22, about how the wizard is built, are in test_wizard_traps_built.py.
"""

from collections.abc import Callable

import pytest
from django import forms
from django.test import Client

from accounts.sign_in import devices
from registration.models import RegistrationRequest
from registration.wizard import session as wizard_session
from registration.wizard.flows import PORTAL
from sms.models import Message, OtpChallenge
from tests.clock import advance
from tests.registration.wizard.walking import (
    ACTIVATION,
    ANSWER,
    CONTACT,
    IDENTITY,
    PASSWORD,
    RECEIVED,
    WIZARD,
    Citizen,
    activate,
    assert_leads_to,
    code_on_phone,
    contact,
    errors,
    identify,
    open_step,
    register,
    send,
    shown_step,
    text,
    to_activation,
    to_identity,
    wrong_code,
)

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status
ME, VICTIM = Citizen(411), Citizen(412, first_name="پروین", last_name="سلیمی")
FIRST_COMPLETE = "نخست این مرحله را کامل کنید"
NO_FORM = "این مرورگر دیگر فرم بازی ندارد"


def submitted() -> list[RegistrationRequest]:
    return list(RegistrationRequest.objects.exclude(status=Status.DRAFT))


def test_f1_no_raw_post_is_kept_in_the_session(client: Client) -> None:
    to_activation(client, ME)
    code = code_on_phone(ME)
    send(client, ACTIVATION, {"code": code}, junk="a field nobody asked for")
    identify(client, ME, certificate_number="0", junk="x" * 1000)
    kept = str(dict(client.session))
    for typed in (PASSWORD, ANSWER, code, "junk", "csrf", ME.national_code, ME.mobile[3:], ME.last_name):
        assert typed not in kept
    names = [key for key, _ in client.session.items() if not key.startswith("_")]
    assert set(names) == {"draft_portal", wizard_session.SEEN, devices.CHALLENGES}


def test_f2_earlier_steps_are_not_judged_again_at_the_end(client: Client) -> None:
    to_identity(client, ME)
    advance(minutes=11)  # the code is dead by now
    assert_leads_to(identify(client, ME), RECEIVED)


def test_f3_each_answer_is_cleaned_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned: list[str] = []
    for form in PORTAL.steps.values():
        monkeypatch.setattr(form, "full_clean", _counting(form, cleaned))
    to_activation(client, ME)
    send(client, ACTIVATION, {"code": wrong_code(ME)})
    assert OtpChallenge.objects.get().attempts == 1
    activate(client, ME)
    assert OtpChallenge.objects.get().attempts == 2
    identify(client, ME)
    assert cleaned == ["ContactForm", "ActivationForm", "ActivationForm", "PortalForm"]


def _counting(form: type[forms.Form], cleaned: list[str]) -> Callable[[forms.Form], None]:
    original = form.full_clean

    def full_clean(self: forms.Form) -> None:
        if self.is_bound:
            cleaned.append(form.__name__)
        original(self)

    return full_clean


def test_f4_a_proved_mobile_cannot_be_swapped_for_another(client: Client) -> None:
    to_identity(client, ME)
    contact(client, ME, mobile=VICTIM.contact["mobile"])
    assert_leads_to(identify(client, ME), WIZARD)
    assert open_step(client) == ACTIVATION
    assert submitted() == []

    # Nor the person: her own mobile again, but somebody else's national code.
    advance(minutes=3)
    contact(client, ME, national_code=VICTIM.national_code)
    assert_leads_to(identify(client, ME), WIZARD)
    assert open_step(client) == ACTIVATION
    assert submitted() == []


@pytest.mark.parametrize(
    "step", ["nope", "", "0", "account", "review", "Contact", "contact ", "contact\0", "__class__"]
)
def test_f5_an_unknown_step_is_a_bad_request(client: Client, step: str) -> None:
    to_identity(client, ME)
    answer = send(client, step, ME.identity)
    assert answer.status_code == 400
    assert "خوانده نشد" in text(answer)
    assert open_step(client) == IDENTITY


@pytest.mark.parametrize("goal", [ACTIVATION, IDENTITY])
def test_f6_nobody_jumps_forward(client: Client, goal: str) -> None:
    assert shown_step(client.post(WIZARD, {"wizard_goto_step": goal}, follow=True)) == CONTACT
    assert shown_step(client.get(WIZARD, {"step": goal})) == CONTACT
    to_activation(client, ME)
    assert shown_step(client.post(WIZARD, {"wizard_goto_step": IDENTITY}, follow=True)) == ACTIVATION
    assert shown_step(client.get(WIZARD, {"step": IDENTITY})) == ACTIVATION
    forged = identify(client, ME)
    assert_leads_to(forged, WIZARD)
    assert FIRST_COMPLETE in text(client.get(WIZARD))
    assert client.post(WIZARD, {"wizard_goto_step": "review"}).status_code == 400
    assert submitted() == []


def test_f7_looking_at_the_page_loses_nothing(client: Client) -> None:
    to_identity(client, ME)
    for _ in range(3):
        assert shown_step(client.get(WIZARD)) == IDENTITY
    client.head(WIZARD)
    client.get(WIZARD, headers={"Sec-Purpose": "prefetch"})
    client.get(WIZARD, {"step": CONTACT})
    assert_leads_to(identify(client, ME), RECEIVED)


def test_f8_an_old_tab_cannot_go_on_after_a_new_beginning(client: Client) -> None:
    to_identity(client, ME)
    contact(client, VICTIM)  # in another tab
    answer = identify(client, ME)
    assert_leads_to(answer, WIZARD)
    page = client.get(WIZARD)
    assert shown_step(page) == ACTIVATION
    assert FIRST_COMPLETE in text(page)
    assert PASSWORD not in str(dict(client.session))
    assert not RegistrationRequest.objects.exclude(password_hash="").exists()


@pytest.mark.parametrize("step", [ACTIVATION, IDENTITY])
def test_f9_two_people_in_two_tabs_are_never_mixed(client: Client, step: str) -> None:
    to_activation(client, ME)
    if step == IDENTITY:
        activate(client, ME)
    old_tab = client.get(WIZARD).context["form"]["draft_mark"].value()
    to_identity(client, VICTIM)
    late = send(client, step, {**ME.identity, "code": wrong_code(VICTIM), "draft_mark": old_tab})
    assert_leads_to(late, WIZARD)
    page = client.get(WIZARD)
    assert shown_step(page) == IDENTITY
    assert VICTIM.national_code in text(page)
    assert page.context["form"]["draft_mark"].value() != old_tab
    assert submitted() == []
    assert_leads_to(identify(client, VICTIM), RECEIVED)
    [request] = submitted()
    assert (request.national_code, request.last_name) == (VICTIM.national_code, VICTIM.last_name)


def test_f10_after_the_session_ended_a_late_step_is_not_judged_as_the_first(new_client: NewClient) -> None:
    client = new_client()
    to_identity(client, ME)
    client.cookies.clear()
    assert_leads_to(identify(client, ME), WIZARD)
    page = client.get(WIZARD)
    assert shown_step(page) == CONTACT
    assert NO_FORM in text(page)
    assert not page.context["form"].errors
    assert submitted() == []


def test_f11_refreshing_sends_no_second_text_message(client: Client) -> None:
    for _ in range(3):
        assert_leads_to(contact(client, ME), WIZARD)  # an answered step ends in a redirect
    assert Message.objects.count() == 1
    assert_leads_to(activate(client, ME), WIZARD)
    assert_leads_to(contact(client, ME), WIZARD)
    assert Message.objects.count() == 1
    assert open_step(client) == IDENTITY


def test_f12_a_refusal_at_the_end_keeps_what_was_typed_and_the_challenge(new_client: NewClient) -> None:
    mine, other = new_client(), new_client()
    to_identity(mine, ME)
    advance(minutes=3)
    earlier = register(other, ME)
    refused = identify(mine, ME)
    assert "__all__" in errors(refused)
    assert 'value="narges@example.com"' in text(refused)
    assert PASSWORD not in text(refused)
    RegistrationRequest.objects.filter(pk=earlier.pk).update(
        status=Status.EXPIRED, decided_at=earlier.submitted_at, password_hash="", answers_hash=""
    )
    assert_leads_to(identify(mine, ME), RECEIVED)


def test_f13_a_session_that_ends_while_the_last_step_is_done_is_no_failure(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_identity(client, ME)
    monkeypatch.setattr(wizard_session, "keep_received", lambda session, request: session.flush())
    assert_leads_to(identify(client, ME), RECEIVED)
    assert len(submitted()) == 1


def test_f14_going_back_and_forth_keeps_every_answer_and_the_challenge(client: Client) -> None:
    to_identity(client, ME)
    assert_leads_to(client.post(WIZARD, {"wizard_goto_step": CONTACT}), f"{WIZARD}?step={CONTACT}")
    back = client.get(WIZARD, {"step": CONTACT})
    assert shown_step(back) == CONTACT
    assert back.context["form"]["national_code"].value() == ME.national_code
    assert_leads_to(contact(client, ME, operator="irancell"), WIZARD)
    assert open_step(client) == IDENTITY
    assert RegistrationRequest.objects.get().operator == "irancell"
    assert_leads_to(client.post(WIZARD, {"wizard_goto_step": ACTIVATION}), WIZARD)  # proved: nothing to ask there
    assert_leads_to(identify(client, ME), RECEIVED)
