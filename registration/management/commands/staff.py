"""`manage.py staff …`: who works at the branch desk. The first member is invited here, on a machine with a terminal.

What is printed is an enrolment code, good once: password and app are the person's own (accounts.staff.enrolment).
"""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.translation import override

from accounts.models import Branch, User
from accounts.staff import members
from accounts.staff.enrolment import Issued
from accounts.staff.events import Refused
from accounts.templatetags.portal import jalali_time
from iran.numbers import clean_number, normalise_national_code
from registration.desk import roles as desk_roles

GIVEN = """Enrolment code for {name}, to be handed over in person; it is not shown again.

  address   {address}
  code      {code}
  good for  one enrolment, until {until}

There the person sets a password (who has one is asked for it) and scans the QR code for the authenticator app."""
LINE = "{code:<8}{state:<9}{role:<13}{app:<9}{branch:<10}{name}"
KEYS = [role.key for role in desk_roles.ROLES]


class Command(BaseCommand):
    help = "Make, move and put off members of the staff of the branch desk. Each change is kept as an event."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        add = _about_one(acts, "add", "invite somebody; who has a citizen's account keeps it and its password")
        add.add_argument("--first-name", default="", help="for who has no account yet")
        add.add_argument("--last-name", default="")
        add.add_argument("--role", choices=KEYS, required=True)
        add.add_argument("--branch", metavar="CODE", help="the branch's code")
        branch = _about_one(acts, "branch", "to another branch")
        branch.add_argument("branch", metavar="BRANCH", help="its code; '' for none")
        role = _about_one(acts, "role", "instead of the present role")
        role.add_argument("role", choices=KEYS)
        _about_one(acts, "deactivate", "put off the desk at once; a citizen's account stays")
        _about_one(acts, "reactivate", "invite again, with branch and role of before")
        _about_one(acts, "new-code", "another enrolment code, for who has not enrolled yet")
        _about_one(acts, "end-session", "of the desk, at once; the person may sign in again")
        _about_one(acts, "reset-factor", "app and recovery codes are void: enrol anew, with the same password")
        _about_one(acts, "password", "a forgotten password: all is void, enrol anew")
        acts.add_parser("list", help="everybody who works or has worked at the desk")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        does: dict[str, Callable[[dict[str, Any]], None]] = {
            "add": self.add,
            "branch": self.branch,
            "role": self.role,
            "deactivate": self.deactivate,
            "reactivate": self.reactivate,
            "new-code": self.new_code,
            "end-session": self.end_session,
            "reset-factor": self.reset_factor,
            "password": self.password,
            "list": self.list,
        }
        try:
            does[act](options)
        except Refused as refused:
            with override("en"):
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
        issued = members.invite(code, role=desk_roles.group(role), branch=branch, **names)
        if has_account:
            self.stdout.write(f"{issued.user.get_full_name()} has an account already and keeps its password.")
        self._show(issued)

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

    def end_session(self, options: dict[str, Any]) -> None:
        members.end_session(_found(options))
        self.stdout.write("Done. It ends at its next page.")

    def reset_factor(self, options: dict[str, Any]) -> None:
        self._show(members.reset_factor(_found(options)))

    def new_code(self, options: dict[str, Any]) -> None:
        self._show(members.new_code(_found(options)))

    def password(self, options: dict[str, Any]) -> None:
        self._show(members.reset_password(_found(options)))

    def list(self, options: dict[str, Any]) -> None:
        shown = User.objects.filter(Q(is_staff=True) | Q(staff_events__isnull=False)).distinct()
        self.stdout.write(LINE.format(code="code", state="", role="role", app="app", branch="branch", name="name"))
        for user in (
            shown.select_related("branch", "factor", "enrolment")
            .prefetch_related("groups")
            .order_by("last_name_key", "pk")
        ):
            role = desk_roles.of([group.name for group in user.groups.all()])
            factor = getattr(user, "factor", None)
            line = LINE.format(
                code=f"…{user.national_code[-4:]}",
                state=_state(user),
                role=role.key if role else "all" if user.is_superuser else "none",
                app="none" if factor is None else "in use" if factor.confirmed_at else "unused",
                branch=user.branch.code if user.branch else "",
                name=user.get_full_name(),
            )
            self.stdout.write(line.rstrip())

    def _show(self, issued: Issued) -> None:
        scheme = "https" if settings.HTTPS else "http"
        address = f"{scheme}://{settings.PORTAL_HOST}/{settings.ADMIN_PATH}enrol/"
        with override("en"):
            until = jalali_time(issued.expires_at)
        shown = {"name": issued.user.get_full_name(), "code": issued.in_fours(), "address": address}
        self.stdout.write(GIVEN.format(**shown, until=until))


def _state(user: User) -> str:
    if hasattr(user, "enrolment"):
        return "enrols" if user.is_staff else "invited"
    return "former" if not user.is_staff else "works" if user.is_active else "closed"


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
