"""Authlib's own client, with a secret in the header."""

from typing import Any

import pytest
from django.test import Client

from tests.sso.foreign.shared import BYE, configuration, through_the_portal
from tests.sso.relying import BACK, SECRET

pytestmark = pytest.mark.django_db(transaction=True)


def test_authlib(browser: Client, registered: Any) -> None:
    registered(BACK, "client_secret_basic")
    service: dict[str, Any] = {}
    exec(configuration("python", 2, {"svc-…": "svc-foreign", "the secret": SECRET}), service)  # noqa: S102
    address, kept = service["start"]()
    tokens, claims, told = service["back"](through_the_portal(browser, address), kept)
    assert (claims["amr"], told["name"], told["birthdate"]) == (["pwd", "sms", "mfa"], "سارا محمدی", "1990-01-02")
    with pytest.raises(Exception, match="invalid_grant"):
        service["back"](through_the_portal(browser, address), {**kept, "code_verifier": "w" * 43})
    assert through_the_portal(browser, service["leave"](tokens)) == BYE
    assert browser.get("/accounts/profile/").status_code == 302
