"""Pages that wait for a code, and the recovery: when they end, and how somebody says to be still there."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from sms.models import OtpChallenge
from tests.accounts.helpers import LOGIN, PASSWORD, PROFILE, persian, text
from tests.accounts.recovery import recovering
from tests.accounts.recovery.recovering import begin, leads_to, make_protected, newest_run, to_answers, to_password
from tests.accounts.sign_in import new_device
from tests.clock import advance

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}
RECOVERY_STAY, SIGN_IN_STAY, STAY = "/accounts/recover/stay/", f"{LOGIN}code/stay/", "/accounts/stay/"
MOBILE, MOBILE_CODE = f"{PROFILE}mobile/", f"{PROFILE}mobile/code/"
HALF_AN_HOUR, FIVE_HOURS = 1800, 5 * 3600


def told(client: Client, page: str) -> tuple[int, int]:
    """The seconds that the page has: until it ends if nothing happens, and until it ends in any case."""
    [found] = re.findall('data-session="([0-9]+)" data-longest="([0-9]+)"', text(client.get(page)))
    return int(found[0]), int(found[1])


def near(seconds: tuple[int, int], idle: int, longest: int) -> bool:
    return 0 <= idle - seconds[0] <= 5 and 0 <= longest - seconds[1] <= 5


def wait_for_sign_in(client: Client, user: User) -> None:
    assert leads_to(new_device.give_password(client, user), new_device.CODE)


def wait_for_recovery(client: Client, user: User) -> None:
    begin(client, user.national_code)


WAYS = [
    pytest.param(wait_for_sign_in, new_device.CODE, SIGN_IN_STAY, id="sign-in"),
    pytest.param(wait_for_recovery, recovering.CODE, RECOVERY_STAY, id="recovery: code"),
    pytest.param(to_answers, recovering.ANSWERS, RECOVERY_STAY, id="recovery: answers"),
    pytest.param(to_password, recovering.NEW, RECOVERY_STAY, id="recovery: password"),
]


@pytest.mark.parametrize(("reach", "page", "stay"), WAYS)
def test_each_page_knows_its_end_and_who_stays_puts_it_off(
    client: Client, reach: Callable[[Client, User], None], page: str, stay: str
) -> None:
    reach(client, make_protected())
    assert near(told(client, page), HALF_AN_HOUR, FIVE_HOURS)
    assert f'action="{stay}"' in text(client.get(page))
    advance(minutes=28)
    assert near(told(client, page), 120, FIVE_HOURS - 28 * 60)
    answer = client.post(stay, headers=JSON).json()
    assert near((answer["seconds"], answer["longest"]), HALF_AN_HOUR, FIVE_HOURS - 28 * 60)
    assert leads_to(client.post(stay), page)
    advance(minutes=29)
    assert client.get(page).status_code == 200
    advance(minutes=2)
    assert client.get(page).status_code == 302


@pytest.mark.parametrize(("reach", "page", "stay"), WAYS)
def test_nobody_stays_for_more_than_five_hours(
    client: Client, reach: Callable[[Client, User], None], page: str, stay: str
) -> None:
    reach(client, make_protected())
    for _ in range(11):
        advance(minutes=25)
        assert client.post(stay, headers=JSON).status_code == 200
    advance(minutes=24)
    assert near(told(client, page), 60, 60)
    advance(minutes=1)
    assert client.post(stay, headers=JSON).status_code == 302
    assert client.get(page).status_code == 302


@pytest.mark.parametrize(("stay", "start"), [(SIGN_IN_STAY, LOGIN), (RECOVERY_STAY, recovering.START)])
def test_it_is_a_post_of_who_waits(client: Client, stay: str, start: str) -> None:
    assert client.get(stay).status_code == 405
    assert leads_to(client.post(stay, headers=JSON), start)
    assert not client.session.keys()


def test_what_has_ended_does_not_begin_again_by_staying(client: Client) -> None:
    to_answers(client, make_protected())
    advance(minutes=31)
    assert client.post(RECOVERY_STAY, headers=JSON).status_code == 302
    assert client.get(recovering.ANSWERS).status_code == 302


def test_who_stayed_sets_the_new_password(client: Client) -> None:
    user = make_protected()
    to_password(client, user)
    advance(minutes=29)
    client.post(RECOVERY_STAY)
    advance(minutes=29)
    assert leads_to(recovering.choose(client), recovering.DONE)
    assert newest_run().ended_at


def test_staying_in_the_account_puts_off_what_waits_for_a_code_there(client: Client) -> None:
    user = make_protected()
    new_device.first_sign_in(client, user)
    assert leads_to(client.post(MOBILE, {"mobile": "09970000555", "current_password": PASSWORD}), MOBILE_CODE)
    for _ in range(3):
        advance(minutes=13)
        client.post(STAY, headers=JSON)
    assert client.get(MOBILE_CODE).status_code == 200
    newest = OtpChallenge.objects.latest("pk")
    assert newest.began_at > newest.created_at


def test_a_new_mobile_that_waited_too_long_is_told_so(client: Client) -> None:
    user = make_protected()
    new_device.first_sign_in(client, user)
    client.post(MOBILE, {"mobile": "09970000555", "current_password": PASSWORD})
    for _ in range(3):
        advance(minutes=13)
        client.get(PROFILE)  # a sign of life of the session, not of the code
    assert leads_to(client.get(MOBILE_CODE), MOBILE)
    assert persian("Your time has run out. Please begin again.") in text(client.get(MOBILE))
