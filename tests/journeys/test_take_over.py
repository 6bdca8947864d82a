"""Somebody tries to take an account over, and its owner answers in time: whatever was under way leads nowhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client

from accounts.models import Device, User
from tests.accounts import acts
from tests.accounts.acts import BY_OTHERS, BY_THE_OWNER, Act
from tests.accounts.helpers import LOGIN, PASSWORD, PROFILE, make_account, persian, signed_in, text
from tests.accounts.recovery.recovering import (
    ANSWERS,
    CODE,
    NEW,
    RESEND,
    RIGHT,
    START,
    answer,
    begin,
    choose,
    code_on_phone,
    leads_to,
    make_protected,
    phone,
    to_answers,
    to_password,
)
from tests.accounts.sign_in import new_device
from tests.clock import advance

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
THIEF = "Dozdak12345"
CHANGED = "The account was changed elsewhere meanwhile. Please begin again."
ENDED = "This recovery has ended. Please begin again."


@pytest.fixture
def sara() -> User:
    return make_protected(email="old@example.com")


@pytest.fixture
def home(new_client: NewClient, sara: User) -> Client:
    """The owner, signed in with a code."""
    browser = new_client()
    new_device.first_sign_in(browser, sara)
    return browser


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def every_step(thief: Client, user: User, code: str) -> list[Any]:
    """Everything that may be posted to a run."""
    return [
        thief.post(CODE, {"code": code}),
        thief.post(RESEND),
        answer(thief, RIGHT),
        answer(thief, acts.GIVEN),
        choose(thief, THIEF),
    ]


def is_not_taken(user: User) -> bool:
    return not check_password(THIEF, fresh(user).password)


@pytest.mark.parametrize("act", [act for act in BY_THE_OWNER if act is not acts.mobile])
def test_a_new_mobile_that_waits_for_its_code_ends_with_any_other_change(home: Client, sara: User, act: Act) -> None:
    """In the same session, which goes on: whoever asked for it was there before the owner."""
    advance(minutes=3)
    assert leads_to(home.post(acts.MOBILE, acts.PROVED | {"mobile": acts.NEW_MOBILE}), acts.MOBILE_CODE)
    code = code_on_phone(User(mobile=acts.NEW_MOBILE))
    advance(minutes=3)
    act(home, sara)

    assert leads_to(home.post(f"{acts.MOBILE_CODE}resend/"), acts.MOBILE)
    assert leads_to(home.post(acts.MOBILE_CODE, {"code": code}), acts.MOBILE)
    assert len(phone(User(mobile=acts.NEW_MOBILE))) == 1
    assert fresh(sara).mobile == sara.mobile


@pytest.mark.parametrize("act", [*BY_THE_OWNER, *BY_OTHERS])
def test_a_recovery_past_its_code_ends_when_the_account_changes(
    new_client: NewClient, sara: User, home: Client, act: Act
) -> None:
    thief = new_client()
    to_answers(thief, sara)
    code = code_on_phone(sara)
    act(home, sara)
    advance(minutes=3)
    sent = len(phone(sara))
    assert leads_to(thief.get(ANSWERS), START)
    assert persian(CHANGED) in text(thief.get(START))
    for response in every_step(thief, sara, code):
        assert leads_to(response, START)
    assert is_not_taken(sara)
    assert len(phone(sara)) == sent


@pytest.mark.parametrize("act", [*BY_THE_OWNER, *BY_OTHERS])
def test_a_recovery_past_its_answers_ends_when_the_account_changes(
    new_client: NewClient, sara: User, home: Client, act: Act
) -> None:
    thief = new_client()
    to_password(thief, sara)
    act(home, sara)
    assert leads_to(choose(thief, THIEF), START)
    assert persian(CHANGED) in text(thief.get(START))
    assert is_not_taken(sara)


@pytest.mark.parametrize("act", [*BY_THE_OWNER, *BY_OTHERS])
def test_a_code_of_a_recovery_is_void_when_the_account_changes(
    new_client: NewClient, sara: User, home: Client, act: Act
) -> None:
    thief = new_client()
    advance(minutes=16)
    begin(thief, sara.national_code)
    code = code_on_phone(sara)
    act(home, sara)
    advance(minutes=3)
    sent = len(phone(sara))
    assert leads_to(thief.get(CODE), START)
    assert persian(ENDED) in text(thief.get(START))
    for response in every_step(thief, sara, code):
        assert leads_to(response, START)
    assert is_not_taken(sara)
    assert len(phone(sara)) == sent  # nothing more goes to the old phone


def test_the_owner_may_recover_right_after_a_change(new_client: NewClient, sara: User, home: Client) -> None:
    acts.questions(home, sara)
    phone(sara)
    owner = new_client()
    to_answers(owner, sara)
    assert leads_to(answer(owner, acts.GIVEN), NEW)


@pytest.mark.parametrize("act", [*BY_THE_OWNER, *BY_OTHERS])
def test_a_sign_in_that_waits_for_its_code_ends_when_the_account_changes(
    new_client: NewClient, sara: User, home: Client, act: Act
) -> None:
    thief = new_client()
    advance(minutes=16)
    assert leads_to(new_device.give_password(thief, sara), new_device.CODE)
    code = code_on_phone(sara)
    known = Device.objects.filter(user=sara).count()
    act(home, sara)
    assert leads_to(thief.post(new_device.CODE, {"code": code}), LOGIN)
    assert persian("The account was changed elsewhere meanwhile; please sign in again.") in text(thief.get(LOGIN))
    assert leads_to(thief.post(new_device.RESEND), LOGIN)
    assert not signed_in(thief)
    assert Device.objects.filter(user=sara).count() <= known


@pytest.mark.parametrize("act", [*BY_THE_OWNER, *BY_OTHERS])
def test_another_session_ends_when_the_account_changes(
    new_client: NewClient, sara: User, home: Client, act: Act
) -> None:
    thief = new_client()
    advance(minutes=16)
    new_device.first_sign_in(thief, sara)
    act(home, sara)
    assert not signed_in(thief)
    assert persian("The account was changed elsewhere meanwhile; please sign in again.") in text(thief.get(LOGIN))
    assert signed_in(home) == (act in BY_THE_OWNER)


@pytest.mark.parametrize("act", [*BY_THE_OWNER, *BY_OTHERS])
def test_a_change_of_mobile_under_way_ends_when_the_account_changes(
    new_client: NewClient, sara: User, home: Client, act: Act
) -> None:
    thief, thiefs = new_client(), User(mobile="+989970088888")
    advance(minutes=16)
    new_device.first_sign_in(thief, sara)
    assert leads_to(thief.post(acts.MOBILE, acts.PROVED | {"mobile": thiefs.mobile}), acts.MOBILE_CODE)
    code = code_on_phone(thiefs)
    act(home, sara)
    thief.post(acts.MOBILE_CODE, {"code": code})
    assert fresh(sara).mobile != thiefs.mobile


@pytest.mark.parametrize("act", [act for act in (*BY_THE_OWNER, *BY_OTHERS) if act is not acts.email])
def test_a_link_to_a_new_e_mail_ends_when_the_account_changes(sara: User, home: Client, act: Act) -> None:
    assert leads_to(home.post(acts.EMAIL, acts.PROVED | {"email": "thief@example.com"}), PROFILE)
    link = acts.link()
    act(home, sara)
    if not signed_in(home):
        home.force_login(fresh(sara))
    assert leads_to(home.post(link), PROFILE)
    assert fresh(sara).email == "old@example.com"


def test_the_old_phone_can_begin_nothing_after_a_change_of_mobile(
    new_client: NewClient, sara: User, home: Client
) -> None:
    thief = new_client()
    advance(minutes=16)
    begin(thief, sara.national_code)
    code = code_on_phone(sara)
    acts.mobile(home, sara)
    assert leads_to(thief.post(CODE, {"code": code}), START)
    assert leads_to(thief.get(ANSWERS), START)
    advance(minutes=16)
    before = len(phone(sara))
    begin(thief, sara.national_code)
    assert len(phone(sara)) == before


def test_a_code_confirmed_before_a_change_spares_no_code_after_it(new_client: NewClient, sara: User) -> None:
    """Who has recovered signs in without another code, until the account changes once more."""
    thief = new_client()
    to_password(thief, sara)
    choose(thief, THIEF)
    User.objects.filter(pk=sara.pk).update(mobile=acts.NEW_MOBILE)
    User.objects.filter(pk=sara.pk).update(mobile=sara.mobile)
    advance(minutes=3)
    response = thief.post(LOGIN, {"national_code": sara.national_code, "password": THIEF})
    assert leads_to(response, new_device.CODE)


def test_another_account_of_the_household_goes_on(new_client: NewClient, sara: User, home: Client) -> None:
    reza, his = make_account(2, mobile=sara.mobile), new_client()
    advance(minutes=16)
    new_device.give_password(his, reza)
    code = code_on_phone(reza)
    acts.password(home, sara)
    assert leads_to(his.post(new_device.CODE, {"code": code}), PROFILE)


def test_who_knows_the_password_signs_in_again(new_client: NewClient, sara: User, home: Client) -> None:
    acts.questions(home, sara)
    assert signed_in(home)
    phone(sara)
    advance(minutes=16)
    new_device.first_sign_in(new_client(), sara)
    assert check_password(PASSWORD, fresh(sara).password)
