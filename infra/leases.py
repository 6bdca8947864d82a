"""Work that is leased from rows: claim it, do it outside any transaction, settle it under the lease's token.

There is no state "processing": a row is being worked on while its lease has not run out, so a worker that dies leaves
nothing to clean up. Only the database's clock counts; the clocks of machines may differ. A retry is the row's `due_at`.
"""

import secrets
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Least, Now

MOST_ATTEMPTS = 32_767  # what the column holds: work that fails for months must not begin to fail at being claimed


class LeasedWork(models.Model):
    """What a row needs to be leased. `last_error` holds a class and a code only, never personal data or an address."""

    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        abstract = True


Work = TypeVar("Work", bound=LeasedWork)


def claim(work: models.QuerySet[Work], seconds: int, **changes: Any) -> Work | None:
    """Lease the longest due row of `work` for `seconds`; None when nothing is due or others hold it all.

    The row comes back as it was, but for its new `lease_token` and `attempts`; `changes` are written with the lease.
    Called outside any transaction: the lease must be visible to others before the work begins.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with transaction.atomic(durable=True):
        row = (
            work.select_for_update(skip_locked=True, of=("self",))
            .filter(free, due_at__lte=Now())
            .order_by("due_at")
            .first()
        )
        if row is None:
            return None
        row.lease_token = uuid4()
        row.attempts = min(row.attempts + 1, MOST_ATTEMPTS)
        held: dict[str, Any] = {
            "lease_token": row.lease_token,
            "lease_until": Now() + timedelta(seconds=seconds),
            "attempts": Least(F("attempts") + 1, MOST_ATTEMPTS),
            **changes,
        }
        type(row)._base_manager.filter(pk=row.pk).update(**held)
    return row


def settle(row: LeasedWork, **changes: Any) -> bool:
    """Write the outcome and give the lease back, if it is still ours; False means that somebody else took over."""
    held = _held(row)
    return held.update(lease_token=None, lease_until=None, **changes) == 1


def keep(row: LeasedWork, seconds: int, **changes: Any) -> bool:
    """Write something down under the lease and begin its `seconds` anew; False when somebody else has taken over."""
    return _held(row).update(lease_until=Now() + timedelta(seconds=seconds), **changes) == 1


def release(row: LeasedWork, error: str, delay: timedelta, **changes: Any) -> bool:
    """Give the lease back undone, to be tried again after `delay`."""
    return settle(row, last_error=error[:60], due_at=Now() + delay, **changes)


def _held(row: LeasedWork) -> models.QuerySet[LeasedWork]:
    token: UUID | None = row.lease_token
    return type(row)._base_manager.filter(pk=row.pk, lease_token=token, lease_token__isnull=False)


def backoff(attempts: int, base: float, cap: float, least: float = 0) -> timedelta:
    """Exponential, with jitter so that rows that failed together do not come back together. Seconds."""
    longest = min(cap, base * 2 ** min(attempts, 16))
    jitter = 0.2 + 0.8 * secrets.randbelow(1000) / 1000
    return timedelta(seconds=max(least, longest * jitter))


def waiting(work: models.QuerySet[Work]) -> bool:
    """Is there a row due that nobody holds?"""
    return work.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), due_at__lte=Now()).exists()


def overdue(work: models.QuerySet[Work]) -> int | None:
    """Seconds since the longest due row was due; None when none is."""
    age = models.ExpressionWrapper(Now() - F("due_at"), output_field=models.DurationField())
    late = work.filter(due_at__lte=Now()).annotate(age=age).order_by("due_at").values_list("age", flat=True).first()
    return None if late is None else round(late.total_seconds())
