"""Who looked at whom and when, and searched for whom: what is kept of it, and who reads it."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import events as account_events
from accounts.models import AccountEvent, User
from iran.date_field import tehran_today
from iran.jalali import from_gregorian
from registration.desk import roles
from registration.desk.looks import lines
from registration.lifecycle import searches
from registration.models import DeskSearch, RegistrationRequest, RequestEvent
from tests.accounts import helpers
from tests.people import national_code
from tests.registration.desk.members import member, office
from tests.registration.desk.pages import ARABIC, DESK, LIST, PERSIAN, find, record
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
LOOKS = f"{DESK}looks/"
ACCOUNTS = f"{DESK}accounts/user/"
ANY = {"person": "", "clerk": "", "day": "", "what": "looks"}


def at_desk(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def asked(client: Client, **told: str) -> Any:
    """The list after the desk's form was sent."""
    sent = client.post(f"{LOOKS}find/", ANY | told)
    assert sent.status_code == 302, text(sent)
    assert not any(value in sent.headers["Location"] for name, value in told.items() if name == "person")
    return client.get(sent.headers["Location"])


def shown(page: Any) -> list[tuple[str, str, str]]:
    """Who, what it is about, the kind of record: newest first."""
    return [(line.who.national_code, line.national_code, line.record) for line in page.context["lines"]]


@pytest.fixture
def staff() -> dict[str, User]:
    here, there = office(), office("فارس", "شیراز")
    return {
        "clerk": member(800, roles.CLERK, branch=here),
        "colleague": member(801, roles.CLERK, branch=there),
        "supervisor": member(802, roles.SUPERVISOR, branch=here),
        "auditor": member(803, roles.AUDITOR),
    }


@pytest.fixture
def sara(staff: dict[str, User], new_client: NewClient) -> RegistrationRequest:
    """A citizen with a request and an account, at both of which the clerk has looked; the colleague has searched her
    account by her mobile and opened it."""
    row = make_request(10, province="تهران")
    account = helpers.make_account(10)
    User.objects.filter(pk=account.pk).update(mobile=row.mobile)
    clerk = at_desk(new_client(), staff["clerk"])
    assert clerk.get(record(row)).status_code == 200
    assert clerk.get(f"{ACCOUNTS}{account.pk}/change/").status_code == 200
    colleague = at_desk(new_client(), staff["colleague"])
    find_account(colleague, row.mobile.replace("+98", "0"))
    assert colleague.get(f"{ACCOUNTS}{account.pk}/change/").status_code == 200
    make_request(11, province="تهران")
    return row


def find_account(client: Client, typed: str) -> Any:
    return client.get(client.post(f"{ACCOUNTS}find/", {"q": typed}).headers["Location"])


@pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
def test_an_auditor_is_told_who_looked_at_somebody_and_who_searched(
    client: Client, staff: dict[str, User], sara: RegistrationRequest, digits: str
) -> None:
    typed = sara.national_code.translate(str.maketrans("0123456789", digits))
    page = asked(at_desk(client, staff["auditor"]), person=typed)
    clerk, colleague = staff["clerk"].national_code, staff["colleague"].national_code
    found = {
        (colleague, sara.national_code, "account"),
        (colleague, "", ""),  # a search, of which the row does not tell whom it found
        (clerk, sara.national_code, "account"),
        (clerk, sara.national_code, "request"),
    }
    assert len(shown(page)) == 4
    assert set(shown(page)) == found
    told = text(page)
    assert f"***{sara.national_code[-4:]}" in told
    assert sara.national_code not in told.replace(f'value="{typed}"', "")
    for other in (sara.mobile.replace("+98", "0"), str(sara.tracking_code)):
        own = (staff["auditor"].national_code, "", "")  # what the auditor has searched for is kept, too
        assert set(shown(asked(client, person=other))) == found | {own}


def test_a_supervisor_reads_of_the_own_branch_alone(
    client: Client, staff: dict[str, User], sara: RegistrationRequest
) -> None:
    desk = at_desk(client, staff["supervisor"])
    assert {who for who, *_ in shown(asked(desk, person=sara.national_code))} == {staff["clerk"].national_code}
    own = {staff[name].national_code for name in ("clerk", "supervisor")}
    assert {who for who, *_ in shown(desk.get(LOOKS))} == own
    assert desk.get(f"{LOOKS}?clerk={staff['colleague'].pk}").status_code == 404
    assert desk.get(f"{LOOKS}?clerk=x").status_code == 404
    refused = desk.post(f"{LOOKS}find/", ANY | {"clerk": staff["colleague"].national_code})
    assert "چنین همکاری یافت نشد" in text(refused)
    counted = {row.who.pk for row in desk.get(f"{LOOKS}idle/").context["counts"]}
    assert counted == {staff["clerk"].pk}


def test_looks_are_narrowed_by_clerk_and_day(client: Client, staff: dict[str, User], sara: RegistrationRequest) -> None:
    desk, today = at_desk(client, staff["auditor"]), "{}/{}/{}".format(*from_gregorian(tehran_today()))
    of_clerk = asked(desk, clerk=staff["clerk"].national_code.translate(PERSIAN))
    assert [who for who, *_ in shown(of_clerk)] == [staff["clerk"].national_code] * 2
    assert len(shown(asked(desk, day=today.translate(ARABIC)))) == 4
    assert shown(asked(desk, day="1404/1/1")) == []
    assert [record for *_, record in shown(asked(desk, what="searches"))] == [""]
    for odd in ("?day=1404-13-01", "?day=9", "?what=x", "?p=x", "?p=99999999999999999999"):
        assert desk.get(LOOKS + odd).status_code == 200, odd


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"person": "محمدی"}, "شماره را کامل وارد کنید"),
        ({"person": "1" * 101}, "حداکثر ۱۰۰ نویسه"),
        ({"day": "1405/13/1"}, "به تاریخ هجری شمسی"),
        ({"day": "2026/11/1"}, "به تاریخ هجری شمسی"),
        ({"clerk": national_code(899)}, "چنین همکاری یافت نشد"),
        ({"clerk": "محمد"}, "چند نفر از کارکنان این نام را دارند"),
        ({"what": "x"}, "یکی را انتخاب کنید"),
    ],
)
def test_the_form_says_what_is_wrong(client: Client, staff: dict[str, User], wrong: dict[str, str], told: str) -> None:
    User.objects.filter(is_staff=True).update(last_name="محمدی", last_name_key="محمدی")
    page = at_desk(client, staff["auditor"]).post(f"{LOOKS}find/", ANY | wrong)
    assert told in text(page)
    assert "خطا" in text(page)


def test_looks_without_anything_done_stand_out(client: Client, staff: dict[str, User], new_client: NewClient) -> None:
    served, looked_at = make_request(20, province="تهران"), make_request(21, province="تهران")
    clerk = at_desk(new_client(), staff["clerk"])
    for row in (served, looked_at):
        clerk.get(record(row))
    clerk.post(f"{LIST}{served.pk}/note/", {"words": "تماس گرفت"})
    account = helpers.make_account(20)  # of the same person, for whom something was done
    account_events.viewed(account, by=staff["clerk"], client_ip="192.0.2.1")

    desk = at_desk(client, staff["auditor"])
    [row] = desk.get(f"{LOOKS}idle/").context["counts"]
    assert (row.who, row.looks, row.idle) == (staff["clerk"], 3, 1)
    page = desk.get(f"{LOOKS}?what=idle&clerk={staff['clerk'].pk}")
    assert shown(page) == [(staff["clerk"].national_code, looked_at.national_code, "request")]
    assert f"what=idle&amp;clerk={staff['clerk'].pk}" in desk.get(f"{LOOKS}idle/").content.decode()
    assert desk.get(f"{LOOKS}idle/?day=1404-01-01").context["counts"] == []


def test_a_day_s_act_long_after_the_look_does_not_count(staff: dict[str, User]) -> None:
    account = helpers.make_account(30)
    look = {"account": account, "actor": staff["clerk"], "kind": "viewed", "security_version": 0}
    AccountEvent.objects.create(**look)
    lock = AccountEvent.objects.create(**look | {"kind": "locked", "words": "گم شد"})
    asking = lines.Asked()
    [count] = lines.counts(asking, 9)
    assert (count.looks, count.idle) == (1, 0)
    AccountEvent.objects.filter(pk=lock.pk).update(at=lock.at + lines.ACTED_WITHIN)
    [count] = lines.counts(asking, 9)
    assert (count.looks, count.idle) == (1, 1)


def test_to_reach_a_record_is_a_look_and_a_code_or_a_taken_request_is_no_act(staff: dict[str, User]) -> None:
    row, account = make_request(31), helpers.make_account(31)  # of one person
    clerk = {"actor": staff["clerk"], "words": "تماس گرفت"}
    for kind in ("reached", "viewed", "caller_code"):
        AccountEvent.objects.create(account=account, kind=kind, security_version=0, **clerk)
    for kind in ("reached", "viewed", "caller_code", "taken", "handed_back"):
        RequestEvent.objects.create(request=row, kind=kind, **clerk)
    [count] = lines.counts(lines.Asked(), 9)
    assert (count.looks, count.idle) == (4, 4)
    AccountEvent.objects.create(account=account, kind="caller_verified", security_version=0, **clerk)
    [count] = lines.counts(lines.Asked(), 9)
    assert (count.looks, count.idle) == (4, 0)


def test_the_list_goes_on_page_by_page(client: Client, staff: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PER_PAGE", 2)
    monkeypatch.setattr(lines, "LAST_PAGE", 2)
    for number in range(40, 45):
        account_events.viewed(helpers.make_account(number), by=staff["clerk"], client_ip="192.0.2.1")
    desk = at_desk(client, staff["auditor"])
    pages = [desk.get(f"{LOOKS}?p={page}") for page in (1, 2, 3)]
    seen = [[code for _, code, _ in shown(page)] for page in pages]
    assert seen == [[national_code(44), national_code(43)], [national_code(42), national_code(41)], seen[1]]
    assert 'rel="next"' in pages[0].content.decode()
    assert 'rel="next"' not in pages[1].content.decode()
    assert "آن را به یک روز" in text(pages[1])


# ── searches ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "what", "also"),
    [
        ("0019990014", "national_code", "۰۰۱۹۹۹۰۰۱۴"),
        ("09970000010", "mobile", "+98 997 000 0010"),
        ("9970000010", "either", "۹۹۷۰۰۰۰۰۱۰"),
        ("123456789012", "tracking_code", "1234 5678 9012"),
        ("12345678", "number", "۱۲۳۴۵۶۷۸"),
        ("محمدی", "name", "محمدي"),
    ],
)
def test_a_search_is_kept_without_what_was_typed(
    client: Client, staff: dict[str, User], typed: str, what: str, also: str
) -> None:
    desk = at_desk(client, staff["clerk"])
    find(desk, typed)
    find(desk, also)  # the same once more
    kept = DeskSearch.objects.get()
    assert (kept.actor, kept.place, kept.what, kept.hits) == (staff["clerk"], "requests", what, 0)
    assert kept.client_network == "198.18.0.0"
    assert len(kept.fingerprint) == searches.DIGITS
    said = searches.read(typed)[1]
    assert kept.fingerprint not in {hmac.digest(b"", said.encode(), "sha256").hex()[: searches.DIGITS], said}
    assert said not in str(DeskSearch.objects.values().get())
    assert DeskSearch.objects.filter(searches.about([also])).exists()
    assert not DeskSearch.objects.filter(searches.about(["0019990022"])).exists()


def test_a_number_that_may_be_two_things_is_found_as_both() -> None:
    clerk = helpers.make_account(1, is_staff=True)
    for typed in ("9970000010", "09970000010"):
        searches.note(typed, 0, place=DeskSearch.Place.ACCOUNTS, by=clerk, client_ip="192.0.2.1")
    found = {
        typed: DeskSearch.objects.filter(searches.about([typed])).count() for typed in ("09970000010", "9970000010")
    }
    assert found == {"09970000010": 2, "9970000010": 2}


def test_every_search_of_people_is_kept_and_how_many_it_found(client: Client, staff: dict[str, User]) -> None:
    desk, row = at_desk(client, staff["auditor"]), make_request(50)
    helpers.make_account(51)
    find(desk, row.national_code)
    desk.get(f"{LIST}?q={row.mobile[3:]}")  # an address that somebody made
    find_account(desk, national_code(51))
    desk.get(desk.post(f"{DESK}staff/find/", {"q": staff["clerk"].national_code}).headers["Location"])
    asked(desk, person=row.national_code)
    desk.get(LIST)  # a list without a search
    desk.get(ACCOUNTS)
    desk.get(LOOKS)
    kept = list(DeskSearch.objects.order_by("pk").values_list("place", "hits"))
    assert kept == [("requests", 1), ("requests", 1), ("accounts", 1), ("staff", 1), ("looks", 2)]


def test_a_search_is_found_by_a_key_that_is_still_accepted(settings: Any, staff: dict[str, User]) -> None:
    searches.note("09970000010", 0, place=DeskSearch.Place.ACCOUNTS, by=staff["clerk"], client_ip="192.0.2.1")
    settings.FINGERPRINTS_KEY = "another secret of this purpose, long enough"
    assert DeskSearch.objects.filter(searches.about(["09970000010"])).exists()
    settings.SECRET_KEY = "another secret of the whole portal, long enough"
    assert not DeskSearch.objects.filter(searches.about(["09970000010"])).exists()


def test_who_belongs_to_no_branch_reads_nothing(client: Client, staff: dict[str, User], sara: object) -> None:
    lost = member(810, roles.SUPERVISOR)
    assert not lost.branch_id
    assert shown(at_desk(client, lost).get(LOOKS)) == []
