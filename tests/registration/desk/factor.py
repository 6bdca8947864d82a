"""A clerk's authenticator app, and the desk's sign-in with it."""

import base64
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.models import User
from accounts.sign_in import totp
from tests.accounts import helpers

LOGIN, CODE = "/desk/login/", "/desk/login/code/"
WRONG = "کد درست نیست یا پیش‌تر استفاده شده است"
App = Callable[[int], str]


def set_up_app(user: User) -> App:
    """Answers what the app shows, now (0) or so many steps from now, on a phone whose clock is right."""
    return app_with(totp.secret(totp.give(user, anew=True)))


def app_with(secret: str) -> App:
    """An app into which this secret was typed."""
    key = base64.b32decode(secret.replace(" ", ""))

    def show(steps: int) -> str:
        clock = TOTP(key, drift=steps)
        clock.time = timezone.now().timestamp()
        return f"{clock.token():06}"

    return show


def give_password(client: Client, user: User, **more: str) -> Any:
    return client.post(LOGIN, {"username": user.national_code, "password": helpers.PASSWORD, **more})


def give_code(client: Client, code: str, **more: str) -> Any:
    return client.post(CODE, {"code": code, **more})


def at_the_desk(client: Client) -> bool:
    response = client.get("/desk/")
    assert response.status_code in {200, 302}
    return bool(response.status_code == 200)
