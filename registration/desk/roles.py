"""What each role of the staff may do: the one table. docs/authorisation.md is drawn from it, `migrate` makes groups.

A role is a group of Django's; a group has exactly the permissions of its column, whatever was added by other ways.
"""

from typing import NamedTuple

from django.contrib.auth.models import Group, Permission


class Role(NamedTuple):
    """`key` is for commands, `name` is the group's. `at_branch`: who has it belongs to a branch."""

    key: str
    name: str
    says: str
    at_branch: bool


class Right(NamedTuple):
    """`permissions`: app.codename; all that is needed for what `says` tells."""

    says: str
    permissions: tuple[str, ...]
    roles: tuple[Role, ...]


CLERK = Role("clerk", "کارشناس شعبه", "sees who comes with documents, and decides", at_branch=True)
SUPERVISOR = Role("supervisor", "سرپرست شعبه", "a clerk whose word counts as the second one", at_branch=True)
PROVINCE = Role("province", "کارشناس استان", "the same, at an office of the province", at_branch=True)
HEAD_OFFICE = Role("head-office", "ستاد مرکزی", "everything that anybody may do", at_branch=False)
AUDITOR = Role("auditor", "بازرس", "reads everything, changes nothing", at_branch=False)
ROLES = (CLERK, SUPERVISOR, PROVINCE, HEAD_OFFICE, AUDITOR)

DECIDING = (CLERK, SUPERVISOR, PROVINCE, HEAD_OFFICE)
TABLE = (
    Right("see the counts, the lists and a request's record", ("registration.view_registrationrequest",), ROLES),
    Right("take, note, correct, activate or refuse a request", ("registration.decide_registrationrequest",), DECIDING),
    Right(
        "give the second word about a person whom the registry calls deceased or does not know",
        ("registration.confirm_registrationrequest",),
        (SUPERVISOR, PROVINCE, HEAD_OFFICE),
    ),
    Right("find accounts, and see an account's page", ("accounts.view_user",), ROLES),
    Right(
        "change an account's mobile, start a recovery, lock and unlock it, end its sessions, close it",
        ("accounts.serve_user",),
        DECIDING,
    ),
    Right("open an account again that was closed", ("accounts.reopen_user",), (SUPERVISOR, PROVINCE, HEAD_OFFICE)),
    Right("read branches and security questions", ("accounts.view_branch", "accounts.view_securityquestion"), ROLES),
    Right("add and change branches", ("accounts.add_branch", "accounts.change_branch"), (HEAD_OFFICE,)),
    Right(
        "add and change security questions",
        ("accounts.add_securityquestion", "accounts.change_securityquestion"),
        (HEAD_OFFICE,),
    ),
    Right("be told that a provider of text messages fails", ("sms.view_providerstate",), (HEAD_OFFICE, AUDITOR)),
    Right("read what was changed about the staff", ("accounts.view_staffevent",), (HEAD_OFFICE, AUDITOR)),
)


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


def groups() -> list[Group]:
    """The groups that are roles."""
    return list(Group.objects.filter(name__in=[role.name for role in ROLES]))


def group(role: Role) -> Group:
    """The group of a role. Raises Group.DoesNotExist before the first `migrate`."""
    return Group.objects.get(name=role.name)


def of(names: list[str]) -> Role | None:
    """The role among the names of somebody's groups."""
    return next((role for role in ROLES if role.name in names), None)


def as_page() -> str:
    """The part of docs/authorisation.md that the table makes: Markdown."""
    lines = ["| role | group | belongs to a branch | |", "|---|---|---|---|"]
    lines += [f"| `{role.key}` | {role.name} | {'yes' if role.at_branch else 'no'} | {role.says} |" for role in ROLES]
    lines += ["", f"| may | {' | '.join(role.key for role in ROLES)} | permission |", f"|---|{'---|' * len(ROLES)}---|"]
    for right in TABLE:
        marks = " | ".join("yes" if role in right.roles else "–" for role in ROLES)
        lines.append(f"| {right.says} | {marks} | {', '.join(f'`{name}`' for name in right.permissions)} |")
    return "\n".join(lines) + "\n"
