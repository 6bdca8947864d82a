"""Many requests at once, copied inside PostgreSQL, and how many rows a query reads of them."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from registration.models import RegistrationRequest

FIRST_ID = 10_000_000


def copy(row: RegistrationRequest, times: int, first: int = FIRST_ID) -> None:
    """`times` requests like this one, each submitted a minute before the one before; nothing refers to them."""
    table = RegistrationRequest._meta.db_table
    own = {str(field.column): f"t.{field.column}" for field in RegistrationRequest._meta.concrete_fields}
    own |= {"id": f"{first} + n", "verification_id": f"{first} + n", "tracking_code": f"lpad(({first} + n)::text, 12)"}
    own |= {name: f"t.{name} - n * interval '1 minute'" for name in ("submitted_at", "decided_at", "created_at")}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no such challenge exists
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(own)}) SELECT {', '.join(own.values())} "  # noqa: S608  names of our own
            f"FROM {table} AS t, generate_series(1, %s) AS n WHERE t.id = %s",
            [times, row.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(f"ANALYZE {table}")


def rows_read(rows: QuerySet[Any]) -> int:
    """How many rows all scans of the query's plan have looked at."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        [[plan]] = cursor.fetchall()
    return _looked_at(plan[0]["Plan"])


def _looked_at(node: dict[str, Any]) -> int:
    below = sum(map(_looked_at, node.get("Plans", [])))
    if "Relation Name" not in node and "Index Name" not in node:
        return below
    if node["Node Type"] == "Bitmap Heap Scan":
        return below + int(node.get("Rows Removed by Filter", 0))
    each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return below + int(each * node["Actual Loops"])
