"""Accounts of another province: not in a search by name, found by number, opened and served with a reason alone."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import AccountEvent, User
from infra.counting import by_indexes_alone
from registration.desk import roles
from registration.desk.accounts.acts import OFFERED
from registration.lifecycle import decisions
from registration.lifecycle.documents import Seen
from sms.models import Message
from tests.accounts.helpers import make_account
from tests.registration.desk.accounts.pages import ACCOUNTS, found, page_of, reason, record
from tests.registration.desk.accounts.test_find import named
from tests.registration.desk.members import member, office
from tests.registration.desk.pages import PERSIAN
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
TEHRAN, FARS = "تهران", "فارس"


@pytest.fixture
def shiraz(new_client: NewClient) -> Client:
    """The browser of a clerk in Shiraz."""
    client = new_client()
    client.force_login(member(720, roles.CLERK, branch=office(FARS, "شیراز")))
    return client


@pytest.mark.parametrize(
    ("role", "whose", "sees"),
    [
        (roles.CLERK, FARS, {FARS, ""}),
        (roles.PROVINCE, TEHRAN, {TEHRAN, ""}),
        (roles.CLERK, "", {""}),
        (roles.HEAD_OFFICE, "", {FARS, TEHRAN, ""}),
        (roles.AUDITOR, "", {FARS, TEHRAN, ""}),
    ],
)
def test_a_name_finds_those_of_the_own_province_and_a_number_everybody(
    client: Client, role: roles.Role, whose: str, sees: set[str]
) -> None:
    client.force_login(member(721, role, branch=office(whose, "شیراز") if whose else None))
    known = {
        province: named(number, "سارا", "کریمی", province=province)
        for number, province in enumerate((FARS, TEHRAN, ""), 1)
    }
    assert set(found(client, "کریمی")) == {known[province].pk for province in sees}
    for user in known.values():
        assert found(client, user.national_code) == [user.pk]


def test_a_search_by_name_is_by_an_index() -> None:
    with by_indexes_alone():
        rows = User.objects.filter(province__in=[TEHRAN, ""], last_name_key__startswith="abc")
        assert re.search("user_(last|province)_name", rows.explain())  # of an empty table either is as good


def test_a_record_opens_with_a_reason_which_stays(shiraz: Client) -> None:
    user = make_account(province=TEHRAN)
    reach = page_of(user, "reach")
    for written in (str(user.pk), f"0{user.pk}", str(user.pk).translate(PERSIAN)):
        assert shiraz.get(f"{ACCOUNTS}{written}/change/").headers["Location"] == reach
    page = text(shiraz.get(reach))
    assert "مربوط به استان تهران است" in page
    shown = page[page.index("<main") :]
    assert not [told for told in (user.national_code, user.first_name, user.last_name) if told in shown]
    for wrong, told in (
        ({}, "دلیل باز کردن حساب را انتخاب کنید"),
        ({"reason": "other", "details": " "}, "دلیل باز کردن حساب را بنویسید"),
        ({"reason": "x"}, "از فهرست انتخاب کنید"),
    ):
        assert told in text(shiraz.post(reach, wrong))
    assert not AccountEvent.objects.exists()
    assert shiraz.post(reach, {"reason": "here", "details": "بدون گذرنامه"}).headers["Location"] == record(user)
    page = text(shiraz.get(record(user)))
    assert "حساب از استان دیگری باز شد" in page
    assert "صاحب حساب با مدارک اینجاست: بدون گذرنامه" in page
    shiraz.post(page_of(user, "lock"), reason(user))
    assert list(AccountEvent.objects.values_list("kind", flat=True)) == ["reached", "viewed", "locked"]


def test_no_address_gets_round_it(shiraz: Client) -> None:
    user = make_account(province=TEHRAN)
    before = User.objects.values().get(pk=user.pk)
    acts = [name for name, _title, permission, _states in OFFERED if permission != "accounts.reopen_user"]
    for act in (*acts, "mobile/code", "caller/code", "identity/refuse"):
        for answer in (
            shiraz.get(page_of(user, act)),
            shiraz.post(page_of(user, act), reason(user, documents=["passport"], mobile="09970077777")),
        ):
            assert answer.headers["Location"] == page_of(user, "reach"), act
    assert not AccountEvent.objects.exists()
    assert not Message.objects.exists()
    assert User.objects.values().get(pk=user.pk) == before


def test_who_only_reads_sees_all_and_what_is_ones_own_needs_no_reason(client: Client, shiraz: Client) -> None:
    user, own = make_account(1, province=TEHRAN), make_account(2, province=FARS)
    client.force_login(member(722, roles.AUDITOR))
    assert client.get(record(user)).status_code == 200
    assert shiraz.get(record(own)).status_code == 200
    for browser, one in ((client, user), (shiraz, own)):
        assert browser.post(page_of(one, "reach"), {"reason": "here"}).headers["Location"] == record(one)
    assert not AccountEvent.objects.filter(kind="reached").exists()


def test_an_account_has_the_province_of_its_request() -> None:
    request = make_request(1, province=FARS, city="شیراز")
    seen = Seen(mobile="آنتن ندارد")
    decisions.activate(request.pk, by=member(723, roles.HEAD_OFFICE), client_ip="192.0.2.7", seen=seen)
    assert User.objects.get(national_code=request.national_code).province == FARS
