"""`manage.py prepare`: everything `make run` needs before its first page, in one process. For development only."""

import base64
import hmac
import os
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from django.db.models.functions import Now

from accounts.models import Branch, StaffFactor, User
from accounts.sign_in import totp
from registration.desk import roles as desk_roles
from registration.desk import sign_in as desk_sign_in

DEMO_REGISTRY = Path(__file__).parents[2] / "data" / "demo_registry.csv"
STAFF_NATIONAL_CODE, SUPERVISOR_NATIONAL_CODE = "0019998007", "0019998015"  # made up, serial part 999xxx

BRANCHES = [
    ("1", "شعبهٔ یک تهران", "تهران", "تهران"),
    ("2", "شعبهٔ دو اصفهان", "اصفهان", "اصفهان"),
    ("3", "شعبهٔ سه شیراز", "فارس", "شیراز"),
]

# Rows of the demo registry; the outcomes are those of docs/contract.md, decisions.
PEOPLE = """Demo people (all of them: registration/data/demo_registry.csv).
Birth dates are Solar Hijri; what is not printed is yours to choose.
  activated       national code 0019990014  mobile 09120000001  سارا احمدی  1370/05/14  female
                  certificate 0019990014  series ب 27  serial 418203
  to a branch     national code 0059990023  mobile 09120000004  علی‌رضا حسینی‌نژاد  1362/11/03  male
                  certificate 4127  series الف 12  serial 073516
  does not match  national code 1279990031  mobile 09120000003  محمد کریمی (type another first name)  1358/02/29  male
                  certificate 861  series د 9  serial 250947"""
NO_PEOPLE = "Demo people:    none, because {reason}"
OWN_MOBILE = """  Their mobiles are made up: type one of your own, which gets the code and the result.
  The demo registry does not know it, so that the first person is sent to a branch, too."""
MESSAGES = "Text messages:  {where}"
SERVICE = "Demo service:   {address}demo-service/"
DESK = "Branch desk:    {address}{desk}  national code {staff}  password {password}"
SUPERVISOR = "                the second person, where two are asked for: national code {staff}  password {password}"
APP = "                for an authenticator app: {secret}"
APP_OF_SUPERVISOR = "                the second person’s app: {secret}"

SHOWN = {
    "handset": "{address}handset/",
    "console": "written into this log",
    "memory": "sent nowhere (SMS_BACKEND=memory)",
}


class Command(BaseCommand):
    help = "Migrate, collect static files, load demo people where they make sense, and staff. For development only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo-at", metavar="ADDRESS", help="where this portal for development is opened")

    def handle(self, *args: Any, demo_at: str | None, **options: Any) -> None:
        if not demo_at:
            # No setting tells development from production: `make run` takes every value that production takes.
            raise CommandError(
                "prepare makes staff whose passwords it prints. It is for `make run` and for the trial of "
                "docker-compose.override.yml, which say so with --demo-at."
            )
        address = demo_at.rstrip("/") + "/"
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError:
            raise CommandError("DATABASE_URL: the database does not answer, or does not let the portal in.") from None
        _collect_static()
        self.stdout.write(_people())
        if not Branch.objects.exists():
            for code, name, province, city in BRANCHES:
                Branch.objects.create(code=code, name=name, province=province, city=city)
        clerk, password = _member(STAFF_NATIONAL_CODE, ("مینا", "کارگر"), desk_roles.CLERK)
        supervisor, other_password = _member(SUPERVISOR_NATIONAL_CODE, ("آذر", "سرپرست"), desk_roles.SUPERVISOR)
        places = [SHOWN.get(name, f"sent by {name} to the mobile that is typed in") for name in settings.SMS_BACKEND]
        self.stdout.write(MESSAGES.format(where=", else ".join(places).format(address=address)))
        if "handset" in settings.SMS_BACKEND:
            call_command("demo_service")
            self.stdout.write(SERVICE.format(address=address))
        desk = {"desk": settings.ADMIN_PATH, "staff": STAFF_NATIONAL_CODE, "password": password}
        self.stdout.write(DESK.format(address=address, **desk))
        if desk_sign_in.is_asked():
            self.stdout.write(APP.format(secret=_app_secret(clerk)))
        self.stdout.write(SUPERVISOR.format(staff=SUPERVISOR_NATIONAL_CODE, password=other_password))
        if desk_sign_in.is_asked():
            self.stdout.write(APP_OF_SUPERVISOR.format(secret=_app_secret(supervisor)))


def _people() -> str:
    """Load the demo people where the portal decides by its own tables, unless real people are in them."""
    if settings.IDENTITY_BACKEND != "reference":
        return NO_PEOPLE.format(reason=f"IDENTITY_BACKEND={settings.IDENTITY_BACKEND} knows real people only.")
    if settings.REFERENCE_REGISTRY_IS_REAL:
        return NO_PEOPLE.format(reason="the registry holds real ones (REFERENCE_REGISTRY_IS_REAL=on).")
    call_command("import_registry", str(DEMO_REGISTRY), stdout=StringIO(), stderr=StringIO())
    return PEOPLE if set(settings.SMS_BACKEND) <= SHOWN.keys() else f"{PEOPLE}\n{OWN_MOBILE}"


def _collect_static() -> None:
    """Hashing and compressing takes seconds, so only when a source has changed since the last time."""
    found = [(path, os.stat(storage.path(path))) for finder in get_finders() for path, storage in finder.list([])]
    sources = "".join(f"{path} {stat.st_size} {stat.st_mtime_ns}\n" for path, stat in sorted(found))
    collected = settings.DATA_DIR / "static.sources"
    if settings.STATIC_ROOT.exists() and collected.exists() and collected.read_text(encoding="utf-8") == sources:
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    collected.write_text(sources, encoding="utf-8")


def _app_secret(clerk: User) -> str:
    """Shown at every start, unlike a real clerk's."""
    factor = StaffFactor.objects.filter(user=clerk).first()
    return totp.secret(factor or totp.give(clerk))


def _member(national_code: str, names: tuple[str, str], role: desk_roles.Role) -> tuple[User, str]:
    """One of the staff; the password follows from the secret key: the same at every start, and stored nowhere."""
    seed = b"demo clerk" if role == desk_roles.CLERK else f"demo {role.key}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), seed, "sha256")
    password = "Desk" + base64.b32encode(digest)[:8].decode().lower() + "7"
    first_name, last_name = names
    member, _ = User.objects.get_or_create(
        national_code=national_code,
        defaults={"first_name": first_name, "last_name": last_name, "is_staff": True, "activated_at": Now()},
    )
    if not member.check_password(password):
        member.set_password(password)
        member.save(update_fields=["password"])
    member.branch = Branch.objects.order_by("pk").first()
    member.save(update_fields=["branch"])
    member.groups.set([desk_roles.group(role)])
    return member, password
