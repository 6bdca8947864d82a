"""Rows for a part of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection, transaction

from accounts.models import SecurityQuestion
from infra import kept
from tests import clock


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside a test's transaction is taken back, so that one test can try many beginnings.

    A bare savepoint: inside an `atomic` block durable ones would be refused.
    """
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)
    kept.forget_all()


def forget() -> None:
    """A database that is used again may have rows of a test that was ended by force (`make mutants`)."""
    models = [model for name in clock.OURS for model in apps.get_app_config(name).get_models()]
    left = [m._meta.db_table for m in models if m is not SecurityQuestion and m._base_manager.exists()]
    if left:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(left)} CASCADE")
