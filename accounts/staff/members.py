"""Members of the staff of the branch desk: everything that is done about them, each time with its event.

A role is a group (registration.desk.roles); a member has exactly one of `among`, the groups that are roles. `by` is who
did it at the desk; None: an operator, on a terminal. `words`: why. Who is invited becomes staff by enrolling
(accounts.staff.enrolment); until then nothing of the account changes. Who is a citizen with an account as well keeps
it, and its password: of the desk alone somebody is put off.
"""

from collections.abc import Collection

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import protection
from accounts.models import Branch, Person, StaffEnrolment, StaffEvent, StaffFactor, User
from accounts.staff import enrolment
from accounts.staff.enrolment import Issued
from accounts.staff.events import Refused, note
from iran.names import is_name, normalise_name
from iran.numbers import normalise_national_code

Kind = StaffEvent.Kind
LONGEST_NAME = 60


def find(national_code: str) -> User:
    """Somebody who is, was, or is invited to be a member of the staff. Raises Refused."""
    user = User.objects.filter(national_code=national_code, staff_events__isnull=False).first()
    user = user or User.objects.filter(national_code=national_code, is_staff=True).first()
    if user is None:
        raise Refused(_("No member of the staff has this national code."))
    return user


def citizen(national_code: str) -> User | None:
    """The account that a citizen with this code has already. Raises Refused when nobody can be invited with it."""
    user = User.objects.filter(national_code=national_code).first()
    if user and user.is_staff:
        raise Refused(_("This person is a member of the staff already."))
    if user and StaffEnrolment.objects.filter(user=user).exists():
        raise Refused(_("This person is invited already; a new enrolment code can be made."))
    if user and user.staff_events.exists():
        raise Refused(_("This person was a member of the staff before: invite them again by “reactivate”."))
    if user and not (user.is_active and user.activated_at):
        raise Refused(_("The account with this national code is not active; nobody signs in with it."))
    if user:
        _refuse_without_password(user)
    return user


def _refuse_without_password(user: User) -> None:
    """The code alone would set one, and with it take over an account that was somebody's (docs/decisions/0042)."""
    if enrolment.chooses_password(user) and user.activated_at:
        raise Refused(_("The account of this person has no password. Its owner sets one by a recovery first."))


def invite(
    national_code: str,
    *,
    role: Group,
    branch: Branch | None,
    first_name: str = "",
    last_name: str = "",
    by: User | None = None,
) -> Issued:
    """A new member, with the code that must be handed over.

    Names are needed for who has no citizen's account. Raises ValidationError for a national code that is none, Refused.
    """
    national_code = normalise_national_code(national_code)
    with transaction.atomic():
        list(User.objects.select_for_update().filter(national_code=national_code))  # of two who invite, one is told
        user = citizen(national_code)
        if user is None:
            user = _make(national_code, {"first_name": _name(first_name), "last_name": _name(last_name)})
        User.objects.filter(pk=user.pk).update(branch=branch)
        user.groups.add(role)
        note(user, Kind.ADDED, after=role.name, by=by)
        return enrolment.issue(user)


def _name(typed: str) -> str:
    name = normalise_name(typed)
    if not is_name(name) or len(name) > LONGEST_NAME:
        raise Refused(_("A new member needs a first name and a last name, in Persian letters."))
    return name


def _make(national_code: str, names: dict[str, str]) -> User:
    """An account that was never active: it blocks no registration of the same person."""
    user = User(**Person.with_keys({"national_code": national_code, **names}), is_active=False)
    user.password = make_password(None)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Refused(_("An account with this national code was made a moment ago.")) from None
    return user


def move(user: User, branch: Branch | None, *, by: User | None = None) -> None:
    """To another branch, or to none. What the person may see follows at the next page."""
    with transaction.atomic():
        present = _locked(user)
        before = present.branch.name if present.branch else ""
        User.objects.filter(pk=user.pk).update(branch=branch)
        note(user, Kind.BRANCH, before=before, after=branch.name if branch else "", by=by)


def give_role(user: User, role: Group, among: Collection[Group], *, words: str = "", by: User | None = None) -> None:
    """Instead of the role, or the roles, that the member has now."""
    with transaction.atomic():
        _locked(user)
        held = [group for group in user.groups.order_by("name") if group in among]
        user.groups.remove(*held)
        user.groups.add(role)
        before = ", ".join(group.name for group in held)
        note(user, Kind.ROLE, before=before, after=role.name, words=words, by=by)


def deactivate(user: User, *, words: str = "", by: User | None = None) -> None:
    """Put off the desk at once: the app and an invitation are void, every session ends. A citizen's account stays."""
    with transaction.atomic():
        present = _locked(user)
        StaffFactor.objects.filter(user=user).delete()
        StaffEnrolment.objects.filter(user=user).delete()
        if present.is_staff:
            protection.overrule(user, is_staff=False)
        note(user, Kind.DEACTIVATED, words=words, by=by)


def reactivate(user: User, *, by: User | None = None) -> Issued:
    """Invited again, with the branch and the role of before. Without a password only by an operator, as a reset is."""
    with transaction.atomic():
        present = _row(user)
        if is_member(present):
            raise Refused(_("This is a member of the staff."))
        if by:
            _refuse_without_password(present)
        note(user, Kind.REACTIVATED, by=by)
        return enrolment.issue(user)


def new_code(user: User, *, by: User | None = None) -> Issued:
    """Another code for who has not enrolled yet: the one before was lost, is too old, or was tried too often."""
    with transaction.atomic():
        _locked(user)
        if StaffFactor.objects.filter(user=user).exists():
            raise Refused(_("This person has enrolled; a lost phone is a reset of the authenticator app."))
        note(user, Kind.CODE_GIVEN, by=by)
        return enrolment.issue(user)


def end_session(user: User, *, words: str = "", by: User | None = None) -> None:
    """The one that is open at the desk, if any, and every older one; the person may sign in again."""
    with transaction.atomic():
        _works(_locked(user))
        User.objects.filter(pk=user.pk).update(desk_session="")
        note(user, Kind.SESSIONS_ENDED, words=words, by=by)


def reset_factor(user: User, *, words: str = "", by: User | None = None) -> Issued:
    """App and recovery codes are void, every session ends; the person enrols anew, with the password of before."""
    with transaction.atomic():
        _works(_locked(user))
        StaffFactor.objects.filter(user=user).delete()
        protection.overrule(user)
        note(user, Kind.FACTOR_RESET, words=words, by=by)
        return enrolment.issue(user)


def reset_password(user: User, *, words: str = "", by: User | None = None) -> Issued:
    """For who has forgotten it: staff have no recovery. All is void, and the enrolment asks for a new password."""
    with transaction.atomic():
        _works(_locked(user))
        StaffFactor.objects.filter(user=user).delete()
        protection.overrule(user, password=make_password(None))
        note(user, Kind.PASSWORD_SET, words=words, by=by)
        return enrolment.issue(user)


def is_member(user: User) -> bool:
    """Works at the desk, or is invited to."""
    return user.is_staff or StaffEnrolment.objects.filter(user=user).exists()


def _row(user: User) -> User:
    """As it is now, kept from others until the transaction ends."""
    return User.objects.select_for_update(of=("self",)).select_related("branch").get(pk=user.pk)


def _locked(user: User) -> User:
    present = _row(user)
    if not is_member(present):
        raise Refused(_("Not a member of the staff any more."))
    return present


def _works(present: User) -> None:
    if not present.is_staff:
        raise Refused(_("This person has not enrolled yet; make a new enrolment code."))
