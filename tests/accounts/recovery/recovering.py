"""A citizen at the password recovery, over HTTP, with the phone that receives the codes."""

from typing import Any

from django.test import Client

from accounts.models import RecoveryRun, SecurityQuestion, User
from accounts.questions.answers import hash_answers
from sms.backends import memory
from sms.models import OtpChallenge
from sms.otp import codes
from sms.outbox import delivery
from tests.accounts.helpers import NEW_PASSWORD, make_account
from tests.clock import advance

START = "/accounts/recover/"
CODE, RESEND, ANSWERS, NEW, DONE = (
    f"{START}{page}" for page in ("code/", "code/resend/", "answers/", "password/", "done/")
)
LATER = [CODE, ANSWERS, NEW, DONE]
RIGHT = ("خانم نیکو", "همدان", "قطار")
WRONG_ANSWERS = ("آقای نیکو", "همدان", "قطار")


def make_protected(number: int = 1, answers: tuple[str, ...] = RIGHT, **fields: Any) -> User:
    """An active account with as many security questions as `answers`."""
    questions = [SecurityQuestion.objects.get_or_create(text=f"پرسش {n}")[0] for n in range(1, len(answers) + 1)]
    chosen = {f"question_{n}": question for n, question in enumerate(questions, 1)}
    return make_account(number, **{**chosen, "answers_hash": hash_answers(answers), **fields})


def begin(client: Client, code: str) -> Any:
    return client.post(START, {"national_code": code})


def phone(user: User) -> list[str]:
    """Everything this phone has received, oldest first; what is due is sent before."""
    while delivery.drain("codes") + delivery.drain("texts"):
        pass
    return [sms.text for sms in memory.outbox if sms.recipient == user.mobile]


def code_on_phone(user: User) -> str:
    return phone(user)[-1].rpartition("#")[2]


def wrong_code(user_or_code: User | str, step: int = 1) -> str:
    """Six digits that are not the code of the newest challenge for this national code."""
    national_code = user_or_code.national_code if isinstance(user_or_code, User) else user_or_code
    challenge = OtpChallenge.objects.filter(national_code=national_code).latest("pk")
    return f"{(int(codes.derive(challenge.purpose, bytes(challenge.nonce))) + step) % 10**6:06}"


def prove(client: Client, user: User) -> Any:
    return client.post(CODE, {"code": code_on_phone(user)})


def answer(client: Client, answers: tuple[str, ...]) -> Any:
    return client.post(ANSWERS, {f"answer_{n}": text for n, text in enumerate(answers, 1)})


def choose(client: Client, password: str = NEW_PASSWORD, again: str | None = None) -> Any:
    return client.post(NEW, {"password1": password, "password2": password if again is None else again})


def to_answers(client: Client, user: User) -> None:
    """A new run up to the questions; earlier codes are old enough not to be in the way."""
    advance(minutes=16)
    assert begin(client, user.national_code).status_code == 302
    response = prove(client, user)
    assert (response.status_code, response.headers["Location"]) == (302, ANSWERS)


def to_password(client: Client, user: User) -> None:
    to_answers(client, user)
    response = answer(client, RIGHT)
    assert (response.status_code, response.headers["Location"]) == (302, NEW)


def leads_to(response: Any, address: str) -> bool:
    return (response.status_code, response.headers.get("Location")) == (302, address)


def newest_run() -> RecoveryRun:
    return RecoveryRun.objects.latest("pk")
