"""What narrows the desk's list: city, branch, age and form; and the queues that say what is to be done."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Branch
from infra.counting import by_indexes_alone
from registration.desk import listing, roles
from registration.desk.filters import of_status
from registration.desk.places_filters import in_city
from registration.models import RegistrationRequest, RequestEvent
from tests.registration import many
from tests.registration.desk.members import member, office
from tests.registration.desk.pages import LIST, counts, find, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status
FARS: dict[str, Any] = {"province": "فارس", "city": "شیراز"}


@pytest.fixture
def head(new_client: NewClient) -> Client:
    client = new_client()
    client.force_login(member(730, roles.HEAD_OFFICE))
    return client


@pytest.fixture
def shiraz(new_client: NewClient) -> Client:
    client = new_client()
    client.force_login(member(731, roles.CLERK, branch=office(**FARS)))
    return client


def test_a_city_and_a_branch_of_the_own_province(shiraz: Client) -> None:
    here = make_request(1, **FARS)
    there = make_request(2, province="فارس", city="مرودشت")
    abroad = make_request(3, country="DE", city="شیراز")
    Branch.objects.create(code="8", name="شعبهٔ مرودشت", province="فارس", city="مرودشت")
    page = shiraz.get(LIST)
    assert set(shown(page)) == {here.pk, there.pk, abroad.pk}
    assert "شعبهٔ مرودشت" in text(page)
    assert 'name="province"' not in text(page)
    assert shown(shiraz.get(LIST, {"city": "مرودشت"})) == [there.pk]
    assert shown(shiraz.get(LIST, {"city": "شیراز"})) == [here.pk]
    assert shown(shiraz.get(LIST, {"branch": "8"})) == [there.pk]
    assert shown(shiraz.get(LIST, {"branch": "8", "city": "شیراز"})) == []
    assert shown(shiraz.get(LIST, {"branch": "8", "status": "rejected"})) == []
    for query in ({"city": "تهران"}, {"province": "تهران"}, {"branch": "9"}):  # not theirs: without effect
        assert len(shown(shiraz.get(LIST, query))) == 3


def test_the_head_office_chooses_a_province_and_then_its_city(head: Client) -> None:
    here, there = make_request(1, **FARS), make_request(2, province="تهران")
    page = head.get(LIST)
    assert set(shown(page)) == {here.pk, there.pk}
    assert 'name="province"' in text(page)
    assert 'name="city"' not in text(page)
    page = head.get(LIST, {"province": "فارس"})
    assert shown(page) == [here.pk]
    assert '<option value="شیراز">' in text(page)
    assert shown(head.get(LIST, {"province": "فارس", "city": "شیراز"})) == [here.pk]
    # Another province is chosen, and the city of the one before comes along.
    assert shown(head.get(LIST, {"province": "تهران", "city": "شیراز"})) == [there.pk]
    assert head.get(LIST, {"province": "ناکجا"}).status_code == 302


def test_a_form_and_an_age(desk: Client) -> None:
    four = make_request(1, flow="eservices", age=timedelta(days=8))
    three = make_request(2, flow="portal", age=timedelta(days=31))
    fresh = make_request(3, flow="portal")
    assert shown(desk.get(LIST, {"flow": "eservices"})) == [four.pk]
    assert shown(desk.get(LIST, {"flow": "portal"})) == [three.pk, fresh.pk]
    assert counts(desk.get(LIST, {"flow": "portal"}))["waiting"] == "۲"
    assert shown(desk.get(LIST, {"when": "week"})) == [three.pk, four.pk]
    assert shown(desk.get(LIST, {"when": "month"})) == [three.pk]
    assert shown(desk.get(LIST, {"when": "week", "flow": "eservices"})) == [four.pk]
    assert desk.get(LIST, {"flow": "x"}).status_code == 302


def test_queues_say_what_to_do(desk: Client) -> None:
    stuck = make_request(1, Status.SUBMITTED, age=timedelta(minutes=61))
    make_request(2, Status.SUBMITTED, age=timedelta(minutes=59))
    capped, expired = (
        make_request(3, Status.EXPIRED, capped=True),
        make_request(4, Status.EXPIRED, age=timedelta(hours=1)),
    )
    for row, kind in ((capped, "capped"), (expired, "expired")):
        RequestEvent.objects.create(request=row, kind=kind, from_status="submitted", to_status="expired")
    known = {
        "stuck": ([stuck.pk], "سرویس پاسخ نمی‌دهد و خودکار دوباره پرسیده می‌شود"),
        "capped": ([capped.pk], "از روز بعد می‌توانند دوباره ثبت‌نام کنند"),
        "expired": ([capped.pk, expired.pk], "پاسخ به‌موقع نرسید و به این افراد اعلام شد"),
        "waiting": ([], "این افراد با مدارک می‌آیند"),
        "second": ([], "یک نفر مدارک را دیده است"),
    }
    for queue, (rows, told) in known.items():
        page = desk.get(LIST, {"status": queue})
        assert shown(page) == rows
        assert told in text(page)
        assert counts(page)[queue] == "۰۱۲۳"[len(rows)]
    assert "سرویس پاسخ نمی‌دهد" not in text(find(desk, stuck.national_code, status="stuck"))


def test_a_search_keeps_the_filters_and_folded_filters_tell_what_they_are(shiraz: Client) -> None:
    here = make_request(1, **FARS)
    make_request(2, province="فارس", city="مرودشت")
    page = find(shiraz, "محمدی", city="شیراز", when="today", status="all")
    assert shown(page) == [here.pk]
    source = text(page)
    assert re.findall("<summary>(.*?)</summary>", source) == ["پالایش فهرست: امروز، شیراز"]
    for name, value in (("city", "شیراز"), ("when", "today"), ("status", "all")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in source


def test_a_narrowed_list_reads_no_more_rows_when_there_are_more() -> None:
    for number, (flow, city) in enumerate([("portal", "تهران"), ("portal", "ری"), ("eservices", "تهران")], 1):
        row = make_request(number, province="تهران", city=city, flow=flow, age=timedelta(days=10))
        many.copy(row, 3000 if flow == "portal" else 20, number * many.FIRST_ID)
    waiting = replace(listing.of(["تهران", ""]), statuses=("branch", "mismatch"), oldest_first=True)
    with by_indexes_alone():
        in_rey = in_city(waiting, "تهران", "ری")
        assert many.rows_read(in_rey[0:50]) <= 50 * 2 * 3
        for arm in in_rey.arms().values():
            assert many.rows_read(arm.values("pk")[:101]) <= 103


@pytest.mark.parametrize(
    ("queue", "status"),
    [("undelivered", Status.ACTIVATED), ("awaits_second", Status.MISMATCH), ("capped", Status.EXPIRED)],
)
def test_a_queue_reads_no_more_rows_when_there_are_more(queue: str, status: str) -> None:
    row = make_request(1, status, province="تهران", city="تهران", age=timedelta(days=10), **{queue: True})
    many.copy(row, 3000, many.FIRST_ID)
    choice = {"awaits_second": "second"}.get(queue, queue)
    with by_indexes_alone():
        for whole in (listing.of(None), listing.of(["تهران", ""])):
            for arm in of_status(whole, choice).arms().values():
                assert many.rows_read(arm.values("pk")[:101]) <= 103


def test_one_form_is_read_in_order_and_no_further_than_the_page_goes() -> None:
    row = make_request(1, province="تهران", city="تهران", flow="portal", age=timedelta(days=10))
    many.copy(row, 3000, many.FIRST_ID)
    with by_indexes_alone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "CAP", 200)
        for flow, most in (("portal", 203 + 53), ("eservices", 203 + 203)):
            [arm] = replace(listing.of(["تهران"]), statuses=("branch",), flow=flow).arms().values()
            assert many.rows_read(arm.values("pk")[:51]) <= most
