"""The four-step guide: contact, code, identity, account, review; its own texts, its ways back, its optional e-mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import SecurityQuestion, User
from accounts.questions.answers import answers_match
from registration.models import RegistrationRequest
from sms.otp import codes
from tests.accounts.helpers import sign_in
from tests.clock import advance
from tests.registration.wizard.walking import (
    PASSWORD,
    Citizen,
    assert_leads_to,
    code_on_phone,
    errors,
    fields,
    shown_step,
    text,
    texts,
)

pytestmark = pytest.mark.django_db

Drain = Callable[[], int]
WIZARD, RECEIVED = "/eservices/registration/", "/eservices/registration/received/"
NARGES = Citizen(411)
ANSWERS = ["آقای نیکوکار", "پروانهٔ آبی", "شیراز و مشهد"]
IDENTITY_ONLY = ("email", "password1", "password2", "question_1", "answer_1")


def send(client: Client, step: str, answers: dict[str, Any]) -> Any:
    return client.post(WIZARD, fields(step, answers))


def identity(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in NARGES.identity.items() if name not in IDENTITY_ONLY} | changes


def account(**changes: Any) -> dict[str, Any]:
    questions = [str(pk) for pk in SecurityQuestion.objects.values_list("pk", flat=True)[:3]]
    answers: dict[str, Any] = {"email": "", "password1": PASSWORD, "password2": PASSWORD}
    for number, (question, answer) in enumerate(zip(questions, ANSWERS, strict=True), start=1):
        answers |= {f"question_{number}": question, f"answer_{number}": answer}
    return answers | changes


def to_identity(client: Client) -> None:
    assert_leads_to(send(client, "contact", NARGES.contact), WIZARD)
    assert shown_step(client.get(WIZARD)) == "activation"
    assert_leads_to(send(client, "activation", {"code": code_on_phone(NARGES)}), WIZARD)


def to_account(client: Client) -> None:
    to_identity(client)
    assert_leads_to(send(client, "identity", identity()), WIZARD)


def to_review(client: Client, **changes: Any) -> None:
    to_account(client)
    assert_leads_to(send(client, "account", account(**changes)), WIZARD)
    assert shown_step(client.get(WIZARD)) == "review"


def draft() -> RegistrationRequest:
    return RegistrationRequest.objects.latest("pk")


def test_four_steps_lead_to_an_account_that_can_be_kept(client: Client, drain: Drain) -> None:
    NARGES.enter_registry()
    to_review(client)
    page = text(client.get(WIZARD))
    for shown in (
        NARGES.national_code,
        "نرگس",
        "بهرامی",
        "4127",
        "ب/27",
        "073516",
        "۳ بهمن ۱۳۶۲",
        "تهران",
        "ارائه نشده",
    ):
        assert shown in page
    assert PASSWORD not in page
    assert not any(answer in page for answer in ANSWERS)
    assert "تأیید و ارسال درخواست" in page

    assert_leads_to(send(client, "review", {}), RECEIVED)
    assert "کاربر شما پس از صحت‌سنجی درخواست ایجاد خواهد شد" in text(client.get(RECEIVED))
    drain()
    assert texts(NARGES)[1:] == [
        "سرکار خانم بهرامی به سیستم‌های متمرکز سازمان تأمین اجتماعی خوش آمدید. حساب کاربری شما فعال گردید."
    ]
    user = User.objects.get()
    assert answers_match(ANSWERS, user.answers_hash)
    assert None not in (user.question_1, user.question_2, user.question_3)


def test_who_does_not_match_is_told_in_the_words_of_this_form(client: Client, drain: Drain) -> None:
    NARGES.enter_registry(certificate_number="4129")
    to_review(client)
    send(client, "review", {})
    drain()
    assert texts(NARGES)[1].startswith("اطلاعات هویتی وارد شده توسط شما با پایگاه مرجع مطابقت ندارد، می‌توانید مجدداً")


def test_steps_are_numbered_as_in_the_guide(client: Client) -> None:
    seen = [text(client.get(WIZARD))]
    send(client, "contact", NARGES.contact)
    seen.append(text(client.get(WIZARD)))
    send(client, "activation", {"code": code_on_phone(NARGES)})
    seen.append(text(client.get(WIZARD)))
    send(client, "identity", identity())
    seen.append(text(client.get(WIZARD)))
    send(client, "account", account())
    seen.append(text(client.get(WIZARD)))
    for page, number in zip(seen, "۱۱۲۳۴", strict=True):
        assert f"مرحلهٔ {number} از ۴" in page


def test_no_step_can_be_left_out(client: Client) -> None:
    to_identity(client)
    for step, answers in (("account", account()), ("review", {})):
        assert_leads_to(send(client, step, answers), WIZARD)
        assert shown_step(client.get(WIZARD)) == "identity"
    assert draft().status == "draft"
    assert draft().password_hash == ""


def test_mandatory_fields_carry_a_star_and_the_email_does_not(client: Client) -> None:
    to_account(client)
    page = client.get(WIZARD)
    assert 'class="star"' in text(page)
    form = page.context["form"]
    assert not form.fields["email"].required
    assert form.fields["answer_3"].required


def test_three_different_questions_and_three_different_answers(client: Client) -> None:
    to_account(client)
    first = account()["question_1"]
    wrong = errors(send(client, "account", account(question_2=first, answer_3=ANSWERS[0])))
    assert set(wrong) == {"question_2", "answer_3"}
    assert draft().answers_hash == ""


def test_a_good_password_is_not_asked_for_again_because_of_an_error_elsewhere(client: Client) -> None:
    to_account(client)
    wrong = send(client, "account", account(answer_2=""))
    assert set(errors(wrong)) == {"answer_2"}
    assert "گذرواژهٔ شما ذخیره شد" in text(wrong)
    assert PASSWORD not in text(wrong)
    assert PASSWORD not in draft().password_hash
    assert shown_step(client.get(WIZARD)) == "account"  # half an account is no account
    assert_leads_to(send(client, "account", account(password1="", password2="")), WIZARD)
    assert shown_step(client.get(WIZARD)) == "review"


def test_a_bad_password_is_not_kept(client: Client) -> None:
    to_account(client)
    errors(send(client, "account", account(password1="short", password2="short", answer_2="")))
    errors(send(client, "account", account(password2="Different1!")))
    assert draft().password_hash == ""


def test_change_links_lead_back_to_the_review(client: Client) -> None:
    to_review(client)
    before = draft()
    page = client.get(f"{WIZARD}?step=identity")
    assert shown_step(page) == "identity"
    assert 'value="4127"' in text(page)
    assert_leads_to(send(client, "identity", identity(certificate_number="4128", city="شیراز")), WIZARD)
    review = client.get(WIZARD)
    assert shown_step(review) == "review"
    assert "4128" in text(review)
    assert "شیراز" in text(review)
    assert draft().password_hash == before.password_hash


def test_the_account_step_can_be_answered_again_without_its_secrets(client: Client) -> None:
    to_review(client)
    before = draft()
    kept = account(email="narges@example.com", password1="", password2="", answer_1="", answer_2="", answer_3="")
    assert_leads_to(send(client, "account", kept), WIZARD)
    after = draft()
    assert after.email == "narges@example.com"
    assert (after.password_hash, after.answers_hash) == (before.password_hash, before.answers_hash)


def test_other_questions_need_their_own_answers(client: Client) -> None:
    to_review(client)
    other = str(SecurityQuestion.objects.values_list("pk", flat=True)[4])
    empty = {"answer_1": "", "answer_2": "", "answer_3": ""}
    wrong = errors(send(client, "account", account(question_2=other, password1="", password2="", **empty)))
    assert set(wrong) == {"answer_1", "answer_2", "answer_3"}


def test_another_name_asks_for_the_password_anew(client: Client) -> None:
    """The rule that a password does not hold the name cannot be checked on a hash."""
    to_review(client)
    assert_leads_to(send(client, "identity", identity(last_name="زنگوله")), WIZARD)
    page = client.get(WIZARD)
    assert shown_step(page) == "account"
    assert "گذرواژه و پاسخ‌ها را دوباره وارد کنید" in text(page)
    assert "password1" in errors(send(client, "account", account()))  # Zangule21 holds the new name


def test_another_mobile_must_be_proved_and_begins_anew(client: Client) -> None:
    to_review(client)
    advance(minutes=3)
    stranger = Citizen(412)
    send(client, "contact", NARGES.contact | {"mobile": stranger.contact["mobile"]})
    assert shown_step(client.get(WIZARD)) == "activation"
    send(client, "review", {})
    assert not RegistrationRequest.objects.exclude(status="draft").exists()


def test_after_the_session_ended_the_saved_draft_comes_back_with_a_new_code(client: Client) -> None:
    to_review(client)
    saved = draft()
    advance(minutes=40)
    with time_machine.travel(timezone.now() + timedelta(minutes=40), tick=True):
        assert shown_step(client.get(WIZARD)) == "contact"
        send(client, "contact", NARGES.contact)
        send(client, "activation", {"code": code_on_phone(NARGES)})
        page = client.get(WIZARD)
        assert shown_step(page) == "review"
        assert "بهرامی" in text(page)
        assert draft().pk != saved.pk
        assert_leads_to(send(client, "review", {}), RECEIVED)


def test_a_draft_comes_back_only_after_its_mobile_is_proved(client: Client, new_client: Callable[[], Client]) -> None:
    to_review(client)
    advance(minutes=3)
    other = new_client()
    send(other, "contact", NARGES.contact)
    page = text(other.get(WIZARD))
    assert "بهرامی" not in page
    challenge = draft().challenge
    wrong = f"{(int(codes.derive(challenge.purpose, bytes(challenge.nonce))) + 1) % 10**6:06}"
    send(other, "activation", {"code": wrong})
    assert "بهرامی" not in text(other.get(f"{WIZARD}?step=identity"))


def test_sending_twice_leads_to_one_request(client: Client) -> None:
    to_review(client)
    assert_leads_to(send(client, "review", {}), RECEIVED)
    assert_leads_to(send(client, "review", {}), RECEIVED)
    assert RegistrationRequest.objects.count() == 1


def test_both_forms_can_be_filled_in_side_by_side(client: Client, drain: Drain) -> None:
    NARGES.enter_registry()
    to_review(client)
    client.post("/portal/registration/", fields("contact", Citizen(413).contact))
    assert shown_step(client.get("/portal/registration/")) == "activation"
    assert shown_step(client.get(WIZARD)) == "review"
    send(client, "review", {})
    drain()
    sign_in(client, NARGES.national_code, PASSWORD)
    assert User.objects.get().is_active
