"""What the ORM has no words for: statements that are built from its querysets and say more than one of them."""

from collections.abc import Mapping
from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery


def updating(rows: QuerySet[Any], changes: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """UPDATE as `rows.update(**changes)` would send it, and its parameters."""
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(dict(changes))
    sql, params = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(params)
