"""What the tests of accounts share: an account, a sign-in, the limits' counters without waiting for time to pass."""

import secrets
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override

from accounts.models import Device, User
from accounts.sign_in import devices, sessions
from infra import redis as infra_redis
from tests.people import national_code

LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"
PROFILE, PASSWORD_PAGE = "/accounts/profile/", "/accounts/profile/password/"
PASSWORD, NEW_PASSWORD = "Zangule21", "Badbadak%45"
WRONG = "Wrong12345"


def make_account(number: int = 1, *, password: str = PASSWORD, **fields: Any) -> User:
    """An active citizen's account; its mobile is in a block that no operator has been given."""
    known = {
        "national_code": national_code(number),
        "first_name": "سارا",
        "last_name": "محمدی",
        "mobile": f"+98997{100 + number:07}",
        "activated_at": timezone.now(),
    }
    user = User(**{**known, **fields})
    user.set_password(password)
    user.save()
    return user


def know_device(client: Client, user: User) -> Device:
    """Make this browser one that the account knows, as its first sign-in with a code does; for other accounts, too."""
    name = devices._cookie_name()
    if name not in client.cookies:
        client.cookies[name] = secrets.token_urlsafe(32)
    token_hash = devices._hash(client.cookies[name].value)
    return Device.objects.get_or_create(user=user, token_hash=token_hash, defaults={"name": "Firefox, Linux"})[0]


def sign_in(
    client: Client,
    user_or_code: User | str,
    password: str = PASSWORD,
    *,
    address: str = "192.0.2.1",
    known: bool = True,
    confirmed: bool = True,
    **more: str,
) -> Any:
    """Give the password; an account's browser is one that it knows, unless `known` is False or only a code is given.

    `confirmed`: the session there is as if it had begun with a code from a text message.
    """
    if known and isinstance(user_or_code, User):
        know_device(client, user_or_code)
    code = user_or_code.national_code if isinstance(user_or_code, User) else user_or_code
    response = client.post(LOGIN, {"national_code": code, "password": password, **more}, REMOTE_ADDR=address)
    if confirmed and response.status_code == 302 and settings.SESSION_COOKIE_NAME in client.cookies:
        session = client.session
        if SESSION_KEY in session:
            session[sessions.CODE] = True
            session.save()
    return response


def signed_in(client: Client) -> bool:
    """Whether this browser sees the profile; otherwise it must have been sent to the sign-in."""
    response = client.get(PROFILE)
    if response.status_code == 200:
        return True
    assert response.status_code == 302
    assert response.headers["Location"].startswith(LOGIN)
    return False


def text(response: Any) -> str:
    """The body of an answer of the test client as a reader sees it."""
    content: bytes = response.content
    return unescape(content.decode())


def persian(message: str) -> str:
    """The message as the Persian pages show it."""
    with override("fa"):
        return gettext(message)


def told_to_wait(response: Any) -> bool:
    """Whether a page of a flow says that a limit was reached, and when to come back; redirects must be followed."""
    return response.status_code in (200, 429) and "تعداد تلاش‌ها بیش از حد است" in text(response)


def clear_limits() -> None:
    for key in infra_redis.client().scan_iter("limit:*"):
        infra_redis.client().delete(key)


def age_limits(seconds: int) -> None:
    """Make everything that was counted so far `seconds` older."""
    client = infra_redis.client()
    for key in client.scan_iter("limit:*"):
        for member in client.zrange(key, 0, -1):
            client.zincrby(key, -seconds * 1000, bytes(member))  # type: ignore[arg-type]
