"""Counting rows of large tables without reading them: by an index, and no further than anybody needs to know."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum


@contextmanager
def by_indexes_alone() -> Iterator[None]:
    """Asked for the first rows of a kind, PostgreSQL likes to read the table from its beginning in the hope of meeting
    them soon; what waits for a clerk is at its end. Within this block it may not."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        yield


Name = TypeVar("Name", bound=Hashable)


def count_up_to(cap: int, sets: Mapping[Name, QuerySet[Any]], *, in_order: bool = False) -> dict[Name, int]:
    """How many rows each set has, in one statement; cap + 1 stands for more than cap.

    `in_order`: each is read in its own order, which is that of an index; PostgreSQL then stops reading at the cap.
    """
    columns: list[str] = []
    params: list[Any] = []
    for rows in sets.values():
        try:
            sql, values = (rows if in_order else rows.order_by()).values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:  # what the ORM knows to be empty it does not put into SQL
            columns.append("0")
        else:
            columns.append(f"(SELECT count(*) FROM ({sql}) AS bounded)")  # noqa: S608  made by the ORM, with parameters
            params.extend(values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        row = cursor.fetchone()
    return dict(zip(sets, row, strict=True))


def within(
    rows: QuerySet[Any], counted: Q, began: str, ended: str, ends: Sequence[int]
) -> tuple[list[tuple[str, int]], float]:
    """A cumulative histogram of the seconds from one moment of each row to another, in one statement.

    Of `rows`, those count that `counted` names. Gives (upper end, how many took at most that long) for each of `ends`
    and for +Inf, and the sum of all.
    """
    took = ExpressionWrapper(F(ended) - F(began), output_field=DurationField())
    counts = {
        f"to_{end}": Count("pk", filter=counted & Q(**{f"{ended}__lte": F(began) + timedelta(seconds=end)}))
        for end in ends
    }
    found = rows.annotate(took=took).aggregate(
        **counts, every=Count("pk", filter=counted), sum=Sum("took", filter=counted)
    )
    buckets = [(str(float(end)), found[f"to_{end}"]) for end in ends]
    return [*buckets, ("+Inf", found["every"])], found["sum"].total_seconds() if found["sum"] else 0.0
