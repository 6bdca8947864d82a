"""The decision box: the registry's verdict first, then what must be ticked, then, for some, a second person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from registration.desk import roles, two
from registration.models import RegistrationRequest
from sms.models import Message
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST, record, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status
GREEN = dict.fromkeys(RegistrationRequest.IDENTITY_FIELDS, "match")
DEAD, UNKNOWN = "صاحب این کد ملی فوت کرده است", "پایگاه مرجع کسی را با این کد ملی نمی‌شناسد"
TICKS: dict[str, Any] = {
    "documents_seen": "1",
    "no_code": "no_signal",
    "documents": ["national_card", "birth_certificate"],
}
ALL: dict[str, Any] = TICKS | {"compared": list(RegistrationRequest.IDENTITY_FIELDS)}
NEEDS_OTHER = "نفر دوم باید سرپرستی باشد که خود نفر اول نبوده است"


def activate(client: Client, row: RegistrationRequest, ticks: dict[str, Any]) -> str:
    """What the record says after the button."""
    sent = client.post(f"{LIST}{row.pk}/activate/", ticks)
    assert sent.headers["Location"] == record(row)
    return text(client.get(record(row)))


def status(row: RegistrationRequest) -> str:
    row.refresh_from_db()
    return row.status


def at_desk(new_client: NewClient, number: int, role: roles.Role, name: str) -> Client:
    client = new_client()
    client.force_login(member(number, role, first_name=name, last_name="کارگر"))
    return client


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"identity": "deceased", "findings": GREEN}, DEAD),
        ({"identity": "not_found"}, UNKNOWN),
        ({"identity": "mismatch", "findings": GREEN | {"first_name": "mismatch", "gender": "similar"}}, "نام، جنسیت."),
        ({"identity": "mismatch", "findings": {}}, "مشخصات با پایگاه مرجع مطابقت ندارد"),
    ],
)
def test_the_verdict_stands_before_everything_else(desk: Client, fields: dict[str, Any], says: str) -> None:
    page = text(desk.get(record(make_request(7, Status.MISMATCH, **fields))))
    assert page.index(says) < page.index("دیده‌ام") < page.index('class="groups"')


def test_what_differs_is_ticked_one_by_one_and_documents_are_named(desk: Client) -> None:
    row = make_request(7, Status.MISMATCH, findings=GREEN | {"first_name": "mismatch", "birth_date": "similar"})
    page = text(desk.get(record(row)))
    assert page.count('name="compared"') == 2
    assert page.count('name="documents"') == 5
    told = activate(desk, row, {"documents_seen": "1", "no_code": "no_signal"})
    assert "مدارکی را که دیده‌اید علامت بزنید" in told
    assert "با مدارک مقایسه کنید و علامت بزنید: نام، تاریخ تولد" in told
    assert "علامت بزنید: تاریخ تولد" in activate(desk, row, TICKS | {"compared": ["first_name"]})
    assert status(row) == "mismatch"
    assert not Message.objects.exists()
    for nonsense in ({"documents": ["x"]}, {"compared": ["password_hash"]}):
        activate(desk, row, TICKS | {"compared": ["first_name", "birth_date"]} | nonsense)
        assert status(row) == "mismatch"

    activate(desk, row, TICKS | {"compared": ["first_name", "birth_date"]})
    assert status(row) == "activated"
    words = row.events.get(kind="documents_seen").words
    seen = "دیده شد: کارت ملی، شناسنامه؛ در مدارک همان است که در درخواست: نام، تاریخ تولد"
    assert words == f"{seen}؛ تلفن همراه بدون کد: تلفن همراه اینجا آنتن ندارد"


def test_the_dead_are_not_activated_with_one_tick_although_all_is_green(
    desk: Client, clerk: User, new_client: NewClient
) -> None:
    row = make_request(7, Status.MISMATCH, identity="deceased", findings=GREEN)
    told = activate(desk, row, {"documents_seen": "1", "no_code": "no_signal"})
    assert "مدارکی را که دیده‌اید علامت بزنید" in told
    assert "در انتظار نفر دوم است" in activate(desk, row, TICKS)
    assert status(row) == "mismatch"
    assert not User.objects.filter(national_code=row.national_code).exists()

    # The clerk has had the say; the supervisor finds it on the first page, and who the first one was.
    page = text(desk.get(record(row)))
    assert "نفر اول: مینا کارگر" in page
    assert 'name="documents_seen"' not in page
    assert NEEDS_OTHER in activate(desk, row, TICKS)
    supervisor = at_desk(new_client, 701, roles.SUPERVISOR, "آذر")
    first = supervisor.get(DESK)
    assert {tile["name"]: tile["count"] for tile in first.context["tiles"]}["second"] == 1
    assert "second" not in {tile["name"] for tile in desk.get(DESK).context["tiles"]}
    assert shown(supervisor.get(f"{LIST}?status=second")) == [row.pk]
    page = text(supervisor.get(record(row)))
    assert "نفر اول: مینا کارگر" in page
    assert "دیده شد: کارت ملی، شناسنامه" in page
    assert "مدارکی را که دیده‌اید" in activate(supervisor, row, {"documents_seen": "1", "no_code": "no_signal"})
    assert "حساب کاربری فعال شد" in activate(supervisor, row, TICKS)
    assert status(row) == "activated"
    assert User.objects.get(national_code=row.national_code).is_active
    assert shown(supervisor.get(f"{LIST}?status=second")) == []
    page = text(desk.get(record(row)))
    for kind in ("مدارک دیده شد؛ نفر دوم باید تأیید کند", "نفر دوم مدارک را تأیید کرد"):
        assert f"{kind}: دیده شد: کارت ملی، شناسنامه" in page
    assert list(row.events.exclude(kind="viewed").values_list("kind", flat=True)) == ["first_word", "second_word"]


def test_two_clerks_are_not_enough(desk: Client, new_client: NewClient) -> None:
    row = make_request(7, Status.MISMATCH, identity="not_found")
    activate(desk, row, ALL)
    other = at_desk(new_client, 702, roles.CLERK, "آذر")
    assert NEEDS_OTHER in activate(other, row, ALL)
    assert status(row) == "mismatch"


def test_a_supervisor_who_was_first_is_not_second_as_well(new_client: NewClient) -> None:
    row = make_request(7, Status.MISMATCH, identity="not_found")
    first, second = (
        at_desk(new_client, number, role, "آذر") for number, role in ((703, roles.SUPERVISOR), (704, roles.HEAD_OFFICE))
    )
    activate(first, row, ALL)
    assert NEEDS_OTHER in activate(first, row, ALL)
    assert status(row) == "mismatch"
    activate(second, row, ALL)
    assert status(row) == "activated"


def test_an_auditor_reads_the_verdict_and_decides_nothing(new_client: NewClient) -> None:
    row = make_request(7, Status.MISMATCH, identity="deceased", findings=GREEN)
    auditor = at_desk(new_client, 705, roles.AUDITOR, "آذر")
    page = text(auditor.get(record(row)))
    assert "documents_seen" not in page
    assert DEAD in page
    assert auditor.post(f"{LIST}{row.pk}/activate/", ALL).status_code == 403


ONE: dict[str, Any] = {"status": Status.MISMATCH, "identity": "mismatch"}


@pytest.mark.parametrize(
    ("read", "now"),
    [
        (ONE | {"findings": GREEN | {"first_name": "mismatch"}}, {"identity": "deceased"}),
        (ONE | {"findings": GREEN | {"first_name": "mismatch"}}, {"findings": GREEN | {"last_name": "mismatch"}}),
        (ONE | {"identity": "not_found"}, {"identity": "mismatch"}),
        (ONE | {"identity": "not_found"}, {"status": Status.BRANCH, "identity": "match"}),
    ],
    ids=["two by now", "more to compare", "one by now", "agrees by now"],
)
def test_what_the_registry_says_between_the_form_and_the_lock(
    desk: Client, monkeypatch: pytest.MonkeyPatch, read: dict[str, Any], now: dict[str, Any]
) -> None:
    row, verb = make_request(1, **read), two.activate

    def overtaken(*args: Any, **kwargs: Any) -> str:
        RegistrationRequest.objects.filter(pk=row.pk).update(**now)
        return verb(*args, **kwargs)

    monkeypatch.setattr(two, "activate", overtaken)
    compared = {"compared": ["first_name"]} if "findings" in read else {"compared": ALL["compared"]}
    assert "در این میان مشخصات را اصلاح کرده است" in activate(desk, row, TICKS | compared)
    assert status(row) == now.get("status", Status.MISMATCH)
    assert not row.events.filter(kind__in=["first_word", "documents_seen"]).exists()
