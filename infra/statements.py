"""Several writes that belong together as one statement: common table expressions, built from what Django's ORM builds.

A transaction around single statements costs a round trip for each of them, and BEGIN and COMMIT; and while the answers
travel, its locks are held.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import DateTimeField, Expression, Model, QuerySet, TextField
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import UpdateQuery

from infra.locks import LOCK

Sql = tuple[str, tuple[Any, ...]]  # with its parameters


class Given(Expression):
    """A value that `run` is given by this name. What is built with it holds for every value, so it is built once: to
    build SQL takes the ORM longer than the database needs to answer."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=TextField())
        self.name = name

    def as_sql(self, compiler: object, connection: object) -> tuple[str, Any]:
        return "%s", [self]


def select(rows: QuerySet[Any, Any]) -> Sql:
    sql, params = rows.query.sql_with_params()
    return sql, tuple(params)


def update(rows: QuerySet[Any], **values: Any) -> Sql:
    """As `rows.update(**values)`. Its last clause is WHERE: conditions that name another part may follow."""
    query = rows.query.chain(UpdateQuery)
    query.add_update_values(values)  # type: ignore[attr-defined]
    sql, params = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(params)


def only_if(part: Sql, condition: str, *params: Any) -> Sql:
    """An update or a query that ends with WHERE, with one more condition (SQL), and what follows that."""
    sql, before = part
    return f"{sql} AND {condition}", (*before, *params)


def insert(row: Model, source: str, **taken: str) -> Sql:
    """`row` for each row of `source` (SQL), RETURNING id; `taken`: attributes whose values come from there (SQL).

    Whoever gets the id back calls `inserted`.
    """
    names, values, params = [], [], []
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, True)
        if field.primary_key or isinstance(value, DatabaseDefault):
            continue
        names.append(connection.ops.quote_name(str(field.column)))
        if field.attname in taken:
            values.append(taken[field.attname])
        else:
            values.append("%s")
            params.append(field.get_db_prep_save(value, connection))
    table = connection.ops.quote_name(row._meta.db_table)
    sql = f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {source} RETURNING id"  # noqa: S608
    return sql, tuple(params)


def inserted(row: Model, pk: int, now: datetime) -> None:
    """Note on `row` what the database has given it: the id, and `now` where the default is the database's time."""
    row.pk, row._state.adding = pk, False
    for field in row._meta.concrete_fields:
        if isinstance(getattr(row, field.attname), DatabaseDefault) and isinstance(field, DateTimeField):
            setattr(row, field.attname, now)


def have_rows(*parts: str) -> str:
    """Columns of an answer: whether each of these parts has a row."""
    return ", ".join(f"EXISTS (SELECT FROM {part})" for part in parts)


def ids_of(*parts: str) -> str:
    """Columns of an answer: the id of each of these parts' one row, or null."""
    return ", ".join(f"(SELECT id FROM {part})" for part in parts)  # noqa: S608  names of ours


def run(
    parts: Mapping[str, Sql], answer: str, *, locks: tuple[str, ...] = (), given: Mapping[str, Any] | None = None
) -> tuple[Any, ...]:
    """Execute `WITH` these parts the SELECT `answer`; its one row. `given`: the values of each Given.

    All parts see the rows as they were when the statement began: none sees what another one writes, but by RETURNING.
    `locks` (infra.locks) are taken in the same message and before that moment, so that the statement sees what was
    committed by who held them before; they are held until it is committed, which is at once.
    """
    text = f"WITH {', '.join(f'{name} AS ({sql})' for name, (sql, _) in parts.items())} {answer}"
    values = (value for _, values in parts.values() for value in values)
    params = [(given or {})[value.name] if isinstance(value, Given) else value for value in values]
    with connection.cursor() as cursor:
        if locks:
            cursor.execute(f"{LOCK}; {text}", [sorted(locks), *params])
            cursor.nextset()
        else:
            cursor.execute(text, params)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def undone_alone() -> AbstractContextManager[object]:
    """Around a statement that may fail: within a transaction a savepoint; a statement that is alone needs nothing."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def refuse_transaction() -> None:
    """Raise RuntimeError where a rollback could undo what the caller commits, as `atomic(durable=True)` does."""
    if connection.in_atomic_block and not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise RuntimeError("this is durable: it cannot be nested in a transaction")
