"""Whom of the staff somebody at the desk sees, and whom they may invite and change: what the table of roles says.

Nobody changes oneself; a member is changed by those who may make the member's role.
"""

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from accounts.models import Branch, StaffEvent, User
from iran.names import fold
from iran.numbers import clean_number
from registration.desk import roles
from registration.desk.roles import Role

CHANGE = "accounts.change_staff"


def role_of(user: User) -> Role | None:
    return roles.of([group.name for group in user.groups.all()])


def visible(viewer: User) -> QuerySet[User]:
    """Members, present, invited and former, within the reach of the viewer's role; those without a branch are for whom
    the reach is all. Found by small tables' indexes."""
    have_role = User.groups.through.objects.filter(group__in=Group.objects.filter(name__in=roles.names()))
    ids = have_role.values("user_id").union(StaffEvent.objects.values("account_id"))
    members = User.objects.filter(pk__in=ids).select_related("branch", "factor", "enrolment").prefetch_related("groups")
    return members if sees_all(viewer) else members.filter(branch__in=branches(viewer))


def sees_all(viewer: User) -> bool:
    return _reach(viewer) == roles.ALL


def found(rows: QuerySet[User], text: str) -> QuerySet[User]:
    """Of these, by the whole national code, else by the beginning of the last name."""
    number = clean_number(text)
    if any(digit in number for digit in "0123456789"):
        return rows.filter(national_code=number)
    key = fold(text)
    return rows.filter(last_name_key__startswith=key) if key else rows.none()


def branches(viewer: User) -> QuerySet[Branch]:
    """To which the viewer may invite and move somebody."""
    reach = _reach(viewer)
    if reach == roles.ALL:
        return Branch.objects.all()
    if reach == roles.OWN_PROVINCE and viewer.branch:
        return Branch.objects.filter(province=viewer.branch.province)
    if reach == roles.OWN_BRANCH and viewer.branch:
        return Branch.objects.filter(pk=viewer.branch.pk)
    return Branch.objects.none()


def _reach(viewer: User) -> str:
    """Of the viewer's role, see roles.Role; empty without one."""
    role = role_of(viewer)
    return role.staff if role else ""


def makes(viewer: User) -> list[Role]:
    """The roles that the viewer may give."""
    role = role_of(viewer)
    return [one for one in roles.ROLES if role and one.key in role.makes]


def may_change(viewer: User, member: User) -> bool:
    """Of a member that is visible to the viewer. Who has no role, for whatever reason, is the head office's."""
    if viewer.pk == member.pk or not viewer.has_perm(CHANGE):
        return False
    given, role = makes(viewer), role_of(member)
    return role in given or (role is None and roles.HEAD_OFFICE in given)
