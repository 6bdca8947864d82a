"""A browser on the tracking page that opens a request by the code on its phone."""

from html import unescape
from typing import Any

from django.test import Client

from registration.models import RegistrationRequest
from sms.backends import memory
from sms.outbox import delivery

TRACK = "/registration/track/"
SEND, CODE, RESEND, CALL = (f"{TRACK}{page}" for page in ("send/", "code/", "code/resend/", "code/call/"))
STAY = f"{CODE}stay/"
PAGE, LOOK, WITHDRAW = (f"{TRACK}{page}" for page in ("request/", "request/look/", "request/withdraw/"))


def pair(request: RegistrationRequest) -> dict[str, str]:
    return {"national_code": request.national_code, "tracking_code": str(request.tracking_code)}


def send(client: Client, request: RegistrationRequest, **more: Any) -> Any:
    return client.post(SEND, pair(request), **more)


def code_of(request: RegistrationRequest) -> str:
    """The newest code on the request's phone."""
    delivery.drain("codes")
    return [str(sms.code) for sms in memory.outbox if sms.recipient == request.mobile and sms.code][-1]


def give_code(client: Client, request: RegistrationRequest) -> Any:
    return client.post(CODE, {"code": code_of(request)})


def opens(client: Client, request: RegistrationRequest) -> None:
    assert send(client, request).headers["Location"] == CODE
    assert give_code(client, request).headers["Location"] == PAGE


def text(answer: Any) -> str:
    return unescape(answer.content.decode())
