"""`manage.py fingerprint`: what log lines say instead of a national code or an address (infra.security_log)."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from infra.limits import client_ip_key
from infra.security_log import fingerprint
from iran.numbers import normalise_national_code


class Command(BaseCommand):
    help = """Print the fingerprint by which log lines name an account or an address.

Reads a national code or an IP address from standard input, so that it is in no list of processes and in no history."""

    def handle(self, *args: Any, **options: Any) -> None:
        if sys.stdin.isatty():
            self.stderr.write("National code or IP address:")
        typed = sys.stdin.readline().strip()
        try:
            found = f"account={fingerprint('account', normalise_national_code(typed))}"
        except ValidationError:
            try:
                found = f"address={fingerprint('address', client_ip_key(typed))}"
            except ValueError:
                raise CommandError("This is neither a national code nor an IP address.") from None
        self.stdout.write(found)
