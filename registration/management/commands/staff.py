"""`manage.py staff …`: who works at the branch desk. The first member is made here, on a machine with a terminal.

A password is asked for, twice, and never an argument: arguments stand in lists of processes and in histories.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.translation import override
from django.views.decorators.debug import sensitive_variables

from accounts.models import Branch, StaffFactor, User
from accounts.sign_in import totp
from accounts.staff import members
from iran.numbers import clean_number, normalise_national_code
from registration.desk import roles as desk_roles

TRIES = 3
GIVEN = """For the authenticator app of this person; it is not shown again.

  address (as a QR code)  {uri}
  secret (to be typed)    {secret}

They sign in at the desk with the password and then the six digits that the app shows."""
LINE = "{code:<8}{state:<8}{role:<13}{app:<9}{branch:<10}{name}"
KEYS = [role.key for role in desk_roles.ROLES]


class Command(BaseCommand):
    help = "Make, move and put off members of the staff of the branch desk. Each change is kept as an event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        add = _about_one(acts, "add", "make a member; who has a citizen's account keeps it and its password")
        add.add_argument("--first-name", default="", help="for who has no account yet")
        add.add_argument("--last-name", default="")
        add.add_argument("--role", choices=KEYS, required=True)
        add.add_argument("--branch", metavar="CODE", help="the branch's code")
        branch = _about_one(acts, "branch", "to another branch")
        branch.add_argument("branch", metavar="BRANCH", help="its code; '' for none")
        role = _about_one(acts, "role", "instead of the present role")
        role.add_argument("role", choices=KEYS)
        _about_one(acts, "deactivate", "put off the desk at once; a citizen's account stays")
        _about_one(acts, "reactivate", "back, with branch and role of before and a new secret for the app")
        _about_one(acts, "reset-factor", "a new secret for the app, the old one is void")
        _about_one(acts, "password", "a new password, for who has forgotten it")
        acts.add_parser("list", help="everybody who works or has worked at the desk")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        does: dict[str, Callable[[dict[str, Any]], None]] = {
            "add": self.add,
            "branch": self.branch,
            "role": self.role,
            "deactivate": self.deactivate,
            "reactivate": self.reactivate,
            "reset-factor": self.reset_factor,
            "password": self.password,
            "list": self.list,
        }
        try:
            does[act](options)
        except members.WeakPassword as weak:  # the terminal was asked, so the account has changed meanwhile
            raise CommandError(_in_english(weak.problems)) from None
        except members.Refused as refused:
            raise CommandError(str(refused)) from None
        except ValidationError:
            raise CommandError("This is no national code: ten digits, of which the last checks the others.") from None

    def add(self, options: dict[str, Any]) -> None:
        code = normalise_national_code(options["national_code"])
        role, branch = _role(options["role"]), _branch(options["branch"])
        _fits(role, branch)
        names = {"first_name": options["first_name"].strip(), "last_name": options["last_name"].strip()}
        has_account = members.citizen(code) is not None
        if not has_account and not all(names.values()):
            raise CommandError("Who has no account yet needs --first-name and --last-name.")
        password = None if has_account else _ask_password(code, **names)
        user, factor = members.add(code, role=desk_roles.group(role), branch=branch, password=password, **names)
        kept = f" {user.get_full_name()} has an account already and keeps its password." if has_account else ""
        self.stdout.write(f"Made.{kept}")
        self._show(factor)

    def branch(self, options: dict[str, Any]) -> None:
        user, branch = _found(options), _branch(options["branch"])
        if role := _role_of(user):
            _fits(role, branch)
        members.move(user, branch)
        self.stdout.write("Done.")

    def role(self, options: dict[str, Any]) -> None:
        user, role = _found(options), _role(options["role"])
        _fits(role, user.branch)
        members.give_role(user, desk_roles.group(role), desk_roles.groups())
        self.stdout.write("Done. It counts from the next page on.")

    def deactivate(self, options: dict[str, Any]) -> None:
        members.deactivate(_found(options))
        self.stdout.write("Done. All sessions of the account have ended.")

    def reactivate(self, options: dict[str, Any]) -> None:
        self._show(members.reactivate(_found(options)))

    def reset_factor(self, options: dict[str, Any]) -> None:
        self._show(members.reset_factor(_found(options)))

    @sensitive_variables("password")
    def password(self, options: dict[str, Any]) -> None:
        user = _found(options)
        password = _ask_password(user.national_code, first_name=user.first_name, last_name=user.last_name)
        members.set_password(user, password)
        self.stdout.write("Done. All sessions of the account have ended.")

    def list(self, options: dict[str, Any]) -> None:
        shown = User.objects.filter(Q(is_staff=True) | Q(staff_events__isnull=False)).distinct()
        self.stdout.write(LINE.format(code="code", state="", role="role", app="app", branch="branch", name="name"))
        for user in shown.select_related("branch", "factor").prefetch_related("groups").order_by("last_name_key", "pk"):
            role = desk_roles.of([group.name for group in user.groups.all()])
            factor = getattr(user, "factor", None)
            line = LINE.format(
                code=f"…{user.national_code[-4:]}",
                state="works" if user.is_staff and user.is_active else "former" if not user.is_staff else "closed",
                role=role.key if role else "all" if user.is_superuser else "none",
                app="none" if factor is None else "in use" if factor.confirmed_at else "unused",
                branch=user.branch.code if user.branch else "",
                name=user.get_full_name(),
            )
            self.stdout.write(line.rstrip())

    def _show(self, factor: StaffFactor) -> None:
        secret = totp.secret(factor)
        in_fours = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        self.stdout.write(GIVEN.format(uri=totp.uri(factor), secret=in_fours))


def _about_one(acts: Any, name: str, about: str) -> ArgumentParser:
    parser: ArgumentParser = acts.add_parser(name, help=about)
    parser.add_argument("national_code", help="in any digits")
    return parser


def _found(options: dict[str, Any]) -> User:
    return members.find(clean_number(options["national_code"]))


def _role(key: str) -> desk_roles.Role:
    return next(role for role in desk_roles.ROLES if role.key == key)


def _role_of(user: User) -> desk_roles.Role | None:
    return desk_roles.of(list(user.groups.values_list("name", flat=True)))


def _branch(code: str | None) -> Branch | None:
    if not code:
        return None
    try:
        return Branch.objects.get(code=clean_number(code))
    except Branch.DoesNotExist:
        raise CommandError("No branch has this code; import_branches fills the directory.") from None


def _fits(role: desk_roles.Role, branch: Branch | None) -> None:
    if role.at_branch and branch is None:
        raise CommandError(f"Who is {role.key} belongs to a branch: name its code.")


@sensitive_variables("password", "again")
def _ask_password(national_code: str, *, first_name: str, last_name: str) -> str:
    """Asked until it keeps to the rules and was typed twice alike, three times at most."""
    if not sys.stdin.isatty():
        raise CommandError("The password is asked for on a terminal; there is none.")
    for _ in range(TRIES):
        password, again = getpass("Password: "), getpass("Password, once more: ")
        problems = members.password_problems(
            password, first_name=first_name, last_name=last_name, national_code=national_code
        )
        if not problems and password == again:
            return password
        sys.stderr.write(f"{_in_english(problems) or 'The two are not the same.'}\n")
    raise CommandError("Nothing was changed.")


def _in_english(problems: list[Any]) -> str:
    with override("en"):
        return "\n".join(map(str, problems))
