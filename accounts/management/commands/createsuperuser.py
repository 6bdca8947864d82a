"""`manage.py createsuperuser` says what makes staff here: Django's takes any password and any national code."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Not used here: `manage.py staff add` makes members of the staff."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("--national_code", "--last_name", "--database"):
            parser.add_argument(name)
        for name in ("--noinput", "--no-input"):
            parser.add_argument(name, action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Nothing was made. Members of the staff are made with: manage.py staff add NATIONAL_CODE …")
