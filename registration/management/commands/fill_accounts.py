"""`manage.py fill_accounts`: once after an update, when no process of the version before runs any more.

That version makes accounts while `migrate` runs and until it is stopped, without what 0021 and 0022 filled in.
"""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection

FILLING = ("0021_callers", "0022_checked_and_came_from")


class Command(BaseCommand):
    help = (
        "Fill in the province of accounts and how their identity was checked, where it is missing and known. Once, "
        "after the last process of the version before has ended. May run beside everything, and again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in FILLING:
            import_module(f"registration.migrations.{name}").fill(apps, SimpleNamespace(connection=connection))
