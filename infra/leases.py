"""Work that is leased from rows: claim it, do it outside any transaction, settle it under the lease's token.

There is no state "processing": a row is being worked on while its lease has not run out, so a worker that dies leaves
nothing to clean up. Only the database's clock counts; the clocks of machines may differ. A retry is a later moment in
the column that says when the row is due.
"""

import secrets
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, Now

from infra import statements
from infra.prepared import Convert, converted

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


class Claiming(Generic[Work]):
    """How rows of `work` are claimed, in one statement, which is built once; `changes` are written with the lease.

    `model.DUE` orders them: the longest due row comes first.
    """

    def __init__(self, work: models.QuerySet[Work], **changes: Any) -> None:
        model, table = work.model, work.model._meta.db_table
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        due = work.alias(due=model.DUE).filter(free, due__lte=Now()).order_by("due")
        held = {
            "lease_token": statements.Given("token", models.UUIDField()),
            "lease_until": Now() + statements.Given("lease", models.DurationField()),
            "attempts": Least(F("attempts") + 1, MOST_ATTEMPTS),
            **changes,
        }
        update, values = statements.update(model._base_manager.all(), **held)
        fields = model._meta.concrete_fields
        returned = ", ".join(f'{table if field.name in NEW else "old"}."{field.column}"' for field in fields)

        def built(rows: models.QuerySet[Any]) -> statements.Sql:
            # FOR UPDATE by hand: Django wants a transaction around it. From `old` comes the row as it was.
            find, found = rows[:1].query.sql_with_params()
            return (
                f"WITH old AS MATERIALIZED ({find} FOR UPDATE SKIP LOCKED) {update} FROM old "
                f'WHERE {table}."id" = old."id" RETURNING {returned}',
                (*found, *values),
            )

        self._model = model
        self._names = [field.attname for field in fields]
        self._converters: list[Convert] = [
            (place, convert, field.cached_col)
            for place, field in enumerate(fields)
            for convert in (*connection.ops.get_db_converters(field.cached_col), *field.get_db_converters(connection))
        ]
        self._any, self._one = built(due), built(due.filter(pk=statements.Given("pk", models.BigIntegerField())))

    def claim(self, seconds: int, pk: int | None = None) -> Work | None:
        """Lease the longest due row, or that with this key, for `seconds`; None: it is not due, or others hold it.

        The row comes back as it was, but for its new `lease_token` and `attempts`. Called outside any transaction: the
        lease must be visible to others before the work begins.
        """
        if connection.in_atomic_block and not connection.atomic_blocks[-1]._from_testcase:  # type: ignore[attr-defined]
            raise RuntimeError("A lease is taken outside of any transaction.")
        sql, params = self._any if pk is None else self._one
        given = {"token": uuid4(), "lease": timedelta(seconds=seconds), "pk": pk}
        found = statements.one(sql, statements.filled(params, given))
        if found is None:
            return None
        return self._model.from_db(connection.alias, self._names, converted(self._converters, list(found)))


def claim(work: models.QuerySet[Work], seconds: int, **changes: Any) -> Work | None:
    """The same, once."""
    return Claiming(work, **changes).claim(seconds)


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


def waiting(work: models.QuerySet[Work], most: int = 1, late: timedelta = timedelta(0)) -> int:
    """How many rows have been due for so long and are held by nobody; `most` stands for more, too."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return work.alias(due=work.model.DUE).filter(free, due__lte=Now() - late)[:most].count()


def overdue(work: models.QuerySet[Work]) -> int | None:
    """Seconds since the longest due row was due; None when none is."""
    age = models.ExpressionWrapper(Now() - F("due"), output_field=models.DurationField())
    late = work.alias(due=work.model.DUE).filter(due__lte=Now()).order_by("due")
    longest = late.annotate(age=age).values_list("age", flat=True).first()
    return None if longest is None else round(longest.total_seconds())
