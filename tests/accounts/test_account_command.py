"""`manage.py account`: what a branch asks an operator for."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Device, User
from tests.accounts.helpers import make_account, persian, sign_in, signed_in
from tests.accounts.recovery.recovering import RIGHT, START, answer, leads_to, make_protected, phone, to_answers

pytestmark = pytest.mark.django_db


def act(user: User, *options: str) -> User:
    call_command("account", user.national_code, *options, stdout=StringIO())
    return User.objects.get(pk=user.pk)


def test_who_lost_the_phone_gets_another_number_after_the_documents(client: Client) -> None:
    user = make_protected()
    sign_in(client, user)
    assert act(user, "--mobile", "۰۹۹۷ ۰۰۷ ۷۷۷۷").mobile == "+989970077777"
    assert not signed_in(client)
    assert not Device.objects.exists()
    assert phone(user) == [persian("The mobile number of your account has been changed. If it was not you, call 1420.")]


def test_a_disabled_account_is_closed_until_it_is_enabled(client: Client) -> None:
    user = make_account()
    sign_in(client, user)
    assert not act(user, "--disable").is_active
    assert act(user, "--enable").is_active
    assert not signed_in(client)
    sign_in(client, user)
    assert signed_in(client)


def test_sessions_and_all_that_is_under_way_are_ended(client: Client) -> None:
    user, thief = make_protected(), Client()
    sign_in(client, user)
    to_answers(thief, user)
    act(user, "--end-sessions")
    assert not signed_in(client)
    assert not Device.objects.exists()
    assert leads_to(answer(thief, RIGHT), START)


def test_what_cannot_be_done_is_said() -> None:
    user, never = make_account(), make_account(2, is_active=False, activated_at=None)
    for account, options in ((user, ["--mobile", "0912"]), (never, ["--enable"]), (user, [])):
        with pytest.raises(CommandError):
            act(account, *options)
    assert User.objects.get(pk=user.pk).mobile == user.mobile
