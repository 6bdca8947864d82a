"""`manage.py staff`: how the first clerk is made, and everything that an operator does about members of the staff."""

import re
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from accounts.models import Branch, StaffEnrolment, StaffEvent, User
from accounts.sign_in import totp
from accounts.staff import members
from accounts.staff.events import Refused
from registration.desk import roles
from tests.accounts import helpers
from tests.people import national_code
from tests.registration.desk.enrolling import begin, enrol
from tests.registration.desk.factor import give_code, give_password, set_up_app
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK
from tests.threads import together

pytestmark = pytest.mark.django_db

CODE = national_code(801)
NewClient = Callable[[], Client]
NAMES = ("--first-name", "مینا", "--last-name", "كارگر")  # an Arabic kaf


def staff(*arguments: str) -> str:
    out = StringIO()
    call_command("staff", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def branch() -> Branch:
    return Branch.objects.create(code="17", name="شعبهٔ یک تهران", province="تهران", city="تهران")


def events(user: User) -> list[tuple[str, str, str]]:
    return list(user.staff_events.values_list("kind", "before", "after"))


def code_in(shown: str) -> str:
    found = re.search(r"code +([0-9]{4} [0-9]{4} [0-9]{4})\n", shown)
    assert found
    return found[1]


def test_the_first_clerk_is_invited_enrols_and_comes_to_the_desk(client: Client, branch: Branch) -> None:
    shown = staff("add", f"{CODE[:3]}-{CODE[3:]}", *NAMES, "--role", "clerk", "--branch", "۱۷")

    user = User.objects.get()
    assert (user.national_code, user.get_full_name(), user.last_name_key) == (CODE, "مینا کارگر", "کارگر")
    assert (user.branch, user.is_staff, user.is_active, user.activated_at) == (branch, False, False, None)
    assert not user.has_usable_password()
    assert [group.name for group in user.groups.all()] == [roles.CLERK.name]
    assert events(user) == [("added", "", roles.CLERK.name)]
    assert user.staff_events.get().actor is None
    assert "http://localhost/desk/enrol/" in shown
    assert code_in(shown).replace(" ", "") not in str(StaffEnrolment.objects.values())
    app = enrol(client, user, code_in(shown))
    user.refresh_from_db()
    assert (user.is_staff, user.is_active, user.is_superuser) == (True, True, False)
    assert events(user)[1:] == [("enrolled", "", "")]
    assert give_password(client, user).status_code == 302
    assert give_code(client, app(1)).status_code == 302  # that of now finished the enrolment
    assert client.get(DESK).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("1234567890", *NAMES, "--role", "clerk", "--branch", "17"), "no national code"),
        (("abc", *NAMES, "--role", "clerk", "--branch", "17"), "no national code"),
        ((CODE, *NAMES, "--role", "clerk"), "belongs to a branch"),
        ((CODE, *NAMES, "--role", "clerk", "--branch", "18"), "No branch has this code"),
        ((CODE, *NAMES, "--role", "boss"), "invalid choice"),
        ((CODE, "--role", "auditor"), "needs --first-name and --last-name"),
        ((CODE, "--first-name", "Mina", "--last-name", "کارگر", "--role", "auditor"), "Persian letters"),
        ((CODE, "--first-name", "ن" * 61, "--last-name", "کارگر", "--role", "auditor"), "Persian letters"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_made(branch: Branch, arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        staff("add", *arguments)
    assert not User.objects.exists()
    assert not StaffEvent.objects.exists()


def test_a_citizen_becomes_staff_with_the_password_of_before(
    client: Client, new_client: NewClient, branch: Branch
) -> None:
    citizen, phone = helpers.make_account(7), new_client()
    helpers.sign_in(client, citizen)
    shown = staff("add", citizen.national_code, "--role", "supervisor", "--branch", "17")
    assert "keeps its password" in shown
    assert helpers.signed_in(client)  # an invitation alone changes nothing
    enrol(phone, citizen, code_in(shown))
    assert not helpers.signed_in(client)  # no session of before opens more than it did
    citizen.refresh_from_db()
    assert citizen.check_password(helpers.PASSWORD)
    assert (citizen.is_staff, citizen.branch, citizen.last_name) == (True, branch, "محمدی")


def test_nobody_is_made_twice_and_no_closed_account_becomes_staff(branch: Branch) -> None:
    for user, told in (
        (member(1, roles.CLERK), "already"),
        (helpers.make_account(2, is_active=False, activated_at=None), "not active"),
        (helpers.make_account(3, is_active=False), "not active"),
    ):
        with pytest.raises(CommandError, match=told):
            staff("add", user.national_code, "--role", "clerk", "--branch", "17")
    assert not StaffEvent.objects.exists()
    staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")
    with pytest.raises(CommandError, match="invited already"):
        staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")
    staff("deactivate", CODE)
    with pytest.raises(CommandError, match="before"):
        staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")


@pytest.mark.django_db(transaction=True)
def test_of_several_operators_at_one_moment_one_makes_the_member() -> None:
    role = roles.group(roles.AUDITOR)

    def make() -> str:
        try:
            members.invite(CODE, role=role, branch=None, first_name="مینا", last_name="کارگر")
        except Refused as refused:
            with override("en"):
                return str(refused)
        return "made"

    told = [str(one) for one in together(make, 4)]
    assert told.count("made") == 1
    assert not [one for one in told if one != "made" and "already" not in one and "a moment ago" not in one]
    assert events(User.objects.get()) == [("added", "", roles.AUDITOR.name)]


def test_a_role_takes_the_place_of_the_one_before_and_leaves_other_groups(branch: Branch) -> None:
    user = member(1, roles.CLERK, branch=branch)
    own = user.groups.create(name="کتابخانه")
    staff("role", user.national_code, "auditor")
    assert set(user.groups.all()) == {own, roles.group(roles.AUDITOR)}
    assert events(user) == [("role", roles.CLERK.name, roles.AUDITOR.name)]


def test_who_belongs_to_a_branch_is_not_without_one(branch: Branch) -> None:
    user, other = member(1, roles.AUDITOR), Branch.objects.create(code="2", name="دو", province="تهران", city="تهران")
    with pytest.raises(CommandError, match="belongs to a branch"):
        staff("role", user.national_code, "clerk")
    staff("branch", user.national_code, "17")
    staff("role", user.national_code, "clerk")
    with pytest.raises(CommandError, match="belongs to a branch"):
        staff("branch", user.national_code, "")
    staff("branch", user.national_code, "2")
    user.refresh_from_db()
    assert user.branch == other
    assert events(user) == [
        ("branch", "", branch.name),
        ("role", "بازرس", "کارشناس شعبه"),
        ("branch", branch.name, "دو"),
    ]


def test_who_is_put_off_is_out_at_once_and_stays_a_citizen(
    client: Client, new_client: NewClient, branch: Branch
) -> None:
    user = member(1, roles.CLERK, branch=branch)
    app = set_up_app(user)
    client.force_login(user)
    assert client.get(DESK).status_code == 200
    staff("deactivate", user.national_code)
    assert client.get(DESK).status_code == 302
    assert give_password(client, user).status_code == 200
    user.refresh_from_db()
    assert (user.is_staff, user.is_active) == (False, True)
    helpers.sign_in(client, user)
    assert helpers.signed_in(client)
    with pytest.raises(CommandError, match="Not a member"):
        staff("deactivate", user.national_code)

    shown = staff("reactivate", user.national_code)
    user.refresh_from_db()
    assert not user.is_staff  # until they enrol
    with pytest.raises(CommandError, match="is a member"):
        staff("reactivate", user.national_code)
    enrol(new_client(), user, code_in(shown))
    user.refresh_from_db()
    assert (user.is_staff, user.branch, user.groups.get().name) == (True, branch, roles.CLERK.name)
    assert totp.use(user, app(0), "192.0.2.1") is None  # the app of before is void
    assert [kind for kind, _, _ in events(user)] == ["deactivated", "reactivated", "enrolled"]


def test_a_withdrawn_invitation_leaves_nothing_that_opens_or_blocks(client: Client, branch: Branch) -> None:
    code = code_in(staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17"))
    staff("deactivate", CODE)
    user = User.objects.get()
    assert begin(client, user, code).status_code == 200
    assert (user.is_staff, user.is_active, user.activated_at) == (False, False, None)
    assert [kind for kind, _, _ in events(user)] == ["added", "deactivated"]


@pytest.mark.parametrize("act", ["reset-factor", "password"])
def test_who_lost_the_phone_or_forgot_the_password_enrols_anew(client: Client, new_client: NewClient, act: str) -> None:
    user = member(1, roles.CLERK)
    app = set_up_app(user)
    client.force_login(user)
    shown = staff(act, user.national_code)
    assert client.get(DESK).status_code == 302
    assert totp.use(user, app(0), "192.0.2.1") is None
    phone, password = new_client(), helpers.NEW_PASSWORD if act == "password" else helpers.PASSWORD
    enrol(phone, user, code_in(shown), password)
    user.refresh_from_db()
    assert user.check_password(password)
    kind = "password_set" if act == "password" else "factor_reset"
    assert events(user) == [(kind, "", ""), ("enrolled", "", "")]


def test_a_lost_code_is_replaced(client: Client, branch: Branch) -> None:
    old = code_in(staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17"))
    new, user = code_in(staff("new-code", CODE)), User.objects.get()
    assert begin(client, user, old).status_code == 200
    with pytest.raises(CommandError, match="not enrolled yet"):
        staff("reset-factor", CODE)
    enrol(client, user, new)
    with pytest.raises(CommandError, match="has enrolled"):
        staff("new-code", CODE)
    assert [kind for kind, _, _ in events(user)] == ["added", "code_given", "enrolled"]


def test_the_list_tells_who_works_and_who_did(branch: Branch) -> None:
    clerk, former, operator = (
        member(1, roles.CLERK, branch=branch),
        member(2, roles.AUDITOR, last_name="بهرامی"),
        helpers.make_account(3, is_staff=True, is_superuser=True, last_name="امیری"),
    )
    helpers.make_account(4)
    set_up_app(clerk)
    staff("deactivate", former.national_code)
    lost = member(5, roles.CLERK, branch=branch, last_name="پارسا")
    staff("reset-factor", lost.national_code)
    staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")
    lines = [line.split() for line in staff("list").splitlines()]
    assert lines == [
        ["code", "role", "app", "branch", "name"],
        [f"…{clerk.national_code[-4:]}", "works", "clerk", "unused", "17", "سارا", "محمدی"],
        [f"…{former.national_code[-4:]}", "former", "auditor", "none", "سارا", "بهرامی"],
        [f"…{operator.national_code[-4:]}", "works", "all", "none", "سارا", "امیری"],
        [f"…{lost.national_code[-4:]}", "enrols", "clerk", "none", "17", "سارا", "پارسا"],
        [f"…{CODE[-4:]}", "invited", "clerk", "none", "17", "مینا", "کارگر"],
    ]


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "new-code", "reset-factor", "password"])
def test_citizens_are_left_alone(act: str) -> None:
    citizen = helpers.make_account(7)
    with pytest.raises(CommandError, match="No member of the staff"):
        staff(act, citizen.national_code)
    assert not StaffEvent.objects.exists()


@pytest.mark.parametrize("arguments", [(), ("--noinput", "--national_code", CODE, "--last_name", "x")])
def test_the_command_that_asks_nothing_points_to_this_one(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="staff add"):
        call_command("createsuperuser", *arguments)
    assert not User.objects.exists()
