"""`manage.py account NATIONAL_CODE …`: what a branch asks an operator to do with a citizen's or a clerk's account.

Another mobile is given to who has lost the old one, after a clerk has seen the documents that a registration takes.
Whatever is done ends all sessions and all that is under way for the account.
"""

from argparse import ArgumentParser
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import protection
from accounts.models import Device, User
from accounts.notices import tell, tell_by_email
from infra import security_log
from iran.numbers import clean_number, normalise_mobile


class Command(BaseCommand):
    help = "Give an account another mobile, disable or enable it, or end its sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("national_code", help="of the account, in any digits")
        one = parser.add_mutually_exclusive_group(required=True)
        one.add_argument("--mobile", help="the new number, 09…; a clerk has seen the identity documents")
        one.add_argument("--disable", action="store_true", help="nobody signs in until it is enabled again")
        one.add_argument("--enable", action="store_true", help="an account that was active before")
        one.add_argument("--end-sessions", action="store_true", help="its known devices are forgotten, too")

    def handle(self, *args: Any, **options: Any) -> None:
        code = clean_number(options["national_code"])
        with transaction.atomic():
            user = User.objects.select_for_update().filter(national_code=code, activated_at__isnull=False).first()
            if user is None:
                raise CommandError("No account that was ever active has this national code.")
            if user.closed_at:
                raise CommandError("This account was closed at the desk, where a supervisor opens it again.")
            act, fields = _wanted(options)
            before = copy(user)
            protection.overrule(user, **fields)
            if act in ("mobile", "sessions"):
                Device.objects.filter(user=user).delete()
            if act == "mobile":
                tell(before, "mobile_changed")
        if act == "mobile":
            tell_by_email(before, "mobile_changed")
        security_log.tell("operator", act=act, national_code=code)
        self.stdout.write("Done. All sessions of the account have ended.")


def _wanted(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if options["mobile"]:
        try:
            return "mobile", {"mobile": normalise_mobile(options["mobile"])}
        except ValidationError:
            raise CommandError("This is no number of a mobile.") from None
    if options["disable"]:
        return "disable", {"is_active": False}
    return ("enable", {"is_active": True}) if options["enable"] else ("sessions", {})
