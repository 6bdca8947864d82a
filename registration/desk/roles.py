"""What each role of the staff may do: the one table. docs/authorisation.md is drawn from it, `migrate` makes groups.

A role is a group of Django's; a group has exactly the permissions of its column, whatever was added by other ways.
"""

from typing import NamedTuple

from django.contrib.auth.models import Group, Permission
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(NamedTuple):
    """`key` is for commands, `name` is the group's. `at_branch`: who has it belongs to a branch.

    `staff`: which members of the staff who has it sees; `makes`: whom of them they invite and change, by their role.
    """

    key: str
    name: str
    says: str
    at_branch: bool
    staff: str = ""
    makes: tuple[str, ...] = ()

    @property
    def title(self) -> Promise:
        """What pages call it, each in its language; the group's name is Persian everywhere."""
        return TITLES[self.key]


class Right(NamedTuple):
    """`permissions`: app.codename; all that is needed for what `says` tells.

    `fresh_to_see`, `fresh_to_do`: names of the desk's addresses that are shown, or whose forms are taken, with a fresh
    code of the app only (registration.desk.step_up).
    """

    says: str
    permissions: tuple[str, ...]
    roles: tuple[Role, ...]
    fresh_to_see: tuple[str, ...] = ()
    fresh_to_do: tuple[str, ...] = ()


TITLES: dict[str, Promise] = {
    "clerk": _("Branch clerk"),
    "supervisor": _("Branch supervisor"),
    "province": _("Province clerk"),
    "head-office": _("Head office"),
    "auditor": _("Auditor"),
}
OWN_BRANCH, OWN_PROVINCE, ALL = "own branch", "own province", "all"
CLERK = Role("clerk", "کارشناس شعبه", "sees who comes with documents, and decides", at_branch=True)
SUPERVISOR = Role(
    "supervisor",
    "سرپرست شعبه",
    "a clerk whose word counts as the second one",
    at_branch=True,
    staff=OWN_BRANCH,
    makes=("clerk",),
)
PROVINCE = Role(
    "province",
    "کارشناس استان",
    "the same, at an office of the province",
    at_branch=True,
    staff=OWN_PROVINCE,
    makes=("clerk", "supervisor"),
)
HEAD_OFFICE = Role(
    "head-office",
    "ستاد مرکزی",
    "everything that anybody may do",
    at_branch=False,
    staff=ALL,
    makes=("clerk", "supervisor", "province", "head-office", "auditor"),
)
AUDITOR = Role("auditor", "بازرس", "reads everything, changes nothing", at_branch=False, staff=ALL)
ROLES = (CLERK, SUPERVISOR, PROVINCE, HEAD_OFFICE, AUDITOR)

REQUEST = "registration_registrationrequest_"
ACCOUNT = "accounts_user_"
REQUEST_ACTS = (
    *("activate", "bulkactivate", "correct", "reject", "withdraw"),
    *("code", "askagain", "sendagain", "told", "caller", "callercode"),
)
SHOWN_FRESH = ("code", "correct", "reject", "withdraw", "caller", "callercode")
ACCOUNT_ACTS = (
    *("mobile", "mobilecode", "recovery", "lock", "unlock", "sessions", "close", "death"),
    *("caller", "callercode", "identity", "identityrefuse", "documents"),
)
STAFF_ACTS = ("new-code", "branch", "role", "end-session", "reset-factor", "deactivate", "reactivate")
DECIDING = (CLERK, SUPERVISOR, PROVINCE, HEAD_OFFICE)
TABLE = (
    Right(
        "see the counts, the lists and a request's record",
        ("registration.view_registrationrequest",),
        ROLES,
        fresh_to_see=(f"{REQUEST}change",),
    ),
    Right(
        "see the requests and accounts of every province, not of the own branch's alone",
        ("registration.everywhere_registrationrequest", "accounts.everywhere_user"),
        (HEAD_OFFICE, AUDITOR),
    ),
    Right(
        "take, hand over, note, correct, ask again about, activate, refuse or withdraw a request, verify its caller",
        ("registration.decide_registrationrequest",),
        DECIDING,
        fresh_to_see=tuple(f"{REQUEST}{verb}" for verb in SHOWN_FRESH),
        fresh_to_do=tuple(f"{REQUEST}{verb}" for verb in REQUEST_ACTS),
    ),
    Right(
        "give the second word about a person whom the registry calls deceased or does not know",
        ("registration.confirm_registrationrequest",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE),
    ),
    Right(
        "find accounts, and see an account's page", ("accounts.view_user",), ROLES, fresh_to_see=(f"{ACCOUNT}change",)
    ),
    Right(
        "verify an account's caller, change its mobile, enter a change of its identity, note documents, start a "
        "recovery, lock and unlock it, end its sessions, close it",
        ("accounts.serve_user",),
        DECIDING,
        fresh_to_see=tuple(f"{ACCOUNT}{act}" for act in ACCOUNT_ACTS),
        fresh_to_do=tuple(f"{ACCOUNT}{act}" for act in ACCOUNT_ACTS),
    ),
    Right(
        "open an account again that was closed",
        ("accounts.reopen_user",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE),
        fresh_to_see=(f"{ACCOUNT}reopen",),
        fresh_to_do=(f"{ACCOUNT}reopen",),
    ),
    Right(
        "confirm a change of an account's identity that somebody else has entered, or refuse it",
        ("accounts.confirm_user",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE),
        fresh_to_see=(f"{ACCOUNT}identityconfirm",),
        fresh_to_do=(f"{ACCOUNT}identityconfirm",),
    ),
    Right("read branches and security questions", ("accounts.view_branch", "accounts.view_securityquestion"), ROLES),
    Right(
        "add and change branches",
        ("accounts.add_branch", "accounts.change_branch"),
        (HEAD_OFFICE,),
        fresh_to_do=("accounts_branch_add", "accounts_branch_change"),
    ),
    Right(
        "add and change security questions",
        ("accounts.add_securityquestion", "accounts.change_securityquestion"),
        (HEAD_OFFICE,),
        fresh_to_do=("accounts_securityquestion_add", "accounts_securityquestion_change"),
    ),
    Right("be told that a provider of text messages fails", ("sms.view_providerstate",), (HEAD_OFFICE, AUDITOR)),
    Right(
        "see the figures of the days, and who did how much, within the own provinces and branches",
        ("registration.view_dailyfigure",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE, AUDITOR),
    ),
    Right(
        "see members of the staff, within the reach of the role",
        ("accounts.view_staff",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE, AUDITOR),
    ),
    Right(
        "see at whose records those members looked, for whom they searched, and what came of it",
        ("registration.view_desksearch",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE, AUDITOR),
    ),
    Right(
        "invite, change and put off those of them whom the role makes, but never oneself",
        ("accounts.change_staff",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE),
        fresh_to_do=tuple(f"staff-{act}" for act in ("invite", *STAFF_ACTS)),
    ),
    Right("make new recovery codes for oneself", (), ROLES, fresh_to_do=("recovery-codes",)),
    Right(
        "read the services that sign people in here, and what was changed about them",
        ("sso.view_service", "sso.view_serviceevent"),
        (HEAD_OFFICE, AUDITOR),
    ),
    Right(
        "enter and change services",
        ("sso.add_service", "sso.change_service"),
        (HEAD_OFFICE,),
        fresh_to_do=("sso_service_add", "sso_service_change", "sso_service_secret"),
    ),
    Right(
        "open services that another person has entered, and close services",
        ("sso.open_service",),
        (HEAD_OFFICE,),
        fresh_to_do=("sso_service_opened", "sso_service_tested", "sso_service_closed"),
    ),
    Right("read what was changed about the staff", ("accounts.view_staffevent",), (HEAD_OFFICE, AUDITOR)),
)


def asks_fresh_code(address: str, method: str) -> str | None:
    """Who sends this to the desk's address of this name needs a fresh code: the permission for it, empty where staff
    need none. None: no fresh code."""
    sees = method != "POST"
    asking = (one for one in TABLE if address in (one.fresh_to_see if sees else one.fresh_to_do))
    return next((one.permissions[0] if one.permissions else "" for one in asking), None)


def permissions(role: Role) -> frozenset[str]:
    """All of a role, as app.codename."""
    return frozenset(name for right in TABLE if role in right.roles for name in right.permissions)


def apps() -> list[str]:
    """Whose permissions the table names."""
    return sorted({name.partition(".")[0] for right in TABLE for name in right.permissions})


def ensure_roles() -> None:
    """Make the group of each role, with exactly its permissions. After `migrate`, which makes the permissions.

    Raises LookupError when one is missing.
    """
    known = {f"{one.content_type.app_label}.{one.codename}": one for one in _permissions()}
    for role in ROLES:
        if missing := permissions(role) - known.keys():
            raise LookupError(f"There is no permission {', '.join(sorted(missing))}: run migrate first.")
        group, _ = Group.objects.get_or_create(name=role.name)
        group.permissions.set([known[name] for name in sorted(permissions(role))])


def _permissions() -> list[Permission]:
    return list(Permission.objects.select_related("content_type"))


def names() -> list[str]:
    """Of the groups that are roles."""
    return [role.name for role in ROLES]


def groups() -> list[Group]:
    """The groups that are roles."""
    return list(Group.objects.filter(name__in=names()))


def group(role: Role) -> Group:
    """The group of a role. Raises Group.DoesNotExist before the first `migrate`."""
    return Group.objects.get(name=role.name)


def of(names: list[str]) -> Role | None:
    """The role among the names of somebody's groups."""
    return next((role for role in ROLES if role.name in names), None)


def said(name: str) -> str | Promise:
    """What an event keeps of a move, for a page: a role's title; the name of a branch stays as it is."""
    role = of([name])
    return role.title if role else name


def as_page() -> str:
    """The part of docs/authorisation.md that the table makes: Markdown."""
    lines = [
        "| role | group | belongs to a branch | sees of the staff | invites and changes | |",
        "|---|---|---|---|---|---|",
    ]
    for role in ROLES:
        place, makes = "yes" if role.at_branch else "no", ", ".join(f"`{key}`" for key in role.makes)
        lines.append(f"| `{role.key}` | {role.name} | {place} | {role.staff or '–'} | {makes or '–'} | {role.says} |")
    named = " | ".join(role.key for role in ROLES)
    lines += ["", f"| may | {named} | fresh code | permission |", f"|---|{'---|' * len(ROLES)}---|---|"]
    for right in TABLE:
        marks = " | ".join("yes" if role in right.roles else "–" for role in ROLES)
        names = ", ".join(f"`{name}`" for name in right.permissions)
        lines.append(f"| {right.says} | {marks} | {_fresh(right)} | {names or '–'} |")
    return "\n".join(lines) + "\n"


def _fresh(right: Right) -> str:
    """For which of its addresses, by the last word of their names."""
    asked = (("before showing", right.fresh_to_see), ("before taking", right.fresh_to_do))
    told = [f"{when}: {', '.join(name.rpartition('_')[2] for name in names)}" for when, names in asked if names]
    return "; ".join(told) or "–"
