"""What the page of a code tells, read with the row or afterwards: the same."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from sms.otp import asked
from sms.otp import challenge as otp
from sms.otp.asked import Asked
from tests import clock
from tests.registration.wizard.walking import Citizen, contact
from tests.sms.otp.challenges import right_code

pytestmark = pytest.mark.django_db

ME = Citizen(461)


@pytest.fixture
def read(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> Callable[[], Asked]:
    contact(client, ME)

    def read() -> Asked:
        columns = asked.columns(OtpChallenge.Purpose.REGISTRATION, "challenge")
        with django_assert_num_queries(1):
            row = RegistrationRequest.objects.select_related("challenge").annotate(**columns).get()
            together = asked.of(row.challenge, row)
        if row.challenge.confirmed_at is None:
            assert asked.of(row.challenge, row.challenge) == together
        return together

    return read


def test_the_button_waits_and_a_call_is_offered_after_three(read: Callable[[], Asked], settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(1, 120), (9, 3600)]
    challenge = OtpChallenge.objects.get()
    assert read() == (120, False, "")
    clock.advance(seconds=90)
    assert read() == (30, False, "")
    clock.advance(seconds=30)
    assert read() == (0, False, "")
    otp.resend(challenge, "198.51.100.7")
    clock.advance(seconds=119)
    assert read() == (1, False, "")
    clock.advance(seconds=1)
    otp.resend(challenge, "198.51.100.7")
    assert read() == (120, True, "")
    clock.advance(minutes=59)
    assert read() == (0, False, ""), "the first two were sent more than an hour ago"


def test_where_two_are_allowed_in_the_gap_the_second_decides(read: Callable[[], Asked], settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(2, 120), (9, 3600)]
    assert read() == (0, False, "")
    clock.advance(seconds=50)
    otp.resend(OtpChallenge.objects.get(), "198.51.100.7")
    assert read() == (70, False, "")


def test_of_a_confirmed_challenge_nothing_is_asked(read: Callable[[], Asked]) -> None:
    challenge = OtpChallenge.objects.get()
    otp.confirm(challenge, right_code(challenge))
    assert read() == (0, False, "")
