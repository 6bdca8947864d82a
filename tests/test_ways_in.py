"""There are as many ways to prove who one is as docs/security/authentication.md names, each in its module."""

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.test import Client

from accounts.models import User
from accounts.passwords.hasher import PortalArgon2
from tests.accounts.helpers import PASSWORD, make_account, sign_in, signed_in
from tests.source_code import APPS, module, sources
from tests.test_dangerous_calls import calls


def callers(*names: str) -> set[str]:
    """Modules that call one of these functions, whatever it is called on."""
    return {module(path) for path in sources(*APPS) for name, _ in calls(path) if name.rpartition(".")[2] in names}


def whole(*names: str) -> set[str]:
    return {module(path) for path in sources(*APPS) for name, _ in calls(path) if name in names}


def test_passwords_are_compared_in_one_module() -> None:
    assert callers("check_password") == {
        "accounts.sign_in.gate",
        "accounts.passwords.form",  # whether a new password is the present one
        "accounts.questions.answers",  # answers to security questions are hashed the same way
        "registration.management.commands.prepare",  # the demo clerk's
    }
    assert callers("authenticate", "check_password_with_timing") == set()


def test_sessions_begin_in_one_module_after_a_proof() -> None:
    assert whole("login", "auth.login", "force_login") == {"accounts.sign_in.sessions"}
    assert whole("sessions.begin") == {
        "accounts.sign_in.views",  # a known device, or staff without a mobile
        "accounts.sign_in.device_code",  # after the code
        "registration.desk.sign_in",  # after the app's code
    }


def test_codes_are_compared_in_one_module_each() -> None:
    assert callers("derive") == {"sms.outbox.delivery"}  # which sends it
    assert whole("codes.matches", "matches") == {"sms.otp.challenge"}
    assert callers("hotp") == {"accounts.sign_in.totp"}


@pytest.mark.django_db
def test_nobody_has_an_account_before_somebody_makes_one() -> None:
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_password_is_good_for_as_long_as_it_is_not_changed(client: Client) -> None:
    with time_machine.travel(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), tick=False) as traveller:
        user = make_account()
        traveller.shift(dt.timedelta(days=3650))
        sign_in(client, user)
        assert signed_in(client)


@pytest.mark.django_db
def test_a_hash_of_older_parameters_is_made_anew_at_the_next_right_password(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(PortalArgon2, "memory_cost", 1024)
        user = make_account()
    assert "m=1024," in user.password

    sign_in(client, user, PASSWORD + "x")
    user.refresh_from_db()
    assert "m=1024," in user.password
    sign_in(client, user)
    user.refresh_from_db()

    assert f"m={PortalArgon2.memory_cost}," in user.password
    assert check_password(PASSWORD, user.password)
