"""Statements that are built from the ORM's parts and say more than one of its own can.

To build a statement costs more than to send it. One that is sent often is built once, with `Given` in the place of what
differs each time.

`together`: several writes in one statement, `WITH … SELECT …`: all of them or none, one way to the server and back, no
BEGIN and no COMMIT. All parts see the rows as they were before; one that names another as its source writes only if
that one has found or changed a row. Two parts must not change the same row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import UpdateQuery


class Given(Expression):
    """In an expression of the ORM: a value that comes, by this name, when the statement is sent.

    As the driver takes it: no field prepares it.
    """

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


def filled(params: Iterable[Any], given: Mapping[str, Any]) -> list[Any]:
    """The parameters of a statement, with the values that were given."""
    return [given[value.name] if isinstance(value, Given) else value for value in params]


def prepared(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """Values of a row as the driver takes them."""
    fields = {field.name: field for field in row._meta.concrete_fields}
    return {name: fields[name].get_db_prep_save(getattr(row, name), connection) for name in names}


@dataclass(frozen=True)
class Part:
    """SQL that returns the keys of its rows as `pk`."""

    sql: str
    params: tuple[Any, ...]


def updating(rows: QuerySet[Any], changes: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """UPDATE as `rows.update(**changes)` would send it, and its parameters."""
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(dict(changes))
    sql, params = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(params)


def update(rows: QuerySet[Any], changes: Mapping[str, Any], *, source: str = "") -> Part:
    """Change `rows`, which have a condition; with `source`, only if that part has a row."""
    sql, params = updating(rows, changes)
    condition = f" AND EXISTS (SELECT FROM {source})" if source else ""
    return Part(f"{sql}{condition} RETURNING {_key(rows.model)} AS pk", params)


def insert(row: Model, *, source: str, unless: str = "") -> Part:
    """Add a row if the part `source` has one. The database gives it its key and its columns' defaults.

    `unless`: a unique column; where another row has the same value, nothing is added.
    """
    values = {field: field.pre_save(row, add=True) for field in row._meta.concrete_fields if not field.primary_key}
    given = {field: value for field, value in values.items() if not isinstance(value, DatabaseDefault)}
    columns = ", ".join(f'"{field.column}"' for field in given)
    params = tuple(field.get_db_prep_save(value, connection) for field, value in given.items())
    marks = ", ".join(["%s"] * len(params))  # PostgreSQL gives what INSERT selects the types of the columns
    conflict = f' ON CONFLICT ("{unless}") DO NOTHING' if unless else ""
    sql = f'INSERT INTO "{row._meta.db_table}" ({columns}) SELECT {marks} FROM {source}{conflict}'  # noqa: S608
    return Part(f"{sql} RETURNING {_key(type(row))} AS pk", params)


def hold(rows: QuerySet[Any], *, source: str) -> Part:
    """Keep `rows`, which have a condition, from others until the end; only if the part `source` has a row."""
    sql, params = rows.values("pk").order_by().query.sql_with_params()
    return Part(f"{sql} AND EXISTS (SELECT FROM {source}) FOR UPDATE", params)


def together(parts: Mapping[str, Part], **given: Any) -> dict[str, list[Any]]:
    """Carry out all parts; returns by their names the keys of the rows that each has."""
    written = ", ".join(f"{name} AS ({part.sql})" for name, part in parts.items())
    keys = ", ".join(f"ARRAY(SELECT pk FROM {name})" for name in parts)  # noqa: S608  names of ours
    with connection.cursor() as cursor:
        params = [value for part in parts.values() for value in part.params]
        cursor.execute(f"WITH {written} SELECT {keys}", filled(params, given))
        found = cursor.fetchone()
    return dict(zip(parts, found, strict=True))


def _key(model: type[Model]) -> str:
    return f'"{model._meta.db_table}"."{model._meta.pk.column}"'
