"""The three-step guide: from the first page to the open account, the branch or a second try. Read as stories."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from registration.lifecycle import decisions, taken, tracking_code
from registration.models import RegistrationRequest
from tests.accounts.helpers import make_account, sign_in, signed_in, told_to_wait
from tests.clock import advance
from tests.registration.desk.members import office
from tests.registration.lifecycle.deciding import NO_CODE
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    PASSWORD,
    RECEIVED,
    RESEND,
    WIZARD,
    Citizen,
    activate,
    assert_leads_to,
    code_on_phone,
    contact,
    errors,
    identify,
    open_step,
    register,
    send,
    shown_step,
    text,
    texts,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db

Drain = Callable[[], int]
NewClient = Callable[[], Client]
Status = RegistrationRequest.Status

NARGES = Citizen(401)
TAKEN = "درخواستی با این کد ملی وجود دارد. لطفاً منتظر ارسال پیامک شناسه مورد نیاز برای ادامه فرآیند ثبت نام بمانید"
TODAY = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
ACCOUNT = str(taken.ACCOUNT)
RUN_OUT = "نیم ساعت در این فرم کاری انجام نشد"


def test_whose_data_are_right_gets_an_account_and_signs_in(client: Client, drain: Drain) -> None:
    NARGES.enter_registry()
    assert shown_step(client.get(WIZARD)) == CONTACT

    assert_leads_to(contact(client, NARGES), WIZARD)
    activation = client.get(WIZARD)
    assert shown_step(activation) == ACTIVATION
    assert "09970000401" in text(activation)
    [sms] = texts(NARGES)
    assert sms.endswith(f"@localhost #{code_on_phone(NARGES)}")

    assert_leads_to(activate(client, NARGES), WIZARD)
    identity = client.get(WIZARD)
    assert shown_step(identity) == IDENTITY
    assert NARGES.national_code in text(identity)
    assert "09970000401" in text(identity)

    assert_leads_to(identify(client, NARGES), RECEIVED)
    received = text(client.get(RECEIVED))
    code = str(RegistrationRequest.objects.get().tracking_code)
    assert tracking_code.is_well_formed(code)
    assert code in received
    assert "درخواست شما با موفقیت ثبت گردید. لطفاً منتظر پیامک فعال‌سازی بمانید" in received
    assert not User.objects.exists()  # nothing to sign in to before the decision
    assert sign_in(client, NARGES.national_code, PASSWORD).status_code == 200

    drain()
    assert texts(NARGES)[1:] == [
        "سرکار خانم بهرامی به سیستم‌های متمرکز سازمان تأمین اجتماعی خوش آمدید. حساب کاربری شما ایجاد گردید."
    ]
    assert sign_in(client, NARGES.national_code, PASSWORD).status_code == 302
    assert signed_in(client)
    user = User.objects.get()
    assert (user.get_full_name(), user.mobile, user.email) == ("نرگس بهرامی", NARGES.mobile, "narges@example.com")


def test_whose_mobile_belongs_to_somebody_else_is_sent_to_a_branch(client: Client, drain: Drain) -> None:
    NARGES.enter_registry(owns_mobile=False)
    request = register(client, NARGES)
    drain()
    request.refresh_from_db()
    assert request.status == Status.BRANCH
    assert texts(NARGES)[1:] == [
        "سرکار خانم بهرامی ثبت نام شما تأیید شد، جهت فعال‌سازی حساب کاربری با در دست داشتن مدارک هویتی به "
        "نزدیکترین شعبه مراجعه فرمائید."
    ]
    assert not User.objects.get().is_active
    sign_in(client, NARGES.national_code, PASSWORD)
    assert not signed_in(client)

    # At the branch a clerk sees the documents.
    clerk = make_account(999, is_staff=True, branch=office())
    decisions.activate(request.pk, by=clerk, client_ip="192.0.2.9", seen=NO_CODE)
    drain()
    assert len(texts(NARGES)) == 3
    sign_in(client, NARGES.national_code, PASSWORD)
    assert signed_in(client)


def test_whose_data_are_wrong_is_told_and_tries_again_with_the_right_ones(client: Client, drain: Drain) -> None:
    NARGES.enter_registry()
    first = register(client, NARGES, birth_date_day="4")
    drain()
    assert texts(NARGES)[1:] == [
        "سرکار خانم بهرامی تأیید اطلاعات شما با مشکل مواجه شد. لطفاً جهت تکمیل ثبت نام با در دست داشتن مدارک هویتی به "
        "نزدیکترین شعبه مراجعه فرمائید."
    ]
    assert not User.objects.exists()

    advance(minutes=3)
    second = register(client, NARGES)
    first.refresh_from_db()
    assert (first.status, second.status) == (Status.SUPERSEDED, Status.SUBMITTED)
    drain()
    second.refresh_from_db()
    assert second.status == Status.ACTIVATED
    assert len(texts(NARGES)) == 4
    sign_in(client, NARGES.national_code, PASSWORD)
    assert signed_in(client)


def test_who_was_sent_to_a_branch_may_register_again_with_an_own_mobile(client: Client, drain: Drain) -> None:
    NARGES.enter_registry(owns_mobile=False)
    first = register(client, NARGES)
    drain()
    advance(minutes=3)
    own = Citizen(402)
    own.enter_registry()  # a mobile of her own by now, to keep the story short one of 402's
    mobile = {"mobile": own.contact["mobile"]}
    assert_leads_to(contact(client, NARGES, **mobile), WIZARD)
    assert_leads_to(send(client, ACTIVATION, {"code": code_on_phone(own)}), WIZARD)
    assert_leads_to(identify(client, NARGES, password1="Badbadak45", password2="Badbadak45"), RECEIVED)
    drain()
    first.refresh_from_db()
    assert first.status == Status.SUPERSEDED
    second = RegistrationRequest.objects.latest("pk")
    assert (second.mobile, second.status) == (own.mobile, Status.BRANCH)
    assert User.objects.get().check_password("Badbadak45")


def test_while_a_request_is_checked_and_once_an_account_exists_the_first_step_says_so(
    new_client: NewClient, drain: Drain
) -> None:
    NARGES.enter_registry()
    register(new_client(), NARGES)
    advance(minutes=3)
    before = len(texts(NARGES))
    states = {
        TAKEN: ("/registration/track/",),
        ACCOUNT: ("/accounts/login/", "/accounts/recover/", "/branches/"),
    }
    for words, ways_on in states.items():
        again = contact(new_client(), NARGES)
        assert errors(again) == {"national_code": [words]}
        assert all(f'href="{way}"' in again.content.decode() for way in ways_on)
        assert shown_step(again) == CONTACT
        drain()
    assert len(texts(NARGES)) == before + 1  # the result; no code for a registration that could not end well
    assert RegistrationRequest.objects.count() == 1


def test_whoever_registers_the_same_person_meanwhile_is_told_at_the_end(new_client: NewClient, drain: Drain) -> None:
    first, second = new_client(), new_client()
    to_identity(first, NARGES)
    advance(minutes=3)
    to_identity(second, NARGES)
    assert_leads_to(identify(first, NARGES), RECEIVED)
    late = identify(second, NARGES)
    assert errors(late) == {"__all__": [TAKEN]}
    assert "بهرامی" in text(late)
    NARGES.enter_registry()
    drain()
    assert errors(identify(second, NARGES)) == {"__all__": [ACCOUNT]}
    assert RegistrationRequest.objects.filter(status=Status.ACTIVATED).count() == 1


def test_the_number_can_be_corrected_after_the_code_was_sent_to_a_wrong_one(client: Client) -> None:
    wrong = Citizen(403)
    assert_leads_to(contact(client, NARGES, mobile=wrong.contact["mobile"]), WIZARD)
    foreign = code_on_phone(wrong)
    earlier = client.get(WIZARD, {"step": CONTACT})
    assert shown_step(earlier) == CONTACT
    assert wrong.contact["mobile"] in text(earlier)
    assert NARGES.national_code in text(earlier)

    assert_leads_to(contact(client, NARGES), WIZARD)
    assert "کد وارد شده معتبر نمی‌باشد" in text(send(client, ACTIVATION, {"code": foreign}))
    assert_leads_to(activate(client, NARGES), WIZARD)
    assert_leads_to(identify(client, NARGES), RECEIVED)
    assert RegistrationRequest.objects.get(status=Status.SUBMITTED).mobile == NARGES.mobile


def test_a_code_that_did_not_come_is_sent_again_and_both_messages_work(client: Client) -> None:
    to_activation(client, NARGES)
    assert told_to_wait(client.post(RESEND, follow=True))
    assert len(texts(NARGES)) == 1
    advance(minutes=2, seconds=1)
    assert_leads_to(client.post(RESEND), WIZARD)
    assert "کد دوباره پیامک شد" in text(client.get(WIZARD))
    first, second = texts(NARGES)
    assert first == second
    assert_leads_to(activate(client, NARGES), WIZARD)


def test_an_expired_code_is_replaced_by_a_new_one(client: Client) -> None:
    to_activation(client, NARGES)
    old = code_on_phone(NARGES)
    advance(minutes=11)
    late = errors(send(client, ACTIVATION, {"code": old}))["code"]
    assert late == ["کد وارد شده معتبر نمی‌باشد", "این کد دیگر پذیرفته نمی‌شود؛ «ارسال دوبارهٔ کد» را بزنید"]
    assert_leads_to(client.post(RESEND), WIZARD)
    assert code_on_phone(NARGES) != old
    assert_leads_to(activate(client, NARGES), WIZARD)
    assert open_step(client) == IDENTITY


def test_who_closes_the_tab_comes_back_to_where_the_form_was_left(client: Client) -> None:
    to_activation(client, NARGES)
    assert open_step(client) == ACTIVATION
    assert_leads_to(activate(client, NARGES), WIZARD)
    assert open_step(client) == IDENTITY
    assert open_step(client) == IDENTITY
    assert len(texts(NARGES)) == 1
    assert_leads_to(identify(client, NARGES), RECEIVED)


def test_who_was_away_for_half_an_hour_begins_again_and_hears_why(client: Client) -> None:
    with time_machine.travel(TODAY, tick=False) as clock:
        to_identity(client, NARGES)
        clock.shift(29 * 60)
        assert open_step(client) == IDENTITY
        clock.shift(29 * 60)
        assert open_step(client) == IDENTITY  # the first look counted as a sign of life
        clock.shift(30 * 60 + 1)
        back = client.get(WIZARD)
        assert shown_step(back) == CONTACT
        assert RUN_OUT in text(back)
        assert NARGES.national_code not in text(back)  # the next person at this computer finds nothing
        again = client.get(WIZARD)
        assert RUN_OUT not in text(again)
        assert_leads_to(identify(client, NARGES), WIZARD)
        assert RUN_OUT in text(client.get(WIZARD))
    assert not RegistrationRequest.objects.exclude(status=Status.DRAFT).exists()


def test_a_draft_lives_for_a_day(client: Client) -> None:
    to_identity(client, NARGES)
    advance(hours=23, minutes=59)
    assert open_step(client) == IDENTITY
    advance(minutes=2)
    assert_leads_to(identify(client, NARGES), WIZARD)
    assert open_step(client) == CONTACT


def test_a_family_registers_one_after_the_other_on_one_computer(client: Client, drain: Drain) -> None:
    for number in (404, 405):
        person = Citizen(number, last_name="کیانی")
        person.enter_registry()
        register(client, person)
        drain()
        assert person.national_code not in text(client.get(WIZARD))
    assert User.objects.filter(is_active=True).count() == 2


def test_the_closing_page_is_for_this_browser_and_only_for_half_an_hour(new_client: NewClient) -> None:
    client = new_client()
    with time_machine.travel(TODAY, tick=False) as clock:
        register(client, NARGES)
        assert client.get(RECEIVED).status_code == 200
        assert_leads_to(new_client().get(RECEIVED), WIZARD)
        clock.shift(30 * 60 + 61)
        assert_leads_to(client.get(RECEIVED), WIZARD)


def test_a_signed_in_citizen_may_fill_in_the_form_for_somebody_else(client: Client, drain: Drain) -> None:
    NARGES.enter_registry()
    register(client, NARGES)
    drain()
    sign_in(client, NARGES.national_code, PASSWORD)
    mother = Citizen(406)
    mother.enter_registry()
    register(client, mother)
    assert signed_in(client)
    drain()
    assert User.objects.filter(is_active=True).count() == 2
