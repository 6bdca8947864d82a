"""Work that is leased from rows: claim it, do it outside any transaction, settle it under the lease's token.

There is no state "processing": a row is being worked on while its lease has not run out, so a worker that dies leaves
nothing to clean up. Only the database's clock counts; the clocks of machines may differ. A retry is a later moment in
the column that says when the row is due.
"""

import secrets
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, Now

MOST_ATTEMPTS = 32_767  # what the column holds: work that fails for months must not begin to fail at being claimed


class LeasedWork(models.Model):
    """What a row needs to be leased. `last_error` holds a class and a code only, never personal data or an address.

    DUE: the column, or expression, that says when a worker may claim the row; empty: nobody may.
    """

    DUE: ClassVar[Combinable]

    attempts = models.PositiveSmallIntegerField(default=0)
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
            work.alias(due=work.model.DUE)
            .select_for_update(skip_locked=True, of=("self",))
            .filter(free, due__lte=Now())
            .order_by("due")
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
    return held(row).update(lease_token=None, lease_until=None, **changes) == 1


def keep(row: LeasedWork, seconds: int, **changes: Any) -> bool:
    """Write something down under the lease and begin its `seconds` anew; False when somebody else has taken over."""
    return held(row).update(lease_until=Now() + timedelta(seconds=seconds), **changes) == 1


def held(row: Work) -> models.QuerySet[Work]:
    """The row while the lease is still ours, else nothing."""
    token: UUID | None = row.lease_token
    return type(row)._base_manager.filter(pk=row.pk, lease_token=token, lease_token__isnull=False)


def backoff(attempts: int, base: float, cap: float, least: float = 0) -> timedelta:
    """Exponential, with jitter so that rows that failed together do not come back together. Seconds."""
    longest = min(cap, base * 2 ** min(attempts, 16))
    jitter = 0.2 + 0.8 * secrets.randbelow(1000) / 1000
    return timedelta(seconds=max(least, longest * jitter))


def waiting(work: models.QuerySet[Work], most: int = 1) -> int:
    """How many rows are due that nobody holds; `most` stands for more, too."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return work.alias(due=work.model.DUE).filter(free, due__lte=Now())[:most].count()


def overdue(work: models.QuerySet[Work]) -> int | None:
    """Seconds since the longest due row was due; None when none is."""
    age = models.ExpressionWrapper(Now() - F("due"), output_field=models.DurationField())
    late = work.alias(due=work.model.DUE).filter(due__lte=Now()).order_by("due")
    longest = late.annotate(age=age).values_list("age", flat=True).first()
    return None if longest is None else round(longest.total_seconds())
