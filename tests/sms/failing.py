"""Messages, and a provider whose answers a test decides, in place of the memory backend."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sms.backends.base import Outgoing, Receipt, SmsBackend
from sms.models import Message
from sms.outbox import delivery
from sms.outbox import queue as outbox
from tests.sms.otp.challenges import MOBILE

PARAMS = {"gender": "female", "last_name": "محمدی"}


class Scripted(SmsBackend):
    """Calls `answer` for each message; keeps what it was given."""

    name = "scripted"
    remembers_keys = timedelta(hours=11)

    def __init__(self, answer: Callable[[Outgoing], Receipt]) -> None:
        self.answer = answer
        self.given: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> Receipt:
        self.given.append(outgoing)
        return self.answer(outgoing)


def accept(outgoing: Outgoing) -> Receipt:
    return Receipt("scripted", f"id-{outgoing.idempotency_key}")


def script(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Outgoing], Receipt] = accept) -> Scripted:
    backend = Scripted(answer)
    monkeypatch.setattr(delivery, "get_backends", lambda: [backend])
    return backend


def raising(error: Exception) -> Callable[[Outgoing], Receipt]:
    def answer(outgoing: Outgoing) -> Receipt:
        raise error

    return answer


def queue_result(recipient: str = MOBILE, number: int = 1) -> Message:
    return outbox.add(
        recipient=recipient,
        purpose="result",
        template="activated_portal",
        params=PARAMS,
        reference=f"request:{number}",
    )


def the_message() -> Message:
    return Message.objects.get()


def only(message: Message) -> tuple[str, str]:
    return message.state, message.last_error


def due_in() -> timedelta:
    """How long until a worker takes the only message next."""
    due, now = Message.objects.annotate(due=Message.DUE, now=Now()).values_list("due", "now").get()
    return timedelta(seconds=(due - now).total_seconds())
