"""`manage.py staff_factor NATIONAL_CODE`: give a clerk the secret for the authenticator app that the desk asks for.

It is shown here, once; hand it over in person. The clerk's next sign-in confirms it.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.sign_in import totp
from iran.numbers import clean_number

GIVEN = """For the authenticator app of the clerk; it is not shown again.

  address (as a QR code)  {uri}
  secret (to be typed)    {secret}

The clerk signs in at the desk with the password and then the six digits that the app shows."""


class Command(BaseCommand):
    help = "Give out the secret of a clerk's second factor for the branch desk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("national_code", help="of a staff account, in any digits")
        parser.add_argument(
            "--reset", action="store_true", help="a new secret instead of the old one; sessions at the desk end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(national_code=clean_number(options["national_code"]), is_staff=True).first()
        if user is None:
            raise CommandError("No staff account has this national code.")
        try:
            factor = totp.give(user, anew=options["reset"])
        except totp.AlreadyGivenError:
            raise CommandError("This account has a second factor. --reset replaces it by a new one.") from None
        secret = totp.secret(factor)
        in_fours = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        self.stdout.write(GIVEN.format(uri=totp.uri(factor), secret=in_fours))
