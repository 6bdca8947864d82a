"""`manage.py make_requests 1000000`: made-up requests, to try the desk at the size that it will have."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registration.management.made_up import rows
from registration.management.progress_bar import clear, progress

TRIAL = {"handset", "console", "memory"}  # ways of sending that reach nobody
MOST = 10_000_000


class Command(BaseCommand):
    help = """Add so many made-up requests with their accounts, events, messages, branches and staff.

For a portal to try things with: it refuses where texts reach people, where the registry has real people, and where
somebody real has a request or an account. Run again, it adds as many more. National codes have the serial part 999xxx;
from 990,000 requests on, people have a second one. Nobody can sign in with what is made."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, help=f"how many, 1 to {MOST:,}")

    def handle(self, *args: Any, number: int, **options: Any) -> None:
        if not 1 <= number <= MOST:
            raise CommandError(f"1 to {MOST:,} requests can be made.")
        _refuse_where_people_are()
        try:
            rows.make(number, progress(number, self.stderr))
        finally:
            clear(self.stderr)
        self.stdout.write(f"made {number}; there are {rows.made()} of them now")


def _refuse_where_people_are() -> None:
    if not set(settings.SMS_BACKEND) <= TRIAL:
        raise CommandError("SMS_BACKEND reaches people: made-up requests are for a portal to try things with.")
    if settings.IDENTITY_BACKEND != "reference" or settings.REFERENCE_REGISTRY_IS_REAL:
        raise CommandError(
            "Identities are checked with real ones: made-up requests are for a portal to try things with."
        )
    if rows.real():
        raise CommandError("Somebody has a request or an account whose national code is not made up: nothing was done.")
