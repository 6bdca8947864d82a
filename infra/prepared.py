"""What is asked or written again and again: Django's ORM builds the SQL once for each process.

To build a query of some dozens of columns takes the ORM longer than to send it and to read the answer.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from infra import statements
from infra.statements import Given, Sql, filled, update

Row = TypeVar("Row", bound=Model)
Convert = tuple[int, Callable[..., Any], Any]  # place in an answer, what makes of it the field's value, its expression


class _Built(NamedTuple):
    """`columns`: the slice of an answer that is the model's own."""

    sql: str
    params: tuple[Any, ...]
    model: type[Model]
    columns: slice
    names: list[str]
    related: list[Any]
    annotations: dict[str, int]
    converters: list[Convert]


class Prepared(Generic[Row]):
    """`build` makes the query, with infra.statements.Given where a value comes later; `first` asks it.

    It may hold `select_related` and annotations. What it says must be the same whenever it is built.
    """

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        self._build = build
        self._built: _Built | None = None

    def first(self, **given: Any) -> Row | None:
        """One of the rows, None if there is none. `given`: the values of each Given, as the driver takes them."""
        built = self._built = self._built or _compile(self._build())
        values = statements.one(built.sql, filled(built.params, given))
        return None if values is None else _whole(built, list(values))


class PreparedUpdate:
    """`build` makes the rows, with Given where a value comes later; of these, `names` are changed to what is given."""

    def __init__(self, build: Callable[[], QuerySet[Any]], *names: str) -> None:
        self._build, self._names = build, names
        self._built: Sql | None = None

    def run(self, changes: Mapping[str, Any], **given: Any) -> int:
        """How many rows there were. `changes`: of each of the names its value, as the driver takes it."""
        built = self._built = self._built or update(
            self._build(), **{name: Given(f"new {name}") for name in self._names}
        )
        sql, params = built
        new = {f"new {name}": value for name, value in changes.items()}
        return statements.written(sql, filled(params, new | given))


class PreparedInsert(Generic[Row]):
    """`run` adds a row of the model whose key is known and whose columns all have their values."""

    def __init__(self, model: type[Row]) -> None:
        self._names = [field.attname for field in model._meta.concrete_fields]
        name = connection.ops.quote_name
        columns = ", ".join(name(str(field.column)) for field in model._meta.concrete_fields)
        places = ", ".join("%s" for _ in self._names)
        self._sql = f"INSERT INTO {name(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608  names of ours

    def run(self, row: Row) -> None:
        statements.written(self._sql, list(statements.prepared(row, self._names).values()))


def _compile(rows: QuerySet[Any]) -> _Built:
    compiler = rows.order_by()[:1].query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    select, found = compiler.select, compiler.klass_info
    columns = slice(found["select_fields"][0], found["select_fields"][-1] + 1)
    return _Built(
        sql=sql,
        params=tuple(params),
        model=found["model"],
        columns=columns,
        names=[expression.target.attname for expression, *_ in select[columns]],
        related=get_related_populators(found, select, connection.alias),  # type: ignore[call-arg]  # of Django 6.1
        annotations=dict(compiler.annotation_col_map),
        converters=[
            (place, convert, expression)
            for place, (converters, expression) in compiler.get_converters([one[0] for one in select]).items()
            for convert in converters
        ],
    )


def converted(converters: Iterable[Convert], values: list[Any]) -> list[Any]:
    """An answer of the driver as the fields of the models have it."""
    for place, convert, expression in converters:
        values[place] = convert(values[place], expression, connection)
    return values


def _whole(built: _Built, values: list[Any]) -> Any:
    """What Django's ModelIterable makes of an answer."""
    converted(built.converters, values)
    row = built.model.from_db(connection.alias, built.names, values[built.columns])
    for related in built.related:
        related.populate(values, row)
    for name, position in built.annotations.items():
        setattr(row, name, values[position])
    return row
