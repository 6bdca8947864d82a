"""A citizen who signs in where the account does not know the browser: the password, then the code from the phone."""

from typing import Any

from django.test import Client

from accounts.models import User
from tests.accounts.helpers import LOGIN, PROFILE, sign_in
from tests.accounts.recovery.recovering import code_on_phone, leads_to

CODE, RESEND = f"{LOGIN}code/", f"{LOGIN}code/resend/"
NOTICE = "Sign-in to your account on a new device. If it was not you, call 1420."
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def give_password(client: Client, user: User, **more: Any) -> Any:
    return sign_in(client, user, known=False, **more)


def give_code(client: Client, user: User, user_agent: str = FIREFOX) -> Any:
    return client.post(CODE, {"code": code_on_phone(user)}, headers={"user-agent": user_agent})


def first_sign_in(client: Client, user: User, user_agent: str = FIREFOX) -> None:
    assert leads_to(give_password(client, user), CODE)
    assert leads_to(give_code(client, user, user_agent), PROFILE)
