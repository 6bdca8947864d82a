"""At the branch: a citizen who was sent there, the clerk who looks at the documents, and what comes of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from registration.desk import roles as desk_roles
from registration.models import RegistrationRequest
from tests.accounts import helpers
from tests.registration.desk.members import office
from tests.registration.desk.pages import DESK, LIST, PERSIAN, find, record
from tests.registration.wizard.walking import PASSWORD, Citizen, assert_leads_to, register, text, texts

pytestmark = pytest.mark.django_db

Drain = Callable[[], int]
NewClient = Callable[[], Client]
Status = RegistrationRequest.Status

NARGES = Citizen(421)
ACCOUNT_OPEN = "سرکار خانم بهرامی به سیستم‌های متمرکز سازمان تأمین اجتماعی خوش آمدید. حساب کاربری شما ایجاد گردید."


def clerk_at_work(client: Client, number: int = 490) -> User:
    """A clerk of a branch, signed in at the desk as clerks do: the code typed with Persian digits and a space."""
    clerk = helpers.make_account(number, is_staff=True, first_name="مینا", last_name="کارگر", branch=office())
    clerk.groups.add(desk_roles.group(desk_roles.CLERK))
    typed = f"{clerk.national_code[:3]} {clerk.national_code[3:]}".translate(PERSIAN)
    signed_in = client.post(f"{DESK}login/", {"username": typed, "password": helpers.PASSWORD, "next": ""})
    assert_leads_to(signed_in, DESK)
    return clerk


def test_who_was_sent_to_a_branch_leaves_it_with_an_open_account(new_client: NewClient, drain: Drain) -> None:
    citizen, desk = new_client(), new_client()
    NARGES.enter_registry(owns_mobile=False)
    request = register(citizen, NARGES)
    drain()

    # The clerk's first page counts one; the queue shows one; the search finds her by what is on her card.
    clerk = clerk_at_work(desk)
    assert [tile["count"] for tile in desk.get(DESK).context["tiles"]] == [1, 1, 0]
    assert "نرگس بهرامی" in text(desk.get(LIST))
    found = text(find(desk, NARGES.national_code.translate(PERSIAN)))
    assert record(request) in found

    page = text(desk.get(record(request)))
    assert NARGES.national_code in page
    assert "اصل کارت ملی و شناسنامه را ببینید" in page

    # Without the tick nothing happens; with it the account opens and she hears of it.
    activate = f"{LIST}{request.pk}/activate/"
    assert_leads_to(desk.post(activate), record(request))
    assert "نخست گزینهٔ «مدارک هویتی را دیده‌ام» را علامت بزنید" in text(desk.get(record(request)))
    drain()
    assert len(texts(NARGES)) == 2
    assert_leads_to(desk.post(activate, {"documents_seen": "1", "no_code": "no_signal"}), record(request))
    after = text(desk.get(record(request)))
    assert "حساب کاربری فعال شد" in after
    assert "مدارک هویتی دیده شد" in after
    assert "فعال‌سازی و ارسال پیامک" not in after
    drain()
    assert texts(NARGES)[2:] == [ACCOUNT_OPEN]
    assert helpers.sign_in(citizen, NARGES.national_code, PASSWORD).status_code == 302
    assert helpers.signed_in(citizen)
    event = request.events.get(to_status=Status.ACTIVATED, from_status=Status.BRANCH)
    assert event.actor == clerk


def test_whose_name_is_misspelled_in_the_registry_is_activated_by_the_documents(
    new_client: NewClient, drain: Drain
) -> None:
    citizen, desk = new_client(), new_client()
    NARGES.enter_registry(first_name="نگار")
    request = register(citizen, NARGES)
    drain()
    assert not User.objects.exists()

    clerk_at_work(desk)
    page = text(desk.get(record(request)))
    assert "مغایر با پایگاه مرجع" in page
    assert "مطابق پایگاه مرجع" in page
    desk.post(f"{LIST}{request.pk}/activate/", {"documents_seen": "1", "no_code": "no_signal"})
    assert "با مدارک مقایسه کنید و علامت بزنید: نام" in text(desk.get(record(request)))
    ticks = {
        "documents_seen": "1",
        "no_code": "no_signal",
        "documents": ["national_card", "birth_certificate"],
        "compared": "first_name",
    }
    desk.post(f"{LIST}{request.pk}/activate/", ticks)
    drain()
    assert texts(NARGES)[-1] == ACCOUNT_OPEN
    helpers.sign_in(citizen, NARGES.national_code, PASSWORD)
    assert helpers.signed_in(citizen)


def test_who_has_not_brought_the_documents_is_refused_and_may_register_again(
    new_client: NewClient, drain: Drain
) -> None:
    citizen, desk = new_client(), new_client()
    NARGES.enter_registry(owns_mobile=False)
    request = register(citizen, NARGES)
    drain()
    clerk_at_work(desk)
    refuse = f"{LIST}{request.pk}/reject/"
    assert "دلیل رد را انتخاب کنید" in text(desk.post(refuse))
    assert "دلیل رد را بنویسید" in text(desk.post(refuse, {"reason": "other", "details": "  "}))
    assert_leads_to(desk.post(refuse, {"reason": "incomplete", "details": "شناسنامه  نداشت"}), record(request))
    assert "مدارک کامل نبود: شناسنامه نداشت" in text(desk.get(record(request)))
    drain()
    last = texts(NARGES)[-1]
    assert "شناسنامه" not in last  # why stays at the branch: a phone may be in other hands
    assert not User.objects.get(national_code=NARGES.national_code).is_active
    request.refresh_from_db()
    assert (request.status, request.password_hash, request.answers_hash) == (Status.REJECTED, "", "")


def test_the_second_of_two_clerks_reads_that_it_is_done(new_client: NewClient, drain: Drain) -> None:
    citizen, first, second = new_client(), new_client(), new_client()
    NARGES.enter_registry(owns_mobile=False)
    request = register(citizen, NARGES)
    drain()
    clerk_at_work(first, 491)
    clerk_at_work(second, 492)
    assert "فعال‌سازی و ارسال پیامک" in text(second.get(record(request)))
    first.post(f"{LIST}{request.pk}/activate/", {"documents_seen": "1", "no_code": "no_signal"})
    for address, answers in (
        ("activate", {"documents_seen": "1", "no_code": "no_signal"}),
        ("reject", {"reason": "mobile", "details": ""}),
    ):
        assert_leads_to(second.post(f"{LIST}{request.pk}/{address}/", answers), record(request))
        assert "این درخواست پیش‌تر بررسی شده است" in text(second.get(record(request)))
    drain()
    assert len(texts(NARGES)) == 3
    request.refresh_from_db()
    assert request.status == Status.ACTIVATED
