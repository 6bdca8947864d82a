"""The enrolment of a member of the staff, page by page."""

import re
from typing import Any

from django.test import Client

from accounts.models import User
from tests.accounts import helpers
from tests.registration.desk.factor import App, app_with

ENROL, PASSWORD_PAGE, APP_PAGE = "/desk/enrol/", "/desk/enrol/password/", "/desk/enrol/app/"


def begin(client: Client, user: User, code: str) -> Any:
    return client.post(ENROL, {"national_code": user.national_code, "code": code})


def give_password(client: Client, password: str = helpers.PASSWORD) -> Any:
    """Choose it, or show the one of before: each form takes the fields that it knows."""
    return client.post(PASSWORD_PAGE, {"password1": password, "password2": password, "password": password})


def app_shown(client: Client) -> App:
    return app_with(secret_shown(client))


def secret_shown(client: Client) -> str:
    found = re.search(r'id="secret"><bdi dir="ltr">([A-Z2-7 ]+)</bdi>', helpers.text(client.get(APP_PAGE)))
    assert found
    return found[1]


def finish(client: Client, code: str) -> Any:
    return client.post(APP_PAGE, {"code": code})


def enrol(client: Client, user: User, code: str, password: str = helpers.PASSWORD) -> App:
    """The whole of it; the code of now is used up by it."""
    assert begin(client, user, code).headers["Location"] == PASSWORD_PAGE
    assert give_password(client, password).headers["Location"] == APP_PAGE
    app = app_shown(client)
    assert recovery_codes(finish(client, app(0)))
    return app


def recovery_codes(page: Any) -> list[str]:
    assert page.status_code == 200
    return re.findall(r'<li><bdi dir="ltr">([0-9]{5} [0-9]{5})</bdi></li>', helpers.text(page))
