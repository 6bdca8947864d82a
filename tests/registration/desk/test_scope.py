"""Lists hold the requests of the own province; one from elsewhere is opened with a reason, which stays."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Branch
from accounts.staff import provinces
from infra.counting import by_indexes_alone
from registration.desk import listing, roles
from registration.models import RegistrationRequest
from sms.models import Message
from tests.registration import many
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST, PERSIAN, counts, find, record, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status
TEHRAN, FARS = "تهران", "فارس"


@pytest.fixture
def branch() -> Branch:
    return Branch.objects.create(code="71", name="شعبهٔ شیراز", province=FARS, city="شیراز")


@pytest.fixture
def shiraz(new_client: NewClient, branch: Branch) -> Client:
    """The browser of a clerk in Shiraz."""
    client = new_client()
    client.force_login(member(720, roles.CLERK, branch=branch, first_name="آذر", last_name="نوری"))
    return client


def rows() -> dict[str, RegistrationRequest]:
    return {
        "own": make_request(1, province=FARS, city="شیراز"),
        "other": make_request(2, province=TEHRAN),
        "abroad": make_request(3, country="DE", city="برلین"),
    }


@pytest.mark.parametrize(
    ("role", "whose", "sees"),
    [
        (roles.CLERK, FARS, {"own", "abroad"}),
        (roles.SUPERVISOR, FARS, {"own", "abroad"}),
        (roles.PROVINCE, FARS, {"own", "abroad"}),
        (roles.CLERK, TEHRAN, {"other", "abroad"}),
        (roles.CLERK, "", {"abroad"}),
        (roles.HEAD_OFFICE, "", {"own", "other", "abroad"}),
        (roles.AUDITOR, "", {"own", "other", "abroad"}),
    ],
)
def test_lists_counts_and_tiles_are_of_the_own_province(
    client: Client, role: roles.Role, whose: str, sees: set[str]
) -> None:
    branch = Branch.objects.create(code="72", name="شعبه", province=whose, city="x") if whose else None
    client.force_login(member(721, role, branch=branch))
    known = rows()
    page = client.get(LIST)
    assert set(shown(page)) == {known[name].pk for name in sees}
    assert int(counts(page)["waiting"]) == len(sees)
    assert client.get(DESK).context["tiles"][0]["count"] == len(sees)
    assert set(shown(find(client, "محمدی"))) == {known[name].pk for name in sees}


@pytest.mark.parametrize(
    ("address", "posted"),
    [
        ("change", None),
        ("correct", None),
        ("reject", None),
        ("activate", {"documents_seen": "1", "no_code": "no_signal", "documents": "passport"}),
        ("correct", {"first_name": "ساره"}),
        ("reject", {"reason": "mobile", "details": ""}),
        ("take", {}),
        ("hand-back", {}),
        ("note", {"words": "یادداشت"}),
    ],
)
def test_nothing_of_another_province_is_seen_or_done_without_a_reason(
    shiraz: Client, address: str, posted: dict[str, Any] | None
) -> None:
    row = make_request(2, Status.MISMATCH, province=TEHRAN)
    path = f"{LIST}{row.pk}/{address}/"
    answer = shiraz.get(path) if posted is None else shiraz.post(path, posted)
    assert answer.headers["Location"] == f"{LIST}{row.pk}/reach/"
    assert not row.events.exists()
    assert not Message.objects.exists()
    row.refresh_from_db()
    assert (row.status, row.first_name) == (Status.MISMATCH, "سارا")


def test_a_number_finds_who_stands_at_the_counter_and_the_reason_stays(shiraz: Client) -> None:
    row = make_request(2, province=TEHRAN)
    assert shown(find(shiraz, row.national_code)) == [row.pk]
    reach = f"{LIST}{row.pk}/reach/"
    assert shiraz.get(record(row)).headers["Location"] == reach
    page = text(shiraz.get(reach))
    assert "مربوط به استان تهران است" in page
    assert row.national_code not in page
    assert not [told for told in (row.first_name, row.last_name) if told in page[page.index("<main") :]]
    for wrong, told in (
        ({}, "دلیل باز کردن درخواست را انتخاب کنید"),
        ({"reason": "other", "details": " "}, "دلیل باز کردن درخواست را بنویسید"),
        ({"reason": "mobile"}, "از فهرست انتخاب کنید"),
    ):
        assert told in text(shiraz.post(reach, wrong))
    assert not row.events.exists()

    assert shiraz.post(reach, {"reason": "here", "details": "بدون گذرنامه"}).headers["Location"] == record(row)
    page = text(shiraz.get(record(row)))
    assert "پرونده از استان دیگری باز شد: متقاضی با مدارک اینجاست: بدون گذرنامه" in page
    assert list(row.events.values_list("kind", flat=True)) == ["reached", "viewed"]
    shiraz.post(f"{LIST}{row.pk}/take/")
    assert row.events.filter(kind="taken").exists()


@pytest.mark.parametrize("written", ["line", "sign", "persian"])
def test_a_number_in_another_writing_leads_to_the_reason_too(shiraz: Client, written: str) -> None:
    row = make_request(2, province=TEHRAN)
    number = str(row.pk)
    typed = {"line": f"0_0{number}", "sign": f"+{number}", "persian": number.translate(PERSIAN)}[written]
    led = shiraz.get(f"{LIST}{typed}/change/")
    assert led.headers["Location"] == f"{LIST}{row.pk}/reach/"


def test_the_reason_is_somebodys_own_and_lasts_a_working_day(shiraz: Client, new_client: NewClient) -> None:
    row = make_request(2, province=TEHRAN)
    shiraz.post(f"{LIST}{row.pk}/reach/", {"reason": "called", "details": ""})
    assert shiraz.get(record(row)).status_code == 200
    other = new_client()
    other.force_login(member(722, roles.CLERK, branch=Branch.objects.get()))
    assert other.get(record(row)).status_code == 302
    event = row.events.get(kind="reached")
    row.events.filter(kind="reached").update(at=event.at - provinces.LASTS)
    assert shiraz.get(record(row)).status_code == 302


def test_what_is_ones_own_needs_no_reason(shiraz: Client) -> None:
    for row in (make_request(1, province=FARS), make_request(3)):
        reach = f"{LIST}{row.pk}/reach/"
        for answer in (shiraz.get(reach), shiraz.post(reach, {"reason": "here", "details": ""})):
            assert answer.headers["Location"] == record(row)
        assert shiraz.get(record(row)).status_code == 200
        assert not row.events.filter(kind="reached").exists()


def test_a_list_reads_no_more_rows_when_there_are_more() -> None:
    """Of the page, and of the counts beside the filters; of a small province among large ones, too."""
    makes = [(Status.BRANCH, TEHRAN), (Status.MISMATCH, TEHRAN), (Status.ACTIVATED, TEHRAN), (Status.BRANCH, FARS)]
    for number, (status, province) in enumerate(makes, 1):
        many.copy(make_request(number, status, province=province), 3000, number * many.FIRST_ID)
    few = make_request(9, Status.MISMATCH, province="قم")
    many.copy(few, 20, 9 * many.FIRST_ID)
    with by_indexes_alone():
        for provinces in ([TEHRAN, ""], ["قم", ""], None):
            whole = listing.of(provinces)
            for one in (whole, replace(whole, statuses=("branch", "mismatch"), oldest_first=True)):
                arms = max(1, len(one.places)) * len(one.statuses)
                assert many.rows_read(one[0:50]) <= 50 * arms * 3, (provinces, one.statuses)
                for arm in one.arms().values():
                    assert many.rows_read(arm.values("pk")[:101]) <= 101, (provinces, one.statuses)
        assert next(row.pk for row in listing.of(["قم", ""])[0:50]) == few.pk
