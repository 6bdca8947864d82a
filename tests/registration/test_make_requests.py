"""manage.py make_requests: made-up requests in every status, whole; and where it refuses."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import AccountEvent, Branch, StaffEvent, User
from iran.numbers import normalise_national_code
from registration.lifecycle import tracking_code
from registration.management.made_up import histories, people, rows
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message, OtpChallenge
from tests.accounts import helpers
from tests.people import national_code
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db


def make(number: int) -> str:
    told = StringIO()
    call_command("make_requests", str(number), stdout=told, stderr=StringIO())
    return told.getvalue()


def test_all_that_a_desk_meets_is_made_and_each_row_is_whole() -> None:
    """The database's constraints look at every row."""
    assert make(1000) == "made 1000; there are 1000 of them now\n"
    made = RegistrationRequest.objects.all()
    assert {one.status for one in made} == {one.status for one in histories.EVERY}
    assert all(tracking_code.is_well_formed(one.tracking_code or "") for one in made)
    assert all(normalise_national_code(one.national_code)[3:6] == "999" for one in made)
    assert {event.kind for event in RequestEvent.objects.all()} >= {"viewed", "first_word", "second_word", "capped"}
    accounts = User.objects.filter(is_staff=False)
    assert accounts.count() == made.filter(status="activated").count() > 700
    assert AccountEvent.objects.count() > 30
    assert not accounts.exclude(password=rows.HASH).exists()
    assert set(Message.objects.values_list("state", flat=True)) >= {"delivered", "undelivered"}
    assert OtpChallenge.objects.count() == 1000
    assert Branch.objects.values("province").distinct().count() == 31
    assert StaffEvent.objects.count() == 2 * User.objects.filter(is_staff=True).count() == 310


def test_a_second_run_adds_other_people_and_the_same_staff() -> None:
    make(40)
    staff = User.objects.filter(is_staff=True).count()
    assert make(30) == "made 30; there are 70 of them now\n"
    assert RegistrationRequest.objects.values("national_code").distinct().count() == 70
    assert User.objects.filter(is_staff=True).count() == staff


def test_nobody_who_is_there_gets_a_double() -> None:
    """A person of the demo, and one of the staff, whose codes are made up as well."""
    helpers.make_account(0, national_code=people.national_code(3), is_staff=True)
    make(10)
    assert not RegistrationRequest.objects.filter(national_code=people.national_code(3)).exists()


def test_made_up_people_are_numbered_as_those_of_the_tests() -> None:
    assert people.national_code(17_042) == national_code(42, 17)


@pytest.mark.parametrize(
    "unsafe",
    [
        {"SMS_BACKEND": ["kavenegar"]},
        {"SMS_BACKEND": ["handset", "kavenegar"]},
        {"IDENTITY_BACKEND": "jibit"},
        {"REFERENCE_REGISTRY_IS_REAL": True},
    ],
)
def test_it_refuses_where_people_are_reached_or_known(unsafe: dict[str, object], settings: Settings) -> None:
    for name, value in unsafe.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match="to try things with"):
        make(10)
    assert not RegistrationRequest.objects.exists()


def test_it_refuses_where_somebody_real_is() -> None:
    real = make_request(1, national_code="0084575948")
    with pytest.raises(CommandError, match="not made up"):
        make(10)
    assert list(RegistrationRequest.objects.all()) == [real]


@pytest.mark.parametrize("number", [0, -1, 10_000_001])
def test_how_many_can_be_made(number: int) -> None:
    with pytest.raises(CommandError, match="can be made"):
        call_command("make_requests", number)
