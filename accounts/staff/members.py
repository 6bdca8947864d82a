"""Members of the staff of the branch desk: everything that is done about them, each time with its event.

A role is a group (registration.desk.roles); a member has exactly one of `among`, the groups that are roles. `by` is who
did it at the desk; None: an operator, on a terminal. Who is a citizen with an account as well keeps it, and its
password: of the desk alone somebody is put off.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts import protection
from accounts.models import Branch, Person, StaffEvent, StaffFactor, User
from accounts.passwords import rules as password_rules
from accounts.sign_in import totp
from infra import security_log
from iran.names import is_name, normalise_name
from iran.numbers import normalise_national_code

Kind = StaffEvent.Kind
LONGEST_NAME = 60


class Refused(Exception):  # noqa: N818  a state of affairs, not a fault
    """What was asked for cannot be done; the text says why, in English and without personal data."""


class WeakPassword(Refused):
    """`problems`: a message for each rule that the password breaks."""

    def __init__(self, problems: list[Any]) -> None:
        super().__init__("The password breaks rules.")
        self.problems = problems


def find(national_code: str) -> User:
    """A present or former member of the staff. Raises Refused."""
    user = User.objects.filter(national_code=national_code, staff_events__isnull=False).first()
    user = user or User.objects.filter(national_code=national_code, is_staff=True).first()
    if user is None:
        raise Refused("No member of the staff has this national code.")
    return user


def citizen(national_code: str) -> User | None:
    """The account that a citizen with this code has already. Raises Refused when nobody can become staff with it."""
    user = User.objects.filter(national_code=national_code).first()
    if user and user.is_staff:
        raise Refused("This person is a member of the staff already.")
    if user and user.staff_events.exists():
        raise Refused("This person was a member of the staff before: reactivate the account.")
    if user and not (user.is_active and user.activated_at):
        raise Refused("The account with this national code is not active; nobody signs in with it.")
    return user


@sensitive_variables("password")
def password_problems(password: str, *, first_name: str, last_name: str, national_code: str) -> list[Any]:
    """A message for each rule of docs/contract.md, password, that it breaks."""
    names = {"first_name": first_name, "last_name": last_name}
    return list(password_rules.problems(password, **names, national_code=national_code))


@sensitive_variables("password")
def add(
    national_code: str,
    *,
    role: Group,
    branch: Branch | None,
    first_name: str = "",
    last_name: str = "",
    password: str | None = None,
    by: User | None = None,
) -> tuple[User, StaffFactor]:
    """A new member, with the secret for the app that must be handed over.

    Who has a citizen's account becomes staff with it; names and password are needed for others only. Raises
    ValidationError for a national code that is none, WeakPassword, Refused.
    """
    national_code = normalise_national_code(national_code)
    with transaction.atomic():
        user = citizen(national_code)
        if user is None:
            names = {"first_name": _name(first_name), "last_name": _name(last_name)}
            if problems := password_problems(password or "", **names, national_code=national_code):
                raise WeakPassword(problems)
            user = _make(national_code, names, password or "")
        _write(user, is_staff=True, branch=branch)
        user.groups.add(role)
        _note(user, Kind.ADDED, after=role.name, by=by)
        factor = totp.give(user, anew=True)
    return user, factor


def _name(typed: str) -> str:
    name = normalise_name(typed)
    if not is_name(name) or len(name) > LONGEST_NAME:
        raise Refused("A new member needs a first name and a last name, in Persian letters.")
    return name


@sensitive_variables("password")
def _make(national_code: str, names: dict[str, str], password: str) -> User:
    user = User(**Person.with_keys({"national_code": national_code, **names}), activated_at=Now())
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # said without the row, which has the hash
        raise Refused("An account with this national code was made a moment ago.") from None
    return user


def move(user: User, branch: Branch | None, *, by: User | None = None) -> None:
    """To another branch, or to none. What the person may see follows at the next page."""
    with transaction.atomic():
        present = _locked(user, is_staff=True)
        before = present.branch.name if present.branch else ""
        User.objects.filter(pk=user.pk).update(branch=branch)
        _note(user, Kind.BRANCH, before=before, after=branch.name if branch else "", by=by)


def give_role(user: User, role: Group, among: Collection[Group], *, by: User | None = None) -> None:
    """Instead of the role, or the roles, that the member has now."""
    with transaction.atomic():
        _locked(user, is_staff=True)
        held = [group for group in user.groups.order_by("name") if group in among]
        user.groups.remove(*held)
        user.groups.add(role)
        _note(user, Kind.ROLE, before=", ".join(group.name for group in held), after=role.name, by=by)


def deactivate(user: User, *, by: User | None = None) -> None:
    """Put off the desk at once: the app's secret is void and every session ends. A citizen's account stays."""
    with transaction.atomic():
        _locked(user, is_staff=True)
        StaffFactor.objects.filter(user=user).delete()
        _write(user, is_staff=False)
        _note(user, Kind.DEACTIVATED, by=by)


def reactivate(user: User, *, by: User | None = None) -> StaffFactor:
    """With the branch and the role of before, and a new secret for the app."""
    with transaction.atomic():
        _locked(user, is_staff=False)
        _write(user, is_staff=True)
        _note(user, Kind.REACTIVATED, by=by)
        return totp.give(user, anew=True)


def reset_factor(user: User, *, by: User | None = None) -> StaffFactor:
    """A new secret; the old one is void, and the desk's sessions that it opened end."""
    with transaction.atomic():
        _locked(user, is_staff=True)
        _note(user, Kind.FACTOR_RESET, by=by)
        return totp.give(user, anew=True)


@sensitive_variables("password")
def set_password(user: User, password: str, *, by: User | None = None) -> None:
    """For who has forgotten it: staff have no recovery. Every session ends. Raises WeakPassword."""
    names = {"first_name": user.first_name, "last_name": user.last_name}
    if problems := password_problems(password, **names, national_code=user.national_code):
        raise WeakPassword(problems)
    fresh = User(pk=user.pk)
    fresh.set_password(password)
    with transaction.atomic():
        _locked(user, is_staff=True)
        _write(user, password=fresh.password)
        _note(user, Kind.PASSWORD_SET, by=by)


def _locked(user: User, *, is_staff: bool) -> User:
    """The row as it is now, kept from others until the transaction ends."""
    present = User.objects.select_for_update(of=("self",)).select_related("branch").get(pk=user.pk)
    if present.is_staff != is_staff:
        raise Refused("This is a member of the staff." if present.is_staff else "Not a member of the staff any more.")
    return present


def _write(user: User, **fields: Any) -> None:
    """All that is under way for the account ends with it (accounts.protection)."""
    User.objects.filter(pk=user.pk).update(**fields, security_version=F("security_version") + 1)
    protection.end_all(user)
    user.refresh_from_db()


def _note(user: User, kind: StaffEvent.Kind, *, before: str = "", after: str = "", by: User | None) -> None:
    StaffEvent.objects.create(account=user, actor=by, kind=kind, before=before[:100], after=after[:100])
    security_log.tell("staff", act=kind.value, by="desk" if by else "operator", national_code=user.national_code)
