"""Several writes that belong together as one statement: common table expressions, built from what Django's ORM builds.

A transaction around single statements costs a round trip for each of them, and BEGIN and COMMIT; and while the answers
travel, its locks are held. All parts see the rows as they were when the statement began: none sees what another one
writes, but by RETURNING, and two parts must not change the same row.

To build a statement costs more than to send it. One that is sent often is built once, with `Given` in the place of what
differs each time.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import DateTimeField, Expression, Field, Model, QuerySet, TextField
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import UpdateQuery

from infra.locks import LOCK

Sql = tuple[str, tuple[Any, ...]]  # with its parameters
# Written out: the driver keeps only statements of at most 50 parameters for the next time.
LITERALS: Mapping[Any, str] = {None: "NULL", "": "''", False: "false", True: "true"}


class Given(Expression):
    """In an expression of the ORM: a value that comes, by this name, when the statement is sent.

    As the driver takes it: no field prepares it.
    """

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field or TextField())
        self.name = name

    def as_sql(self, compiler: object, connection: object) -> tuple[str, Any]:
        return "%s", [self]


def filled(params: Iterable[Any], given: Mapping[str, Any]) -> list[Any]:
    """The parameters of a statement, with the values that were given."""
    return [given[value.name] if isinstance(value, Given) else value for value in params]


def prepared(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """Values of a row as the driver takes them."""
    return as_taken(type(row), {name: getattr(row, name) for name in names})


def as_taken(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of columns of the model, by the names of its fields or of their columns, as the driver takes them."""
    database, fields = connections[DEFAULT_DB_ALIAS], model._meta._forward_fields_map  # type: ignore[attr-defined]
    return {
        name: fields[name].get_db_prep_save(value.pk if isinstance(value, Model) else value, database)
        for name, value in values.items()
    }


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


def change(rows: QuerySet[Any], changes: Mapping[str, Any], *, source: str = "") -> Sql:
    """As `rows.update(**changes)`, RETURNING the keys as `pk`; with `source`, only if that part has a row."""
    part = update(rows, **changes)
    sql, params = only_if(part, f"EXISTS (SELECT FROM {source})") if source else part
    return f"{sql} RETURNING {_key(rows.model)} AS pk", params


def hold(rows: QuerySet[Any], *, source: str) -> Sql:
    """Keep `rows`, which have a condition, from others until the end; only if the part `source` has a row."""
    part = select(rows.values("pk").order_by())
    return only_if(part, f"EXISTS (SELECT FROM {source}) FOR UPDATE")


def turn(key: str | Given) -> Sql:
    """infra.locks.lock for one key, as the first part: those that name it as their source wait for the lock.

    They see the rows as they were before they waited, but for those that they hold or change. Where that is not enough,
    `run` takes locks before.
    """
    return "SELECT 1 AS pk FROM pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,)


def insert(row: Model, source: str, *, unless: str = "", **taken: str) -> Sql:
    """`row` for each row of `source` (SQL), RETURNING its key as `pk`. The database gives columns their defaults.

    `taken`: attributes whose values come from the source (SQL). `unless`: a unique column; where another row has the
    same value, nothing is added. Whoever gets the key back calls `inserted`.
    """
    names, values, params = [], [], []
    database = connections[DEFAULT_DB_ALIAS]  # not through `connection`, which looks for it at every access
    for field, name in _columns(type(row)):
        value = field.pre_save(row, True)
        if isinstance(value, DatabaseDefault):
            continue
        names.append(name)
        if field.attname in taken:
            values.append(taken[field.attname])
        elif type(value) in (NoneType, bool, str) and value in LITERALS:
            values.append(LITERALS[value])
        else:
            values.append("%s")
            params.append(field.get_db_prep_save(value, database))
    table = connection.ops.quote_name(row._meta.db_table)
    conflict = f" ON CONFLICT ({connection.ops.quote_name(unless)}) DO NOTHING" if unless else ""
    sql = f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {source}{conflict}"  # noqa: S608
    return f"{sql} RETURNING {_key(type(row))} AS pk", tuple(params)


@cache
def _columns(model: type[Model]) -> list[tuple["Field[Any, Any]", str]]:
    """Those that a new row is given, with their names in SQL."""
    name = connection.ops.quote_name
    return [(field, name(str(field.column))) for field in model._meta.concrete_fields if not field.primary_key]


def inserted(row: Model, pk: int, now: datetime) -> None:
    """Note on `row` what the database has given it: the id, and `now` where the default is the database's time."""
    row.pk, row._state.adding = pk, False
    for field in row._meta.concrete_fields:
        if isinstance(getattr(row, field.attname), DatabaseDefault) and isinstance(field, DateTimeField):
            setattr(row, field.attname, now)


def have_rows(*parts: str) -> str:
    """Columns of an answer: whether each of these parts has a row."""
    return ", ".join(f"EXISTS (SELECT FROM {part})" for part in parts)


def keys_of(*parts: str) -> str:
    """Columns of an answer: the key of each of these parts' one row, or null."""
    return ", ".join(f"(SELECT pk FROM {part})" for part in parts)  # noqa: S608  names of ours


def run(
    parts: Mapping[str, Sql], answer: str, *, locks: tuple[str, ...] = (), given: Mapping[str, Any] | None = None
) -> tuple[Any, ...]:
    """Execute `WITH` these parts the SELECT `answer`; its one row. `given`: the values of each Given.

    `locks` (infra.locks) are taken in the same message and before that moment, so that the statement sees what was
    committed by who held them before; they are held until it is committed, which is at once.
    """
    text = f"WITH {', '.join(f'{name} AS ({sql})' for name, (sql, _) in parts.items())} {answer}"
    params = filled((value for _, values in parts.values() for value in values), given or {})
    if not locks:
        return cast("tuple[Any, ...]", one(text, params))
    with connection.cursor() as cursor:
        cursor.execute(f"{LOCK}; {text}", [sorted(locks), *params])
        cursor.nextset()
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def one(text: str, params: list[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement that is sent again and again, and parsed by PostgreSQL once."""
    with connections[DEFAULT_DB_ALIAS].preparing_cursor() as cursor:  # type: ignore[attr-defined]  # of this engine
        cursor.execute(text, params)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def written(text: str, params: list[Any]) -> int:
    """How many rows such a statement, an insert or an update, has written."""
    with connections[DEFAULT_DB_ALIAS].preparing_cursor() as cursor:  # type: ignore[attr-defined]  # of this engine
        cursor.execute(text, params)
        return int(cursor.rowcount)


def together(parts: Mapping[str, Sql], **given: Any) -> dict[str, list[Any]]:
    """`run` for parts that return keys as `pk`: the keys of the rows that each has, by its name."""
    keys = ", ".join(f"ARRAY(SELECT pk FROM {name})" for name in parts)  # noqa: S608  names of ours
    return dict(zip(parts, run(parts, f"SELECT {keys}", given=given), strict=True))


def _key(model: type[Model]) -> str:
    name = connection.ops.quote_name
    return f"{name(model._meta.db_table)}.{name(str(model._meta.pk.column))}"


def undone_alone() -> AbstractContextManager[object]:
    """Around a statement that may fail: within a transaction a savepoint; a statement that is alone needs nothing."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def refuse_transaction() -> None:
    """Raise RuntimeError where a rollback could undo what the caller commits, as `atomic(durable=True)` does."""
    if connection.in_atomic_block and not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise RuntimeError("this is durable: it cannot be nested in a transaction")
