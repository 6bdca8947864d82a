"""The form that asks for a code: what counts as six digits, what each refusal says, and what it costs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils.functional import lazystr
from django.utils.translation import override

from sms.models import OtpChallenge
from sms.otp import tries
from sms.otp.form import OtpForm, code_page, confirm_or_refuse
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import begin, right_code, wrong_code

pytestmark = pytest.mark.django_db

WRONG = ("The code entered is not valid", "wrong")
DEAD = ("This code is no longer accepted; press “Send the code again”.", "dead")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


def refusal(challenge: OtpChallenge, typed: str) -> list[tuple[str, str]]:
    """What the form says, with the codes of its messages."""
    form = OtpForm({"code": typed}, challenge=challenge)
    assert not form.is_valid()
    return [(error["message"], error["code"]) for error in form.errors.get_json_data()["code"]]


def attempts() -> int:
    return OtpChallenge.objects.get().attempts


def test_the_right_code_is_taken_as_people_type_it_and_becomes_ascii() -> None:
    challenge = begin()
    code = right_code(challenge)
    persian = code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    for typed in (code, persian, f" {persian[:3]} - {persian[3:]} "):
        form = OtpForm({"code": typed}, challenge=challenge)
        assert form.is_valid(), form.errors
        assert form.cleaned_data == {"code": code}
    assert attempts() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", ("Enter the code from the text message", "required")),
        ("12345a", ("The code must contain digits only", "digits")),
        ("کد", ("The code must contain digits only", "digits")),
        ("12345", ("The code has 6 digits", "length")),
        ("1234567", ("The code has 6 digits", "length")),
        (" - ", ("The code has 6 digits", "length")),
    ],
)
def test_what_is_no_code_is_said_and_costs_no_try(typed: str, said: tuple[str, str]) -> None:
    assert refusal(begin(), typed) == [said]
    assert attempts() == 0


def test_a_wrong_code_costs_a_try() -> None:
    challenge = begin()
    assert refusal(challenge, wrong_code(challenge)) == [WRONG]
    assert attempts() == 1


def test_who_has_no_try_left_or_comes_late_is_told_what_helps() -> None:
    challenge = begin()
    told = [refusal(challenge, wrong_code(challenge, step)) for step in range(1, 6)]
    assert told[:2] == [[WRONG]] * 2
    assert told[2:4] == [
        [WRONG, ("You can try 2 more times.", "tries-left")],
        [WRONG, ("You can try 1 more time.", "tries-left")],
    ]
    assert told[4] == [WRONG, DEAD]
    assert refusal(challenge, right_code(challenge)) == [WRONG, DEAD]

    OtpChallenge.objects.update(attempts=0)
    clock.advance(minutes=11)
    assert refusal(challenge, right_code(challenge)) == [WRONG, DEAD]


def test_another_form_says_it_in_words_of_its_own() -> None:
    challenge = begin()
    code, digits, length = right_code(challenge), lazystr("only digits"), lazystr("six of them")
    assert confirm_or_refuse(challenge, code, digits=digits, length=length) == code
    for typed, said in (("x", "only digits"), ("1", "six of them")):
        with pytest.raises(ValidationError, match=said):
            confirm_or_refuse(challenge, typed, digits=digits, length=length)


def test_who_gave_too_many_wrong_codes_is_told_how_long_to_wait() -> None:
    challenges = []
    for number in range(1, 5):
        challenges.append(begin(national_code=national_code(number)))
        clock.advance(seconds=121)
    for challenge in challenges[:3]:
        for step in range(1, 6):
            refusal(challenge, wrong_code(challenge, step))
    said = refusal(challenges[3], right_code(challenges[3]))
    assert said == [("Too many tries. You can try again in 24 hours.", "limit")]


def test_what_was_read_with_the_challenge_is_not_read_again(django_assert_num_queries: Callable[[int], Any]) -> None:
    one, other = begin(), begin(mobile="+989120000002", national_code=national_code(2))
    seen, digits, length = tries.look(one), lazystr("only digits"), lazystr("six of them")
    with django_assert_num_queries(1):
        confirm_or_refuse(one, right_code(one), seen, digits=digits, length=length)
    with django_assert_num_queries(2):
        confirm_or_refuse(other, right_code(other), digits=digits, length=length)


def test_the_page_says_how_long_the_code_lives_and_when_another_may_be_asked_for() -> None:
    challenge = begin()
    begin(mobile="+989120000002", national_code=national_code(2))
    clock.advance(seconds=100)

    shown: dict[str, object] = {"resend_after": 20, "code_minutes": 10, "is_dead": False, "is_held": False}
    shown |= {"may_call": False, "arrival": ""}
    challenge.refresh_from_db()
    page = code_page(challenge, SessionBase())
    left, longest = page.pop("proof_left")
    assert page == shown
    assert str(page["code_minutes"]) == "10", "as the page writes it"
    assert 0 <= 30 * 60 - 100 - left <= 60
    assert longest - left == 270 * 60
    clock.advance(seconds=20)
    assert code_page(challenge, SessionBase())["resend_after"] == 0
