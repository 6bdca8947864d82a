"""Work that is leased from rows: claim it, do it outside any transaction, settle it under the lease's token.

There is no state "processing": a row is being worked on while its lease has not run out, so a worker that dies leaves
nothing to clean up. Only the database's clock counts; the clocks of machines may differ. A retry is a later moment in
the column that says when the row is due.
"""

import secrets
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, Now

from infra import statements

NEW = {"lease_token", "attempts"}  # what a claimed row shows as the claim has left it
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
    """Lease the longest due row of `work` for `seconds`, in one statement; None: nothing is due, or others hold it all.

    The row comes back as it was, but for its new `lease_token` and `attempts`; `changes` are written with the lease.
    Called outside any transaction: the lease must be visible to others before the work begins.
    """
    if connection.in_atomic_block and not connection.atomic_blocks[-1]._from_testcase:  # type: ignore[attr-defined]
        raise RuntimeError("A lease is taken outside of any transaction.")
    table, fields = work.model._meta.db_table, work.model._meta.concrete_fields
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    longest_due = work.alias(due=work.model.DUE).filter(free, due__lte=Now()).order_by("due")[:1]
    find, found = longest_due.query.sql_with_params()
    held = {
        "lease_token": uuid4(),
        "lease_until": Now() + timedelta(seconds=seconds),
        "attempts": Least(F("attempts") + 1, MOST_ATTEMPTS),
        **changes,
    }
    update, values = statements.updating(work.model._base_manager.all(), held)
    returned = ", ".join(f'{table if field.name in NEW else "old"}."{field.column}"' for field in fields)
    # FOR UPDATE by hand: Django wants a transaction around it. From `old` comes the row as it was.
    rows = work.model._base_manager.raw(
        f'WITH old AS MATERIALIZED ({find} FOR UPDATE SKIP LOCKED) {update} FROM old WHERE {table}."id" = old."id" '
        f"RETURNING {returned}",
        (*found, *values),
    )
    return next(iter(rows), None)


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
