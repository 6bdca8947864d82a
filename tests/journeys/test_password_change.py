"""The three-step guide, "how to change the password": sign in, your name in the corner, profile, the new password."""

import pytest
from django.test import Client

from sms.backends import memory
from sms.outbox import delivery
from tests.accounts.helpers import (
    LOGIN,
    LOGOUT,
    NEW_PASSWORD,
    PASSWORD,
    PASSWORD_PAGE,
    PROFILE,
    clear_limits,
    make_account,
    sign_in,
    signed_in,
    text,
)

pytestmark = pytest.mark.django_db


def test_a_citizen_changes_the_password_at_home_while_a_cafe_is_still_signed_in() -> None:
    clear_limits()
    memory.outbox.clear()
    sara, home, cafe = make_account(), Client(), Client()
    sign_in(cafe, sara)

    assert f'href="{LOGIN}"' in text(home.get("/"))
    assert sign_in(home, sara).headers["Location"] == PROFILE
    corner = text(home.get("/"))
    assert "سارا محمدی" in corner
    assert f'href="{PROFILE}"' in corner
    assert f'href="{PASSWORD_PAGE}"' in text(home.get(PROFILE))

    weak = home.post(PASSWORD_PAGE, {"current_password": PASSWORD, "password1": "12345678", "password2": "12345678"})
    assert weak.status_code == 200
    done = home.post(
        PASSWORD_PAGE, {"current_password": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )
    assert done.headers["Location"] == PROFILE
    assert signed_in(home)
    assert not signed_in(cafe)

    assert delivery.drain("texts") == 1
    assert [message.recipient for message in memory.outbox] == [sara.mobile]

    home.post(LOGOUT)
    assert not signed_in(home)
    assert sign_in(cafe, sara, PASSWORD).status_code == 200
    assert sign_in(cafe, sara, NEW_PASSWORD).status_code == 302
