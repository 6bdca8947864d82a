"""A citizen at the registration form, over HTTP: the answers to each step, the phone that receives the codes."""

import datetime as dt
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.utils.translation import gettext, override

from accounts.models import SecurityQuestion
from iran import jalali
from registration.identity import check
from registration.models import CivilRecord, MobileOwner, RegistrationRequest
from sms.backends import memory
from sms.models import OtpChallenge
from sms.otp import codes
from sms.outbox import delivery
from tests.people import STATED, national_code, typed

WIZARD, RESEND, RECEIVED = (f"/portal/registration/{page}" for page in ("", "resend/", "received/"))
FORM = "application/x-www-form-urlencoded"
CONTACT, ACTIVATION, IDENTITY = "contact", "activation", "identity"
PASSWORD, ANSWER = "Zangule21", "آقای نیکوکار"
Answers = dict[str, Any]


@dataclass(frozen=True)
class Citizen:
    """What a made-up person would type, as it would be typed; mobiles are in a block that no operator was given."""

    number: int
    first_name: str = "نرگس"
    last_name: str = "بهرامی"

    @property
    def national_code(self) -> str:
        return national_code(self.number % 1000, 1 + self.number // 1000)

    @property
    def mobile(self) -> str:
        """E.164"""
        return f"+98997{self.number:07}"

    @property
    def contact(self) -> Answers:
        return {"national_code": self.national_code, "operator": "mci", "mobile": f"0{self.mobile[3:]}"}

    @property
    def stated(self) -> Answers:
        """The identity in the form that rows keep it in."""
        return STATED | {"first_name": self.first_name, "last_name": self.last_name, "birth_date": BORN}

    @property
    def identity(self) -> Answers:
        return {
            **typed(self.stated),
            "country": "IR",
            "city": "تهران",
            "foreign_city": "",
            "email": "narges@example.com",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "question_1": str(a_question().pk),
            "answer_1": ANSWER,
        }

    def enter_registry(self, *, owns_mobile: bool = True, **changes: Any) -> None:
        """Let the civil registry know this person as described here, but for `changes`; and whose the mobile is."""
        known = CivilRecord.with_keys(self.stated | changes)
        CivilRecord.objects.create(national_code=self.national_code, **known)
        owner = self.national_code if owns_mobile else national_code(998)
        MobileOwner.objects.create(mobile=self.mobile, national_code=owner)


def a_question() -> SecurityQuestion:
    """One of the offered questions; a test in which rows are committed leaves none of the migrations' behind."""
    offered = SecurityQuestion.objects.filter(is_offered=True).first()
    return offered or SecurityQuestion.objects.create(text="نام نخستین اسباب‌بازی که به یاد دارید چیست؟")


BORN: dt.date = jalali.to_gregorian(1362, 11, 3)


def fields(step: str, answers: Answers) -> Answers:
    """A whole POST as the page of `step` sends it."""
    return {"registration-current_step": step, **{f"{step}-{name}": value for name, value in answers.items()}}


def send(client: Client, step: str, answers: Answers, **more: Any) -> Any:
    return client.post(WIZARD, urlencode({**fields(step, answers), **more}), content_type=FORM)


def contact(client: Client, person: Citizen, **changes: Any) -> Any:
    return send(client, CONTACT, {**person.contact, **changes})


def activate(client: Client, person: Citizen) -> Any:
    return send(client, ACTIVATION, {"code": code_on_phone(person)})


def identify(client: Client, person: Citizen, **changes: Any) -> Any:
    return send(client, IDENTITY, {**person.identity, **changes})


def to_activation(client: Client, person: Citizen) -> None:
    assert contact(client, person).status_code == 302
    assert open_step(client) == ACTIVATION


def to_identity(client: Client, person: Citizen) -> None:
    to_activation(client, person)
    assert activate(client, person).status_code == 302
    assert open_step(client) == IDENTITY


def register(client: Client, person: Citizen, **changes: Any) -> RegistrationRequest:
    """All three steps; the submitted request."""
    to_identity(client, person)
    assert_leads_to(identify(client, person, **changes), RECEIVED)
    return RegistrationRequest.objects.filter(national_code=person.national_code).latest("pk")


def open_step(client: Client) -> str:
    """The step that the wizard shows to this browser."""
    return shown_step(client.get(WIZARD))


def shown_step(response: Any) -> str:
    assert response.status_code == 200
    step: str = response.context["wizard"]["steps"].current
    return step


def texts(person: Citizen) -> list[str]:
    """Everything that this person's phone has received, oldest first; what is due is sent before."""
    while delivery.drain("codes") + delivery.drain("texts"):
        pass
    return [sms.text for sms in memory.outbox if sms.recipient == person.mobile]


def code_on_phone(person: Citizen) -> str:
    """The code of the last text message, read off its last line."""
    _, _, code = texts(person)[-1].rpartition("#")
    return code


def wrong_code(person: Citizen, step: int = 1) -> str:
    """A code of six digits that is not the one of this person's newest challenge."""
    challenge = OtpChallenge.objects.filter(mobile=person.mobile).latest("pk")
    return f"{(int(codes.derive(challenge.purpose, bytes(challenge.nonce))) + step) % 10**6:06}"


def decide() -> None:
    while check.drain():
        pass


def errors(response: Any) -> dict[str, list[str]]:
    """The messages beside each field of a form that came back (200); all of them are written in Persian."""
    assert response.status_code == 200
    found: dict[str, list[str]] = {
        name: list(map(str, texts)) for name, texts in response.context["form"].errors.items()
    }
    page = text(response)
    for name, messages in found.items():
        for message in messages:
            assert message in page, f"{name}: {message} is not on the page"
    return found


def text(response: Any) -> str:
    return unescape(response.content.decode("utf-8"))


def persian(message: str) -> str:
    """The message as the Persian pages show it."""
    with override("fa"):
        return gettext(message)


def assert_leads_to(response: Any, address: str) -> None:
    if response.status_code == 200:
        raise AssertionError(f"the form came back: {errors(response)}")
    assert (response.status_code, response.headers.get("Location")) == (302, address)
