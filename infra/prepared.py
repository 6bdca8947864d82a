"""What is asked or written again and again: Django's ORM builds the SQL once for each process.

To build a query of some dozens of columns takes the ORM longer than to send it and to read the answer.
"""

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from infra.statements import Given, Sql, filled, update

Row = TypeVar("Row", bound=Model)


class _Built(NamedTuple):
    """`columns`: the slice of an answer that is the model's own. `converters`: as the compiler's, by column."""

    sql: str
    params: tuple[Any, ...]
    model: type[Model]
    columns: slice
    names: list[str]
    related: list[Any]
    annotations: dict[str, int]
    converters: list[tuple[int, list[Any], Any]]


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
        with connection.cursor() as cursor:
            cursor.execute(built.sql, filled(built.params, given))
            values = cursor.fetchone()
        return None if values is None else _row(built, list(values))


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
        with connection.cursor() as cursor:
            cursor.execute(sql, filled(params, {f"new {name}": value for name, value in changes.items()} | given))
            return int(cursor.rowcount)


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
            (position, *convert) for position, convert in compiler.get_converters([one[0] for one in select]).items()
        ],
    )


def _row(built: _Built, values: list[Any]) -> Any:
    """What Django's ModelIterable makes of an answer."""
    for position, converters, expression in built.converters:
        for convert in converters:
            values[position] = convert(values[position], expression, connection)
    row = built.model.from_db(connection.alias, built.names, values[built.columns])
    for related in built.related:
        related.populate(values, row)
    for name, position in built.annotations.items():
        setattr(row, name, values[position])
    return row
