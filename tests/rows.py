"""Rows for a part of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from infra import kept


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside a test's transaction is taken back, so that one test can try many beginnings.

    A bare savepoint: inside an `atomic` block durable ones would be refused.
    """
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)
    kept.forget_all()
