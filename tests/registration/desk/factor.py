"""A clerk's authenticator app, set up from what the operator was shown, and the desk's sign-in with it."""

import base64
import re
from collections.abc import Callable
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.models import User
from tests.accounts import helpers

LOGIN, CODE = "/desk/login/", "/desk/login/code/"
WRONG = "کد درست نیست یا پیش‌تر استفاده شده است"
App = Callable[[int], str]


def printed(user: User) -> str:
    out = StringIO()
    call_command("staff", "reset-factor", user.national_code, stdout=out)
    return out.getvalue()


def set_up_app(user: User) -> App:
    """Answers what the app shows, now (0) or so many steps from now, on a phone whose clock is right."""
    found = re.search(r"secret \(to be typed\) +([A-Z2-7 ]+)\n", printed(user))
    assert found
    key = base64.b32decode(found[1].replace(" ", ""))

    def show(steps: int) -> str:
        totp = TOTP(key, drift=steps)
        totp.time = timezone.now().timestamp()
        return f"{totp.token():06}"

    return show


def give_password(client: Client, user: User, **more: str) -> Any:
    return client.post(LOGIN, {"username": user.national_code, "password": helpers.PASSWORD, **more})


def give_code(client: Client, code: str, **more: str) -> Any:
    return client.post(CODE, {"code": code, **more})


def at_the_desk(client: Client) -> bool:
    response = client.get("/desk/")
    assert response.status_code in {200, 302}
    return bool(response.status_code == 200)
