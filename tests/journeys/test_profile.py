"""A signed-in citizen looks after the account: questions, mobile, e-mail, requests, the own data. Read as stories."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Device, SecurityQuestion, User
from accounts.questions.answers import answers_match
from tests.accounts.acts import link
from tests.accounts.helpers import (
    LOGIN,
    PASSWORD,
    PROFILE,
    WRONG,
    clear_limits,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
    told_to_wait,
)
from tests.accounts.recovery.recovering import code_on_phone, leads_to, make_protected, phone, wrong_code
from tests.clock import advance
from tests.registration.wizard.walking import PASSWORD as REGISTERED_PASSWORD
from tests.registration.wizard.walking import Citizen, register

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
QUESTIONS, MOBILE, EMAIL, DATA = (f"{PROFILE}{page}/" for page in ("questions", "mobile", "email", "data"))
CODE, RESEND = f"{MOBILE}code/", f"{MOBILE}code/resend/"
NEW_MOBILE = "+989970077777"
GIVEN = ("آقای نیکوکار", "باغ وحش", "دریاچه نمک")


@pytest.fixture
def sara(client: Client) -> User:
    user = make_protected(email="old@example.com")
    sign_in(client, user)
    return user


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def give_questions(client: Client, answers: tuple[str, ...] = GIVEN, password: str = PASSWORD, **changes: str) -> Any:
    offered = SecurityQuestion.objects.filter(is_offered=True).exclude(text__startswith="پرسش")[:3]
    form = {f"question_{number}": str(question.pk) for number, question in enumerate(offered, 1)}
    form |= {f"answer_{number}": answer for number, answer in enumerate(answers, 1)}
    return client.post(QUESTIONS, {"current_password": password, **form, **changes})


def test_new_questions_take_the_place_of_the_old(client: Client, sara: User) -> None:
    assert f'href="{QUESTIONS}"' in text(client.get(PROFILE))
    assert client.get(QUESTIONS).status_code == 200
    assert leads_to(give_questions(client), PROFILE)
    assert persian("Your security questions have been changed.") in text(client.get(PROFILE))
    assert answers_match(GIVEN, fresh(sara).answers_hash)
    assert fresh(sara).question_1 != sara.question_1
    assert phone(sara) == [persian("Your security questions have been changed. If it was not you, call 1420.")]


def test_questions_keep_the_rules_of_the_registration(client: Client, sara: User) -> None:
    first = str(SecurityQuestion.objects.filter(is_offered=True)[0].pk)
    for answers, changes, wrong in (
        (GIVEN, {"question_2": "", "answer_3": ""}, {"question_2", "answer_3"}),
        (GIVEN, {"question_1": first, "question_2": first}, {"question_2"}),
        (GIVEN, {"question_3": "999999"}, {"question_3"}),
        (("محمدی", PASSWORD, sara.national_code), {}, {"answer_1", "answer_2", "answer_3"}),
        (("نیکو", "نيكو", "آب"), {}, {"answer_2", "answer_3"}),
    ):
        assert set(errors(give_questions(client, answers, **changes))) == wrong
    assert set(errors(give_questions(client, password=WRONG))) == {"current_password"}
    assert fresh(sara).answers_hash == sara.answers_hash
    assert phone(sara) == []


def test_a_new_mobile_counts_after_its_code_and_the_old_one_is_told(client: Client, sara: User) -> None:
    page = text(client.get(MOBILE))
    assert sara.local_mobile not in page
    typed = {"current_password": PASSWORD, "mobile": "۰۹۹۷ ۰۰۷ ۷۷۷۷"}
    assert leads_to(client.post(MOBILE, typed), CODE)
    assert "09970077777" in text(client.get(CODE))
    moved = User(mobile=NEW_MOBILE)
    assert client.post(CODE, {"code": wrong_code(sara)}).status_code == 200
    assert fresh(sara).mobile == sara.mobile
    assert phone(sara) == []
    assert told_to_wait(client.post(RESEND, follow=True))
    advance(minutes=3)
    assert leads_to(client.post(RESEND), CODE)
    assert leads_to(client.post(CODE, {"code": code_on_phone(moved)}), PROFILE)
    assert fresh(sara).mobile == NEW_MOBILE
    assert "0997***7777" in text(client.get(PROFILE))
    notice = persian("The mobile number of your account has been changed. If it was not you, call 1420.")
    assert phone(sara) == [notice]
    assert notice not in phone(moved)
    assert leads_to(client.get(CODE), MOBILE)
    assert leads_to(client.post(RESEND), MOBILE)


def test_a_mobile_needs_the_password_and_must_be_another(client: Client, sara: User) -> None:
    typed = {"current_password": WRONG, "mobile": sara.local_mobile}
    assert set(errors(client.post(MOBILE, typed))) == {"current_password", "mobile"}
    assert set(errors(client.post(MOBILE, {"current_password": PASSWORD, "mobile": "0912"}))) == {"mobile"}
    assert leads_to(client.get(CODE), MOBILE)
    assert leads_to(client.post(CODE, {"code": "123456"}), MOBILE)
    assert phone(sara) == []


def test_a_challenge_of_a_mobile_serves_its_own_browser_and_account(
    client: Client, sara: User, new_client: NewClient
) -> None:
    client.post(MOBILE, {"current_password": PASSWORD, "mobile": NEW_MOBILE})
    code = code_on_phone(User(mobile=NEW_MOBILE))
    other = new_client()
    sign_in(other, make_account(2))
    assert leads_to(other.post(CODE, {"code": code}), MOBILE)
    again = new_client()
    sign_in(again, sara)
    assert leads_to(again.post(CODE, {"code": code}), MOBILE)
    # The same request once more sends nothing new, and elsewhere its code has to wait.
    assert leads_to(client.post(MOBILE, {"current_password": PASSWORD, "mobile": NEW_MOBILE}), CODE)
    assert leads_to(again.post(MOBILE, {"current_password": PASSWORD, "mobile": NEW_MOBILE}), CODE)
    assert persian("The code has not been sent yet") in text(again.get(CODE))
    assert len(phone(User(mobile=NEW_MOBILE))) == 1


def test_an_e_mail_counts_after_its_link(client: Client, sara: User) -> None:
    assert leads_to(client.post(EMAIL, {"current_password": PASSWORD, "email": "new@example.com"}), PROFILE)
    assert mail.outbox[0].to == ["new@example.com"]
    assert "example.com" not in link()  # addresses in links end in logs
    assert client.get(link()).status_code == 200
    assert fresh(sara).email == "old@example.com"
    assert leads_to(client.post(link()), PROFILE)
    assert fresh(sara).email == "new@example.com"
    assert phone(sara) == [persian("The e-mail of your account has been changed. If it was not you, call 1420.")]
    assert leads_to(client.post(link()), PROFILE)
    assert persian("This link is not valid any more. Ask for another one.") in text(client.get(PROFILE))
    assert len(phone(sara)) == 1


def test_a_link_needs_its_own_account_and_its_own_day(
    client: Client, sara: User, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(EMAIL, {"current_password": PASSWORD, "email": "new@example.com"})
    first = link()
    other = new_client()
    assert other.get(first).headers["Location"].startswith(f"{LOGIN}?next={EMAIL}")
    sign_in(other, make_account(2, email="b@example.com"))
    other.post(first)
    client.post(f"{first[:-4]}AAA/")
    # A newer address makes the older link void.
    client.post(EMAIL, {"current_password": PASSWORD, "email": "newer@example.com"})
    client.post(first)
    assert set(User.objects.values_list("email", flat=True)) == {"old@example.com", "b@example.com"}
    monkeypatch.setattr("accounts.profile.changes.EMAIL_SECONDS", -1)
    client.post(link())
    assert fresh(sara).email == "old@example.com"


def test_mail_that_cannot_be_sent_and_too_much_of_it(
    client: Client, sara: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.send_mail", away)
        assert "__all__" in errors(client.post(EMAIL, {"current_password": PASSWORD, "email": "new@example.com"}))
    clear_limits()
    for _ in range(3):
        assert client.post(EMAIL, {"current_password": PASSWORD, "email": "new@example.com"}).status_code == 302
    assert client.post(EMAIL, {"current_password": PASSWORD, "email": "new@example.com"}).status_code == 429
    assert set(errors(client.post(EMAIL, {"current_password": PASSWORD, "email": "old@example.com"}))) == {"email"}
    assert set(errors(client.post(EMAIL, {"current_password": PASSWORD, "email": "a@b@c\r\nBcc: d@e.f"}))) == {"email"}


def test_who_registered_finds_the_request_there(client: Client, drain: Callable[[], int]) -> None:
    narges = Citizen(431)
    narges.enter_registry()
    request = register(client, narges)
    drain()
    response = sign_in(client, narges.national_code, REGISTERED_PASSWORD)
    assert leads_to(response, PROFILE)
    page = text(client.get(PROFILE))
    assert str(request.tracking_code) in page
    assert persian("Your account is active") in page


def test_the_own_data_as_a_file(client: Client, sara: User, new_client: NewClient) -> None:
    other = make_protected(2, first_name="رضا")
    sign_in(new_client(), other)
    assert client.get(DATA).headers["Content-Type"].startswith("text/html")
    assert set(errors(client.post(DATA, {"current_password": WRONG}))) == {"current_password"}
    response = client.post(DATA, {"current_password": PASSWORD})
    assert response.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert response.headers["Content-Type"] == "application/json"
    found = json.loads(response.content)
    assert found["account"]["national_code"] == sara.national_code
    assert found["account"]["mobile"] == sara.mobile
    assert found["security_questions"] == ["پرسش 1", "پرسش 2", "پرسش 3"]
    assert [device["name"] for device in found["devices"]] == ["Firefox, Linux"]
    whole = response.content.decode()
    hidden = [sara.password, sara.answers_hash, "argon2", other.national_code, "رضا"]
    hidden += [*Device.objects.values_list("token_hash", flat=True)]
    assert not [value for value in hidden if value in whole]


@pytest.mark.parametrize(
    "page", [QUESTIONS, MOBILE, CODE, EMAIL, f"{EMAIL}abc/", DATA, f"{PROFILE}devices/1/sign-out/"]
)
def test_strangers_are_asked_to_sign_in(client: Client, page: str) -> None:
    for response in (client.get(page), client.post(page)):
        assert response.status_code == 302
        assert response.headers["Location"].startswith(LOGIN)
    assert not signed_in(client)
