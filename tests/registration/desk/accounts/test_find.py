"""Accounts are found by numbers in any digits or by names; what is shown of them, and that looking stays recorded."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccountEvent, Person, User
from infra.counting import by_indexes_alone
from tests.accounts.helpers import make_account
from tests.accounts.recovery.recovering import make_protected
from tests.clock import advance
from tests.registration.desk.accounts.pages import ACCOUNTS, found, page_of, reason, record
from tests.registration.desk.pages import ARABIC, PERSIAN
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db


def named(number: int, first_name: str, last_name: str, **fields: Any) -> User:
    return make_account(number, **Person.with_keys({"first_name": first_name, "last_name": last_name}), **fields)


def test_numbers_are_found_in_any_digits(desk: Client) -> None:
    user, _other = make_account(1), make_account(2)
    for typed in (
        user.national_code,
        user.mobile,
        user.local_mobile,
        f" {user.local_mobile[:4]} {user.local_mobile[4:]}",
    ):
        for written in (typed, typed.translate(PERSIAN), typed.translate(ARABIC)):
            assert found(desk, written) == [user.pk]
    for typed in (user.national_code[:9], user.local_mobile[:10], "1", "123456789012"):
        assert found(desk, typed) == []


def test_names_are_found_by_their_beginning_however_they_are_spelt(desk: Client) -> None:
    first, second = named(1, "سارا", "کریمی"), named(2, "علی", "کریمی‌فر")
    assert found(desk, "كريمي") == [first.pk, second.pk]
    assert found(desk, "علی کریمی") == [second.pk]
    assert found(desk, "ریمی") == []


def test_staff_and_accounts_that_never_were_are_not_among_them(desk: Client, clerk: User) -> None:
    never = make_account(1, is_active=False, activated_at=None)
    for user in (clerk, never):
        assert found(desk, user.national_code) == []
        assert desk.get(record(user)).status_code == 302  # there is no such account here
        assert desk.get(page_of(user, "lock")).status_code == 404
        assert desk.post(page_of(user, "lock"), reason(user)).status_code == 404
    clerk.refresh_from_db()
    assert clerk.is_active


def test_without_a_search_nobody_is_listed_and_lists_are_masked(desk: Client) -> None:
    user = named(1, "سارا", "کریمی")
    page = desk.get(ACCOUNTS)
    assert page.context["cl"].result_count == 0
    assert "***" not in text(page)
    listed = text(desk.get(desk.post(f"{ACCOUNTS}find/", {"q": "کریمی"}).headers["Location"]))
    assert f"***{user.national_code[-4:]}" in listed
    assert user.national_code not in listed
    assert user.local_mobile not in listed


def test_no_address_holds_a_person_and_no_column_can_be_probed(desk: Client) -> None:
    user = make_account(1)
    assert user.national_code not in desk.post(f"{ACCOUNTS}find/", {"q": user.national_code}).headers["Location"]
    for query in ("password__startswith=a", "national_code=1", "is_staff__exact=0", "mobile__gte=+98"):
        assert desk.get(f"{ACCOUNTS}?{query}").status_code == 400


def test_the_page_shows_who_it_is_and_nothing_secret(desk: Client) -> None:
    user = make_protected(city="تهران", country="IR", email="sara@example.com", birth_date=timezone.now().date())
    page = text(desk.get(record(user)))
    for shown in (user.national_code, user.local_mobile, "تهران", "sara@example.com", "فعال"):
        assert shown in page
    for secret in (user.password, user.answers_hash, "پرسش 1"):
        assert secret not in page
    with CaptureQueriesContext(connection) as asked:
        desk.get(record(user))
    about = [query["sql"] for query in asked if f'"accounts_user"."id" = {user.pk}' in query["sql"]]
    assert about
    assert not any("answers_hash" in sql or '"accounts_user"."password"' in sql for sql in about)


def test_each_opening_is_an_event_once_an_hour(desk: Client, clerk: User) -> None:
    user = make_account(1)
    for _ in range(2):
        desk.get(record(user))
    advance(minutes=61)
    desk.get(record(user))
    events = AccountEvent.objects.filter(account=user)
    assert [(event.kind, event.actor) for event in events] == [("viewed", clerk)] * 2
    assert "صفحهٔ حساب باز شد" in text(desk.get(record(user)))


def test_the_list_is_found_by_indexes() -> None:
    with by_indexes_alone():
        assert "user_mobile" in User.objects.filter(mobile="+989970000101").explain()
        assert re.search("user_(last|province)_name", User.objects.filter(last_name_key__startswith="abc").explain())


def test_a_long_ago_closed_account_is_found_too(desk: Client) -> None:
    user = make_account(1, is_active=False, closed_at=timezone.now() - timedelta(days=400))
    assert found(desk, user.national_code) == [user.pk]
    assert "بسته" in text(desk.get(record(user)))
