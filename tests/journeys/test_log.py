"""Whole journeys as operators read them in the log: every event is told, and nobody is named."""

import re
from io import StringIO

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Device, User
from infra import security_log
from tests.accounts import helpers
from tests.accounts.recovery import recovering
from tests.accounts.sign_in import new_device
from tests.clock import advance
from tests.people import national_code
from tests.registration.desk import factor
from tests.registration.wizard.test_session_scan import found

pytestmark = pytest.mark.django_db

OWNER = {"first_name": "پوراندخت", "last_name": "کلباسی", "email": "pouran@example.com"}
SECRETS = (helpers.PASSWORD, helpers.NEW_PASSWORD, helpers.WRONG, *recovering.RIGHT, *OWNER.values())


def events(log: StringIO, *, request: bool = False) -> list[str]:
    """The lines of the security log without time, level and name; without the request's id and fingerprints, too."""
    told = [line.partition("infra.security_log ")[2] for line in log.getvalue().splitlines() if "security_log" in line]
    return (
        told if request else [re.sub(r"^\[[0-9a-f]{16}\] | (address|account)=[0-9a-f]{16}", "", line) for line in told]
    )


def names_nobody(log: StringIO, user: User, *more: str) -> None:
    mobiles = (user.mobile, user.mobile[1:], user.mobile[3:], f"0{user.mobile[3:]}")
    for secret in (user.national_code, *mobiles, *SECRETS, *more):
        assert not found(secret, log.getvalue()), secret


def test_an_account_from_the_first_sign_in_to_a_recovery(client: Client, log: StringIO) -> None:
    user = recovering.make_protected(61, recovering.RIGHT, **OWNER)
    helpers.sign_in(client, user, helpers.WRONG, known=False)
    new_device.give_password(client, user)
    client.post(new_device.CODE, {"code": recovering.wrong_code(user)})
    new_device.give_code(client, user)
    code = recovering.code_on_phone(user)
    client.post(helpers.LOGOUT)
    advance(minutes=16)
    recovering.begin(client, user.national_code)
    recovering.prove(client, user)
    recovering.answer(client, recovering.WRONG_ANSWERS)
    recovering.answer(client, recovering.RIGHT)
    recovering.choose(client)

    assert events(log) == [
        "password outcome=wrong device=unknown area=portal",
        "password outcome=right device=unknown area=portal",
        "code purpose=device outcome=sent area=portal",
        "code purpose=device outcome=wrong area=portal",
        "code purpose=device outcome=confirmed area=portal",
        "device outcome=remembered area=portal",
        "sign-in outcome=signed-in by=device area=portal",
        "sign-out area=portal",
        "code purpose=recovery outcome=sent area=portal",
        "recovery outcome=begun area=portal",
        "code purpose=recovery outcome=confirmed area=portal",
        "recovery outcome=wrong-answers area=portal",
        "recovery outcome=right-answers area=portal",
        "recovery outcome=password-set area=portal",
    ]
    account = f"account={security_log.fingerprint('account', user.national_code)}"
    assert all(line.endswith(account) for line in events(log, request=True))
    names_nobody(log, user, code, "192.0.2.1", "198.18.0.1")


def test_a_device_that_is_signed_out(client: Client, log: StringIO) -> None:
    user = helpers.make_account(65)
    helpers.sign_in(client, user)
    client.post(f"{helpers.PROFILE}devices/{Device.objects.get().pk}/sign-out/", {"current_password": helpers.PASSWORD})
    assert events(log, request=True)[-1].endswith(f"account={security_log.fingerprint('account', user.national_code)}")
    assert events(log)[-1] == "device outcome=signed-out area=portal"


def test_an_attack_on_somebody_who_has_no_account(client: Client, log: StringIO) -> None:
    """It is followed by the same fingerprint as one on an account, and by the attacker's."""
    code = national_code(62)
    for _ in range(6):
        helpers.sign_in(client, code, helpers.WRONG)
    told = events(log, request=True)
    account, address = (
        security_log.fingerprint(kind, value) for kind, value in (("account", code), ("address", "192.0.2.1"))
    )
    assert len(told) == 6
    assert all(line.endswith(f"address={address} account={account}") for line in told)
    assert re.match(r"\[[0-9a-f]{16}\] limit rule=sign-in-national-code wait=[0-9]+ ", told[-1])
    assert len({line[:18] for line in told}) == 6
    assert not found(code, log.getvalue())


def test_the_desks_sign_in(client: Client, log: StringIO, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    clerk = helpers.make_account(64, is_staff=True)
    app = factor.set_up_app(clerk)
    client.post(factor.LOGIN, {"username": clerk.national_code, "password": helpers.WRONG})
    factor.give_password(client, clerk)
    wrong = f"{(int(app(0)) + 1) % 10**6:06}"
    factor.give_code(client, wrong)
    factor.give_code(client, app(0))
    client.post("/desk/logout/")
    client.post("/desk/logout/")  # nobody is signed in any more
    assert events(log)[-6:] == [
        "password outcome=wrong device=unknown area=desk",
        "password outcome=right device=unknown area=desk",
        "second-factor outcome=wrong area=desk",
        "second-factor outcome=right area=desk",
        "sign-in outcome=signed-in by=second-factor area=desk",
        "sign-out area=desk",
    ]
    for secret in (clerk.national_code, clerk.last_name, helpers.PASSWORD, helpers.WRONG, wrong, app(0)):
        assert not found(secret, log.getvalue()), secret


def test_one_id_joins_the_lines_of_a_request(client: Client, log: StringIO) -> None:
    user = helpers.make_account(63)
    response = helpers.sign_in(client, user)
    ids = {line[1:17] for line in events(log, request=True)}
    assert ids == {response.headers["X-Request-ID"]}
    client.get("/no/such/page/", headers={"x-request-id": "forged"})
    assert "forged" not in log.getvalue()
