"""A code that is tried in vain: how many tries are left, and at the last one what to do now."""

import pytest
from django.test import Client

from sms.models import OtpChallenge
from tests.accounts.helpers import persian
from tests.accounts.recovery.recovering import begin as recover
from tests.clock import advance
from tests.registration.wizard.walking import (
    ACTIVATION,
    IDENTITY,
    RESEND,
    WIZARD,
    Citizen,
    activate,
    contact,
    errors,
    open_step,
    send,
    text,
    to_activation,
    wrong_code,
)

pytestmark = pytest.mark.django_db

NARGES = Citizen(463)
WRONG = "کد وارد شده معتبر نمی‌باشد"
DEAD = persian("This code is no longer accepted; press “Send the code again”.")
ASK = persian("This code is not accepted any more")


def try_wrong(client: Client) -> list[str]:
    return errors(send(client, ACTIVATION, {"code": wrong_code(NARGES)}))["code"]


def test_the_last_tries_are_told_and_the_fifth_says_at_once_that_the_code_is_dead(client: Client) -> None:
    to_activation(client, NARGES)
    assert [try_wrong(client) for _ in range(5)] == [
        [WRONG],
        [WRONG],
        [WRONG, "۲ بار دیگر می‌توانید تلاش کنید."],
        [WRONG, "۱ بار دیگر می‌توانید تلاش کنید."],
        [WRONG, DEAD],
    ]


def test_asking_for_another_one_is_then_the_main_button(client: Client) -> None:
    to_activation(client, NARGES)
    assert text(client.get(WIZARD)).index("data-otp") < text(client.get(WIZARD)).index(RESEND)
    for _ in range(5):
        try_wrong(client)
    page = text(client.get(WIZARD))
    assert ASK in page
    assert page.index(RESEND) < page.index("data-otp")
    assert 'data-resend="120"' in page
    assert "۱۲۰ ثانیه" in page  # for who has no script
    advance(minutes=2, seconds=1)
    assert "data-wait" not in text(client.get(WIZARD))
    client.post(RESEND)
    assert ASK not in text(client.get(WIZARD))
    activate(client, NARGES)
    assert open_step(client) == IDENTITY


def test_a_code_whose_time_has_passed_is_dead_as_well(client: Client) -> None:
    to_activation(client, NARGES)
    advance(minutes=11)
    assert ASK in text(client.get(WIZARD))
    contact(client, NARGES)
    assert ASK not in text(client.get(WIZARD))


def test_recovery_tells_the_same_of_a_code_that_nobody_has(client: Client) -> None:
    recover(client, NARGES.national_code)
    address = "/accounts/recover/code/"
    told = [errors(client.post(address, {"code": "123456"}))["code"] for _ in range(5)]
    assert told[2] == [WRONG, "۲ بار دیگر می‌توانید تلاش کنید."]
    assert told[4] == [WRONG, DEAD]
    assert ASK in text(client.get(address))
    assert OtpChallenge.objects.get().attempts == 5
