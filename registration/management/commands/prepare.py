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
from django.core.management.base import BaseCommand
from django.db.models.functions import Now

from accounts.models import Branch, StaffFactor, User
from accounts.sign_in import totp
from registration.desk import roles as desk_roles
from registration.desk import sign_in as desk_sign_in

DEMO_REGISTRY = Path(__file__).parents[2] / "data" / "demo_registry.csv"
STAFF_NATIONAL_CODE = "0019998007"  # made up, serial part 999xxx

BRANCHES = [
    ("1", "شعبهٔ یک تهران", "تهران", "تهران"),
    ("2", "شعبهٔ دو اصفهان", "اصفهان", "اصفهان"),
    ("3", "شعبهٔ سه شیراز", "فارس", "شیراز"),
]

# What `make run` prints; the people are rows of the demo registry, the outcomes those of docs/contract.md, decisions.
DEMO = """Demo people (all of them: registration/data/demo_registry.csv).
Birth dates are Solar Hijri; what is not printed is yours to choose.
  activated       national code 0019990014  mobile 09120000001  سارا احمدی  1370/05/14  female
                  certificate 0019990014  series ب 27  serial 418203
  to a branch     national code 0059990023  mobile 09120000004  علی‌رضا حسینی‌نژاد  1362/11/03  male
                  certificate 4127  series الف 12  serial 073516
  does not match  national code 1279990031  mobile 09120000003  محمد کریمی (type another first name)  1358/02/29  male
                  certificate 861  series د 9  serial 250947
Text messages:  http://localhost:{port}/handset/
Branch desk:    http://localhost:{port}/{desk}  national code {staff}  password {password}"""
APP = "                for an authenticator app: {secret}"


class Command(BaseCommand):
    help = "Migrate, collect static files, load the demo people and one clerk. For development only."

    def handle(self, *args: Any, **options: Any) -> None:
        if "handset" not in settings.SMS_BACKEND:
            raise CommandError("prepare loads demo people; it runs only with SMS_BACKEND=handset.")
        call_command("migrate", verbosity=0, interactive=False)
        _collect_static()
        if settings.IDENTITY_BACKEND == "reference":
            call_command("import_registry", str(DEMO_REGISTRY), stdout=StringIO(), stderr=StringIO())
        for code, name, province, city in BRANCHES:
            Branch.objects.get_or_create(code=code, defaults={"name": name, "province": province, "city": city})
        clerk, password = _clerk()
        port = settings.PORTAL_HOST.rpartition(":")[2] if ":" in settings.PORTAL_HOST else "8000"
        self.stdout.write(
            DEMO.format(port=port, desk=settings.ADMIN_PATH, staff=STAFF_NATIONAL_CODE, password=password)
        )
        if desk_sign_in.is_asked():
            self.stdout.write(APP.format(secret=_app_secret(clerk)))


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


def _clerk() -> tuple[User, str]:
    """One clerk; the password follows from the secret key, so it is the same at every start and stored nowhere."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"demo clerk", "sha256")
    password = "Desk" + base64.b32encode(digest)[:8].decode().lower() + "7"
    clerk, _ = User.objects.get_or_create(
        national_code=STAFF_NATIONAL_CODE,
        defaults={"first_name": "مینا", "last_name": "کارگر", "is_staff": True, "activated_at": Now()},
    )
    if not clerk.check_password(password):
        clerk.set_password(password)
        clerk.save(update_fields=["password"])
    clerk.branch = Branch.objects.get(code="1")
    clerk.save(update_fields=["branch"])
    clerk.groups.add(desk_roles.ensure_roles())
    return clerk, password
