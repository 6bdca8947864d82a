"""The desk's pages of its staff: whom each role sees and changes, every verb with its event, and what is forged."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Branch, StaffEnrolment, StaffEvent, User
from accounts.sign_in import totp
from accounts.staff import members
from registration.desk import roles, staff_acts, staff_scope
from tests.accounts import helpers
from tests.people import national_code
from tests.registration.desk.members import member
from tests.registration.wizard.walking import text

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
STAFF = "/desk/staff/"
WHY = "از شعبه رفت"
INVITED = {"national_code": "", "first_name": "نرگس", "last_name": "بهرامی", "role": "clerk", "branch": ""}


@pytest.fixture
def places() -> dict[str, Branch]:
    """One and two in the same province, three in another."""
    known = {"one": "تهران", "two": "تهران", "three": "فارس"}
    return {
        name: Branch.objects.create(code=str(code), name=f"شعبهٔ {code}", province=province, city=province)
        for code, (name, province) in enumerate(known.items(), 1)
    }


@pytest.fixture
def staff(places: dict[str, Branch]) -> dict[str, User]:
    """A clerk and a supervisor of each branch, and those who belong to none."""
    found: dict[str, User] = {}
    for number, (name, branch) in enumerate(places.items()):
        found[f"clerk {name}"] = member(700 + number, roles.CLERK, branch=branch)
        found[f"supervisor {name}"] = member(710 + number, roles.SUPERVISOR, branch=branch)
    found["province"] = member(720, roles.PROVINCE, branch=places["two"])
    found["head office"] = member(721, roles.HEAD_OFFICE)
    found["auditor"] = member(722, roles.AUDITOR)
    helpers.make_account(723)  # a citizen
    return found


def at_desk(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page_of(user: User, act: str = "") -> str:
    return f"{STAFF}{user.pk}/{act + '/' if act else ''}"


def code_on(page: object) -> str:
    found = re.search("([0-9]{4} [0-9]{4} [0-9]{4})", text(page))
    assert found
    return found[1]


SEES = {
    "clerk one": set[str](),
    "supervisor one": {"clerk one", "supervisor one"},
    "province": {"clerk one", "supervisor one", "clerk two", "supervisor two", "province"},
    "head office": {"*"},
    "auditor": {"*"},
}
CHANGES = {
    "supervisor one": {"clerk one"},
    "province": {"clerk one", "supervisor one", "clerk two", "supervisor two"},
    "head office": {"*"},
    "auditor": set[str](),
}


@pytest.mark.parametrize("who", SEES)
def test_each_role_sees_and_changes_whom_the_table_says(who: str, staff: dict[str, User]) -> None:
    viewer = User.objects.get(pk=staff[who].pk)
    everybody = set(staff)
    sees = {name for name, user in staff.items() if staff_scope.visible(viewer).filter(pk=user.pk).exists()}
    assert sees == (everybody if SEES[who] == {"*"} else SEES[who])
    changes = {name for name, user in staff.items() if name in sees and staff_scope.may_change(viewer, user)}
    assert changes == (everybody - {who} if CHANGES.get(who) == {"*"} else CHANGES.get(who, set()))


def test_other_branches_are_not_there_and_nobody_changes_oneself(client: Client, staff: dict[str, User]) -> None:
    desk = at_desk(client, staff["supervisor one"])
    listed = set(re.findall(rf'href="{STAFF}(\d+)/"', text(desk.get(STAFF))))
    assert listed == {str(staff[name].pk) for name in ("clerk one", "supervisor one")}
    for act in ("", *roles.STAFF_ACTS):
        for address in (page_of(staff["clerk two"], act), page_of(staff["head office"], act)):
            assert desk.get(address).status_code == 404
            assert act == "" or desk.post(address, {"reason": WHY}).status_code == 404
    for act in roles.STAFF_ACTS:
        assert desk.post(page_of(staff["supervisor one"], act), {"reason": WHY}).status_code == 403
    assert "این خود شمایید" in text(desk.get(page_of(staff["supervisor one"])))
    assert not StaffEvent.objects.exists()


def test_a_supervisor_invites_a_clerk_and_nobody_above(
    client: Client, staff: dict[str, User], places: dict[str, Branch]
) -> None:
    desk, code = at_desk(client, staff["supervisor one"]), national_code(730)
    form = {**INVITED, "national_code": code, "branch": str(places["one"].pk)}
    for forged in ({"role": "supervisor"}, {"role": "head-office"}, {"branch": str(places["two"].pk)}, {"branch": "x"}):
        assert "از فهرست انتخاب کنید" in text(desk.post(f"{STAFF}invite/", {**form, **forged}))
    assert not User.objects.filter(national_code=code).exists()

    extra = {"is_staff": "on", "is_superuser": "on", "password": "Badbadak%45", "mobile": "09120000001", "groups": "1"}
    shown = desk.post(f"{STAFF}invite/", {**form, **extra})

    user = User.objects.get(national_code=code)
    assert (user.is_staff, user.is_superuser, user.is_active, user.mobile) == (False, False, False, "")
    assert (user.branch, user.groups.get().name) == (places["one"], roles.CLERK.name)
    assert user.staff_events.values_list("kind", "actor").get() == ("added", staff["supervisor one"].pk)
    assert "/desk/enrol/" in text(shown)
    assert code_on(shown).replace(" ", "") not in str(StaffEnrolment.objects.values())
    again = desk.post(f"{STAFF}invite/", form)  # a reload of that page
    assert "از پیش دعوت شده است" in text(again)
    assert "دعوت‌شده، هنوز راه‌اندازی نکرده است" in text(desk.get(STAFF))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"national_code": "1234567890"}, "کد ملی"),
        ({"first_name": "Narges"}, "به خط فارسی"),
        ({"first_name": "ن" * 61}, "به خط فارسی"),
        ({"last_name": ""}, "نام خانوادگی را وارد کنید"),
        ({"branch": ""}, "شعبه را انتخاب کنید"),
        ({"role": ""}, "نقش را انتخاب کنید"),
    ],
)
def test_an_invitation_says_what_is_wrong(
    client: Client, staff: dict[str, User], places: dict[str, Branch], wrong: dict[str, str], told: str
) -> None:
    desk = at_desk(client, staff["head office"])
    form = {**INVITED, "national_code": national_code(730), "branch": str(places["one"].pk)}
    assert told in text(desk.post(f"{STAFF}invite/", {**form, **wrong}))
    assert not StaffEvent.objects.exists()


def test_every_act_is_kept_with_who_and_why(client: Client, staff: dict[str, User], places: dict[str, Branch]) -> None:
    desk, clerk = at_desk(client, staff["province"]), staff["clerk one"]
    totp.give(clerk)
    for act in ("role", "end-session", "reset-factor", "deactivate"):
        page = desk.post(page_of(clerk, act), {"role": "supervisor", "reason": "  "})
        assert "دلیل را بنویسید" in text(page), act
    assert not StaffEvent.objects.exists()
    done = [
        ("branch", {"branch": str(places["two"].pk)}),
        ("role", {"role": "supervisor", "reason": WHY}),
        ("end-session", {"reason": WHY}),
        ("reset-factor", {"reason": WHY}),
        ("new-code", {}),
        ("deactivate", {"reason": WHY}),
        ("reactivate", {}),
    ]
    for act, posted in done:
        answer = desk.post(page_of(clerk, act), posted)
        assert answer.status_code == (200 if act in {"reset-factor", "new-code", "reactivate"} else 302), act
    told = list(clerk.staff_events.values_list("kind", "before", "after", "words", "actor"))
    by = staff["province"].pk
    assert told == [
        ("branch", places["one"].name, places["two"].name, "", by),
        ("role", roles.CLERK.name, roles.SUPERVISOR.name, WHY, by),
        ("sessions_ended", "", "", WHY, by),
        ("factor_reset", "", "", WHY, by),
        ("code_given", "", "", "", by),
        ("deactivated", "", "", WHY, by),
        ("reactivated", "", "", "", by),
    ]
    told_on_page = text(desk.get(page_of(clerk)))
    assert told_on_page.count(WHY) == 4


def test_odd_characters_in_a_reason_are_left_out(client: Client, staff: dict[str, User]) -> None:
    desk, clerk = at_desk(client, staff["supervisor one"]), staff["clerk one"]
    assert "دلیل را بنویسید" in text(desk.post(page_of(clerk, "deactivate"), {"reason": "\x00"}))
    assert desk.post(page_of(clerk, "deactivate"), {"reason": f"\x00{WHY}\x00"}).status_code == 302
    assert clerk.staff_events.get().words == WHY


def test_what_cannot_be_done_now_says_so(client: Client, staff: dict[str, User]) -> None:
    desk, clerk = at_desk(client, staff["supervisor one"]), staff["clerk one"]
    for act in ("new-code", "reactivate"):
        led = desk.post(page_of(clerk, act), {"reason": WHY}, follow=True)
        assert "این کار اکنون برای این شخص انجام‌شدنی نیست" in text(led)
    totp.give(clerk)
    desk.post(page_of(clerk, "reset-factor"), {"reason": WHY})
    led = desk.post(page_of(clerk, "reset-factor"), {"reason": WHY}, follow=True)  # a reload
    assert "این کار اکنون برای این شخص انجام‌شدنی نیست" in text(led)
    assert clerk.staff_events.count() == 1


def test_branches_and_roles_out_of_reach_are_not_taken(
    client: Client, staff: dict[str, User], places: dict[str, Branch]
) -> None:
    desk, clerk = at_desk(client, staff["province"]), staff["clerk one"]
    for act, posted in (
        ("branch", {"branch": str(places["three"].pk)}),
        ("branch", {"branch": ""}),
        ("role", {"role": "province", "reason": WHY}),
        ("role", {"role": "head-office", "reason": WHY}),
    ):
        assert desk.post(page_of(clerk, act), posted).status_code == 200
    assert not StaffEvent.objects.exists()
    clerk.refresh_from_db()
    assert (clerk.branch, clerk.groups.get().name) == (places["one"], roles.CLERK.name)


def test_a_member_without_a_branch_gets_no_role_that_needs_one(client: Client, staff: dict[str, User]) -> None:
    desk = at_desk(client, staff["head office"])
    told = desk.post(page_of(staff["auditor"], "role"), {"role": "clerk", "reason": WHY})
    assert "نخست شعبهٔ این شخص را تعیین کنید" in text(told)


def test_who_has_no_role_gets_one_from_the_head_office(
    client: Client, new_client: NewClient, staff: dict[str, User], places: dict[str, Branch]
) -> None:
    lost = helpers.make_account(731, is_staff=True, branch=places["one"])
    StaffEvent.objects.create(account=lost, kind="added")
    asked = {"role": "clerk", "reason": WHY}
    assert at_desk(new_client(), staff["province"]).post(page_of(lost, "role"), asked).status_code == 403
    assert at_desk(client, staff["head office"]).post(page_of(lost, "role"), asked).status_code == 302
    assert lost.groups.get().name == roles.CLERK.name


def test_members_are_found_by_name_and_number_and_no_address_tells_whom(client: Client, staff: dict[str, User]) -> None:
    desk, clerk = at_desk(client, staff["head office"]), staff["clerk three"]
    User.objects.filter(pk=clerk.pk).update(last_name="بهرامی", last_name_key="بهرامی")
    for typed in ("بهر", clerk.national_code):
        sent = desk.post(f"{STAFF}find/", {"q": typed})
        assert typed not in sent.headers["Location"]
        assert re.findall(rf'href="{STAFF}(\d+)/"', text(desk.get(sent.headers["Location"]))) == [str(clerk.pk)]
    citizen = User.objects.get(national_code=national_code(723))
    sent = desk.post(f"{STAFF}find/", {"q": citizen.national_code})
    assert "کسی با این جستجو یافت نشد" in text(desk.get(sent.headers["Location"]))


def test_former_members_have_a_list_of_their_own(client: Client, staff: dict[str, User]) -> None:
    desk, clerk = at_desk(client, staff["supervisor one"]), staff["clerk one"]
    members.deactivate(clerk)
    assert page_of(clerk) not in text(desk.get(STAFF))
    assert page_of(clerk) in text(desk.get(f"{STAFF}?former=1"))


def test_the_session_is_listed_and_ended(client: Client, new_client: NewClient, staff: dict[str, User]) -> None:
    desk, clerk, other = at_desk(client, staff["supervisor one"]), staff["clerk one"], new_client()
    assert "نشست در میز کار</dt><dd>ندارد" in text(desk.get(page_of(clerk)))
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    sign_in = {"username": clerk.national_code, "password": helpers.PASSWORD}
    other.post("/desk/login/", sign_in, headers={"user-agent": agent})
    assert "Firefox, Linux" in text(desk.get(page_of(clerk)))
    assert desk.post(page_of(clerk, "end-session"), {"reason": WHY}).status_code == 302
    assert "نشست در میز کار</dt><dd>ندارد" in text(desk.get(page_of(clerk)))
    assert other.get("/desk/").status_code == 302


def test_the_acts_are_those_of_the_table() -> None:
    assert tuple(act.key for act in staff_acts.ACTS) == roles.STAFF_ACTS


def test_no_page_of_the_staff_needs_inline_code(client: Client, staff: dict[str, User]) -> None:
    desk, clerk = at_desk(client, staff["head office"]), staff["clerk one"]
    addresses = [STAFF, f"{STAFF}invite/", page_of(clerk), "/desk/recovery-codes/"]
    addresses += [page_of(clerk, act.key) for act in staff_acts.offered(staff["head office"], clerk)]
    assert len(addresses) == 9
    for address in addresses:
        page = text(desk.get(address))
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", page)
        assert page.count("<h1") == 1
