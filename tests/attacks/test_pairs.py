"""No wait tells whose mobile it is: recovery and registration behave as for numbers that nobody knows."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sms.models import Message, OtpChallenge
from tests import clock
from tests.accounts.acts import MOBILE, MOBILE_CODE, PROVED
from tests.accounts.helpers import make_account, sign_in
from tests.accounts.recovery.recovering import CODE, RESEND, begin, code_on_phone, make_protected, phone, wrong_code
from tests.people import national_code
from tests.registration.wizard.walking import ACTIVATION, WIZARD, Citizen, contact, send

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]


def seen(response: Any) -> tuple[int, str, str, str]:
    """What a stranger sees of an answer: status, where it leads, the wait, the page without tokens and its seconds."""
    of_the_moment = r'value="[^"]{64}"|nonce-[^"]+|data-(session|longest)="\d+"'
    page = re.sub(of_the_moment, "", response.content.decode())
    return response.status_code, response.headers.get("Location", ""), response.headers.get("Retry-After", ""), page


def recovering(browser: Client, code: str) -> list[tuple[int, str, str, str]]:
    """All that a recovery shows up to its code."""
    return [seen(begin(browser, code)), seen(browser.get(CODE)), seen(browser.post(RESEND)), seen(browser.get(CODE))]


def masked(answers: list[tuple[int, str, str, str]], code: str) -> list[tuple[int, str, str, str]]:
    return [(status, to, wait, page.replace(code, "…")) for status, to, wait, page in answers]


def compare(new_client: NewClient, known: str) -> None:
    unknown = national_code(799)
    assert masked(recovering(new_client(), known), known) == masked(recovering(new_client(), unknown), unknown)


def test_a_text_to_the_mobile_does_not_show_in_a_recovery(new_client: NewClient) -> None:
    user = make_protected(721)
    assert contact(new_client(), Citizen(722), mobile=user.local_mobile).status_code == 302
    clock.advance(seconds=50)

    compare(new_client, user.national_code)

    assert len(phone(user)) == 1, "the gap holds"
    clock.advance(seconds=70)
    assert len(phone(user)) == 2, "and the code leaves after it"


def test_a_recovery_does_not_show_in_a_registration_with_its_mobile(new_client: NewClient) -> None:
    user = make_protected(723)
    begin(new_client(), user.national_code)
    clock.advance(seconds=20)

    ours = contact(browser := new_client(), Citizen(724), mobile=user.local_mobile)
    others = contact(other := new_client(), Citizen(725))

    assert seen(ours) == seen(others)
    pages = [seen(one.get(WIZARD))[3] for one in (browser, other)]
    assert pages[0].count('data-resend="120"') == pages[1].count('data-resend="120"') == 1
    assert len(phone(user)) == 1, "the gap holds"


def test_a_whole_day_of_texts_to_the_mobile_does_not_show_in_a_recovery(new_client: NewClient) -> None:
    user = make_protected(726)
    for number in range(16):
        clock.advance(minutes=3)
        assert contact(new_client(), Citizen(740 + number), mobile=user.local_mobile).status_code == 302
        phone(user)
    clock.advance(minutes=3)

    compare(new_client, user.national_code)

    assert len(phone(user)) == 16


def test_wrong_registration_codes_for_the_mobile_do_not_show_in_a_recovery(new_client: NewClient) -> None:
    user = make_protected(727)
    for number in range(3):
        browser, person = new_client(), Citizen(760 + number)
        contact(browser, person, mobile=user.local_mobile)
        for step in range(1, 6):
            code = wrong_code(person.national_code, step)
            assert send(browser, ACTIVATION, {"code": code}).status_code == 200
        phone(user)
        clock.advance(minutes=16)

    compare(new_client, user.national_code)
    assert len(phone(user)) == 3

    waiting = new_client()
    clock.advance(minutes=3)
    begin(waiting, user.national_code)
    newest = Message.objects.filter(purpose="recovery").latest("pk")
    assert newest.state == "cancelled"
    assert waiting.post(CODE, {"code": "123456"}).status_code == 200


def test_wrong_codes_that_stop_a_mobile_while_a_recovery_waits_are_not_told(new_client: NewClient) -> None:
    user = make_protected(728)
    waiting = new_client()
    begin(waiting, user.national_code)
    right = code_on_phone(user)
    for number in range(3):
        clock.advance(minutes=2)
        browser, person = new_client(), Citizen(770 + number)
        contact(browser, person, mobile=user.local_mobile)
        for step in range(1, 6):
            send(browser, ACTIVATION, {"code": wrong_code(person.national_code, step)})

    answer = waiting.post(CODE, {"code": right})

    assert answer.status_code == 200
    assert "کد وارد شده معتبر نمی‌باشد" in answer.content.decode()


@pytest.mark.parametrize("exists", [True, False])
def test_recoveries_of_a_national_code_wait_alike_whether_it_is_known_or_not(
    new_client: NewClient, exists: bool
) -> None:
    code = make_protected(729).national_code if exists else national_code(730)
    waits = []
    for _ in range(12):
        answer = begin(new_client(), code)
        waits.append((answer.status_code, answer.headers.get("Retry-After")))
        clock.advance(minutes=3)
    assert waits == [
        *[(302, None)] * 3,
        *[(429, str(wait)) for wait in (360, 180)],
        *[(302, None)] * 2,
        *[(429, str(3600 - wait * 180)) for wait in range(7, 12)],
    ]


def changing(browser: Client, mobile: str) -> list[tuple[int, str, str, str]]:
    """All that a change of the mobile shows up to its code, asked by an account of the stranger's own."""
    asked = PROVED | {"mobile": mobile}
    pages = [seen(browser.post(MOBILE, asked)), seen(browser.get(MOBILE_CODE))]
    return [*pages, seen(browser.post(f"{MOBILE_CODE}resend/")), seen(browser.get(MOBILE_CODE))]


def ask_a_change(browser: Client, mobile: str, wrong: int = 0) -> None:
    assert browser.post(MOBILE, PROVED | {"mobile": mobile}).status_code == 302
    for step in range(1, wrong + 1):
        code = wrong_code(OtpChallenge.objects.latest("pk").national_code, step)
        assert browser.post(MOBILE_CODE, {"code": code}).status_code == 200


@pytest.mark.parametrize("wrong", [0, 3])
def test_what_a_mobile_got_for_others_does_not_show_in_a_change_to_it(new_client: NewClient, wrong: int) -> None:
    known, unknown = "09970000781", "09970000782"
    others = [new_client() for _ in range(4)]
    for number, browser in enumerate(others):
        sign_in(browser, make_account(731 + number))
    for _ in range(4):
        for browser in others:
            ask_a_change(browser, known, wrong)
            clock.advance(minutes=17)
    ask_a_change(others[0], known)
    clock.advance(seconds=50)
    answers = []
    with time_machine.travel(timezone.now(), tick=False):  # pages tell how long the session lasts
        for number, mobile in ((741, known), (742, unknown)):
            sign_in(browser := new_client(), make_account(number))
            answers.append(masked(changing(browser, mobile), mobile[-4:]))

    assert answers[0] == answers[1]


def test_wrong_codes_of_another_person_with_the_same_mobile_do_not_stop_a_registration(new_client: NewClient) -> None:
    """They are counted for the mobile, and told to whoever registers with it."""
    mobile = "09970000799"
    for number in range(3):
        browser, person = new_client(), Citizen(780 + number)
        contact(browser, person, mobile=mobile)
        for step in range(1, 6):
            send(browser, ACTIVATION, {"code": wrong_code(person.national_code, step)})
        clock.advance(minutes=16)
    assert contact(new_client(), Citizen(790), mobile=mobile).status_code == 429
