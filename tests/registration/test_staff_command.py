"""`manage.py staff`: how the first clerk is made, and everything that an operator does about members of the staff."""

import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Branch, StaffEvent, StaffFactor, User
from accounts.sign_in import totp
from accounts.staff import members
from registration.desk import roles
from tests.accounts import helpers
from tests.people import national_code
from tests.registration.desk.factor import give_code, give_password, set_up_app
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK
from tests.threads import together

pytestmark = pytest.mark.django_db

CODE = national_code(801)
Typed = Callable[..., None]
NewClient = Callable[[], Client]
NAMES = ("--first-name", "مینا", "--last-name", "كارگر")  # an Arabic kaf


def staff(*arguments: str) -> str:
    out = StringIO()
    call_command("staff", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What is typed where a password is asked for, in this order; more is not asked."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)

    def types(*passwords: str) -> None:
        left: Iterator[str] = iter(passwords)
        monkeypatch.setattr("registration.management.commands.staff.getpass", lambda prompt: next(left))

    types()
    return types


@pytest.fixture
def branch() -> Branch:
    return Branch.objects.create(code="17", name="شعبهٔ یک تهران", province="تهران", city="تهران")


def events(user: User) -> list[tuple[str, str, str]]:
    return list(user.staff_events.values_list("kind", "before", "after"))


def test_the_first_clerk_is_made_and_comes_to_the_desk(client: Client, typed: Typed, branch: Branch) -> None:
    typed(helpers.PASSWORD, helpers.PASSWORD)
    shown = staff("add", f"{CODE[:3]}-{CODE[3:]}", *NAMES, "--role", "clerk", "--branch", "۱۷")

    user = User.objects.get()
    assert (user.national_code, user.get_full_name(), user.last_name_key) == (CODE, "مینا کارگر", "کارگر")
    assert (user.branch, user.is_staff, user.is_superuser, user.is_active) == (branch, True, False, True)
    assert [group.name for group in user.groups.all()] == [roles.CLERK.name]
    assert events(user) == [("added", "", roles.CLERK.name)]
    assert user.staff_events.get().actor is None
    assert totp.secret(StaffFactor.objects.get()) in shown
    assert helpers.PASSWORD not in shown
    app = set_up_app(user)
    assert give_password(client, user).status_code == 302
    assert give_code(client, app(0)).status_code == 302
    assert client.get(DESK).status_code == 200


def test_a_weak_password_and_two_different_ones_are_asked_for_again(
    typed: Typed, branch: Branch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("1", "1", helpers.PASSWORD, helpers.WRONG, helpers.PASSWORD, helpers.PASSWORD)
    staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")
    told = capsys.readouterr().err
    assert "8 characters or more" in told
    assert "not the same" in told
    assert User.objects.get().check_password(helpers.PASSWORD)


def test_after_three_tries_nothing_is_made(typed: Typed, branch: Branch) -> None:
    typed(*["Kargar1404"] * 6)
    with pytest.raises(CommandError, match=r"Nothing was changed\."):
        staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")
    assert not User.objects.exists()


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
def test_what_cannot_be_made_is_said_and_nothing_is_made(
    typed: Typed, branch: Branch, arguments: tuple[str, ...], told: str
) -> None:
    typed(helpers.PASSWORD, helpers.PASSWORD)
    with pytest.raises(CommandError, match=told):
        staff("add", *arguments)
    assert not User.objects.exists()
    assert not StaffEvent.objects.exists()


def test_without_a_terminal_no_password_is_asked_for(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="on a terminal"):
        staff("add", CODE, *NAMES, "--role", "clerk", "--branch", "17")


def test_the_rules_hold_whoever_calls(branch: Branch) -> None:
    with pytest.raises(members.WeakPassword) as weak:
        members.add(
            CODE, role=roles.group(roles.CLERK), branch=branch, first_name="مینا", last_name="کارگر", password="1"
        )
    assert len(weak.value.problems) > 3
    with pytest.raises(members.WeakPassword):
        members.set_password(member(1, roles.CLERK), "mohammadi")
    assert User.objects.count() == 1


def test_a_citizen_becomes_staff_with_the_password_of_before(client: Client, branch: Branch, typed: Typed) -> None:
    citizen = helpers.make_account(7)
    helpers.sign_in(client, citizen)
    shown = staff("add", citizen.national_code, "--role", "supervisor", "--branch", "17")
    assert "keeps its password" in shown
    assert not helpers.signed_in(client)  # no session of before opens more than it did
    citizen.refresh_from_db()
    assert citizen.check_password(helpers.PASSWORD)
    assert (citizen.is_staff, citizen.branch, citizen.last_name) == (True, branch, "محمدی")


def test_nobody_is_made_twice_and_no_closed_account_becomes_staff(typed: Typed, branch: Branch) -> None:
    for user, told in (
        (member(1, roles.CLERK), "already"),
        (helpers.make_account(2, is_active=False, activated_at=None), "not active"),
        (helpers.make_account(3, is_active=False), "not active"),
    ):
        with pytest.raises(CommandError, match=told):
            staff("add", user.national_code, "--role", "clerk", "--branch", "17")
    assert not StaffEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_several_operators_at_one_moment_one_makes_the_member() -> None:
    role = roles.group(roles.AUDITOR)
    names: dict[str, Any] = {"first_name": "مینا", "last_name": "کارگر", "password": helpers.PASSWORD}

    def make() -> str:
        try:
            members.add(CODE, role=role, branch=None, **names)
        except members.Refused as refused:
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


def test_who_is_put_off_is_out_at_once_and_stays_a_citizen(client: Client, branch: Branch) -> None:
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
    assert (user.is_staff, user.branch, user.groups.get().name) == (True, branch, roles.CLERK.name)
    found = re.search(r"secret \(to be typed\) +([A-Z2-7 ]+)\n", shown)
    assert found
    assert found[1].replace(" ", "") == totp.secret(user.factor)
    assert totp.use(user, app(0), "192.0.2.1") is None  # the app of before is void
    assert [kind for kind, _, _ in events(user)] == ["factor_reset", "deactivated", "reactivated"]
    with pytest.raises(CommandError, match="is a member"):
        staff("reactivate", user.national_code)


def test_a_forgotten_password_is_set_anew(client: Client, typed: Typed) -> None:
    user = member(1, roles.CLERK)
    client.force_login(user)
    typed(helpers.NEW_PASSWORD, helpers.NEW_PASSWORD)
    staff("password", user.national_code)
    assert client.get(DESK).status_code == 302
    user.refresh_from_db()
    assert user.check_password(helpers.NEW_PASSWORD)
    assert events(user) == [("password_set", "", "")]


def test_the_list_tells_who_works_and_who_did(branch: Branch) -> None:
    clerk, former, operator = (
        member(1, roles.CLERK, branch=branch),
        member(2, roles.AUDITOR, last_name="بهرامی"),
        helpers.make_account(3, is_staff=True, is_superuser=True, last_name="امیری"),
    )
    helpers.make_account(4)
    set_up_app(clerk)
    staff("deactivate", former.national_code)
    lines = [line.split() for line in staff("list").splitlines()]
    assert lines == [
        ["code", "role", "app", "branch", "name"],
        [f"…{clerk.national_code[-4:]}", "works", "clerk", "unused", "17", "سارا", "محمدی"],
        [f"…{former.national_code[-4:]}", "former", "auditor", "none", "سارا", "بهرامی"],
        [f"…{operator.national_code[-4:]}", "works", "all", "none", "سارا", "امیری"],
    ]


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "reset-factor", "password"])
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
