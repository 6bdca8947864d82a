"""`manage.py demo_service`: the row of the demo service, and keys if there are none. For development only."""

from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from sso.demo import registering


class Command(BaseCommand):
    help = "The demo service of `make run`, with SMS_BACKEND=handset alone."

    def handle(self, *args: Any, **options: Any) -> None:
        if not registering.is_there() or not settings.SSO_TRIAL:
            raise CommandError("The demo service is for SMS_BACKEND=handset.")
        if settings.SSO_KEYS_FILE and not Path(settings.SSO_KEYS_FILE).exists():
            call_command("sso_keys", "make", stdout=StringIO())
        registering.register()
