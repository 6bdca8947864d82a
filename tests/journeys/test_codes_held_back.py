"""Two codes to one phone within two minutes: the second waits, on its own page, and nothing is typed twice."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from sms.models import Message, OtpChallenge
from tests.accounts.helpers import LOGIN, PASSWORD, persian
from tests.accounts.recovery.recovering import begin, code_on_phone, make_protected
from tests.clock import advance
from tests.people import national_code
from tests.registration.wizard.walking import errors, text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
CODE, RESEND = "/accounts/login/code/", "/accounts/login/code/resend/"
RECOVER_CODE, RECOVER_RESEND = "/accounts/recover/code/", "/accounts/recover/code/resend/"
HELD = persian("The code has not been sent yet")


def enter(client: Client, user: Any) -> Any:
    return client.post(LOGIN, {"national_code": user.national_code, "password": PASSWORD})


def test_the_right_password_on_a_second_browser_opens_the_page_of_the_code(new_client: NewClient) -> None:
    user, first, second = make_protected(), new_client(), new_client()
    assert enter(first, user).headers["Location"] == CODE
    assert enter(second, user).headers["Location"] == CODE
    assert HELD not in text(first.get(CODE))
    page = text(second.get(CODE))
    assert HELD in page
    assert 'data-resend="120"' in page
    assert page.index(RESEND) < page.index("data-otp")
    assert Message.objects.count() == 1
    second.post(RESEND)  # too early
    assert HELD in text(second.get(CODE))
    advance(minutes=2, seconds=1)
    second.post(RESEND)
    assert HELD not in text(second.get(CODE))
    assert Message.objects.count() == 2
    assert second.post(CODE, {"code": code_on_phone(user)}).status_code == 302
    assert "_auth_user_id" in second.session


@pytest.mark.parametrize("known", [True, False])
def test_recovery_holds_it_back_alike_whether_there_is_an_account_or_not(new_client: NewClient, known: bool) -> None:
    code = make_protected().national_code if known else national_code(77)
    first, second = new_client(), new_client()
    begin(first, code)
    assert begin(second, code).headers["Location"] == RECOVER_CODE
    assert HELD in text(second.get(RECOVER_CODE))
    assert "code" in errors(second.post(RECOVER_CODE, {"code": "123456"}))
    advance(minutes=2, seconds=1)
    second.post(RECOVER_RESEND)
    assert HELD not in text(second.get(RECOVER_CODE))
    assert Message.objects.count() == 2
    assert [challenge.attempts for challenge in OtpChallenge.objects.order_by("pk")] == [0, 1]


def test_a_longer_wait_is_told_where_it_was_met(new_client: NewClient, settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(1, 120), (1, 900)]
    user = make_protected()
    enter(new_client(), user)
    advance(minutes=3)
    refused = enter(new_client(), user)
    assert refused.status_code == 429
    assert user.national_code in text(refused)


def test_held_codes_are_counted_by_address(client: Client, settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED_PER_IP = [(2, 300)]
    code = national_code(78)
    answers = []
    for _ in range(4):
        client.cookies.clear()
        answers.append(begin(client, code).status_code)
    assert answers == [302, 302, 302, 429]
