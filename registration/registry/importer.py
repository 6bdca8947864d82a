"""Bring a file of the reference registry into our tables: read line by line, COPY to a temporary table, merge.

A line states a person completely, with all their mobiles: what it does not list any more is removed. People whom the
file does not name stay as they are. One transaction: other sessions see all of the file or nothing of it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Field
from psycopg import sql

from registration.models import CivilRecord, MobileOwner
from registration.registry.lines import (
    Claims,
    RegistryLine,
    Rejected,
    columns,
    fields,
    person_reader,
    rejected,
    stored_columns,
)

LINES_AT_ONCE = 1000

Reject = Callable[[int, Rejected, str], None]  # line number in the file, what is wrong, the line
Progress = Callable[[int, int], None]  # bytes and lines read so far


class Unreadable(Exception):  # noqa: N818  a state of the file
    """The file is no registry file; the text is one line for the operator."""


@dataclass(frozen=True)
class Merged:
    """What an import came to. `moved`: mobiles that belong to another person now."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    mobiles_added: int = 0
    mobiles_moved: int = 0
    mobiles_removed: int = 0


def people(file: BinaryIO, *, today: dt.date, reject: Reject, progress: Progress) -> Iterator[RegistryLine]:
    """The accepted lines of a file, in its order; the others go to `reject`. Raises `Unreadable` at once."""
    head = file.readline(10_000)
    return _people(file, person_reader(_header(head), today), len(head), reject, progress)


def _people(
    file: BinaryIO, read: Callable[[str], RegistryLine], done: int, reject: Reject, progress: Progress
) -> Iterator[RegistryLine]:
    claims = Claims()
    for number, raw in enumerate(file, start=2):
        done += len(raw)
        if number % LINES_AT_ONCE == 0:
            progress(done, number - 1)
        line = raw.rstrip(b"\r\n")
        if not line:
            continue
        try:
            person = read(line.decode())
            claims.add(person)
        except UnicodeDecodeError:
            reject(number, rejected("encoding"), line.decode(errors="replace"))
        except Rejected as refusal:
            reject(number, refusal, line.decode())
        else:
            yield person


def _header(head: bytes) -> list[str]:
    try:
        names = [name.strip().lower() for name in fields(head.decode("utf-8-sig").rstrip("\r\n"))]
    except UnicodeDecodeError:
        raise Unreadable("The first line is not UTF-8.") from None
    if sorted(names) != sorted(columns()):
        raise Unreadable(f"The first line must name these columns: {','.join(columns())}")
    return names


def save(accepted: Iterable[RegistryLine], *, keep: Callable[[], bool]) -> Merged:
    """Merge people into the tables if `keep` says so when all are read. django.db.Error: nothing is saved."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The connection's limits are for pages; so is the memory for sorting and joining.
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '64MB'")
        _run(cursor, _STAGE)
        staged = _copy(cursor, accepted)
        merged = _merge(cursor, staged) if keep() else Merged()
        cursor.execute("DROP TABLE staged")
    return merged


def _copy(cursor: CursorWrapper, accepted: Iterable[RegistryLine]) -> int:
    remaining, count = iter(accepted), 0
    with cursor.copy(_compose(_COPY)) as copy:
        while lines := list(islice(remaining, LINES_AT_ONCE)):
            # Nothing to escape: validated texts hold neither tabs nor line ends nor backslashes.
            copy.write("".join(["\t".join(person.stored) + "\n" for person in lines]))
            count += len(lines)
    return count


def _merge(cursor: CursorWrapper, staged: int) -> Merged:
    cursor.execute("ANALYZE staged")
    # One import after the other, so that nothing comes between the statements; readers go on. ON CONFLICT would need no
    # lock, but it writes to the rows that do not change, too; here a second import of a file writes nothing.
    _run(cursor, _LOCK)
    changed, added = _run(cursor, _CHANGE_PEOPLE), _run(cursor, _ADD_PEOPLE)
    cursor.execute(_STAGE_MOBILES)
    cursor.execute("ANALYZE staged_mobile")
    removed = _run(cursor, _REMOVE_MOBILES)
    moved, mobiles_added = _run(cursor, _MOVE_MOBILES), _run(cursor, _ADD_MOBILES)
    cursor.execute("DROP TABLE staged_mobile")
    return Merged(added, changed, staged - added - changed, mobiles_added, moved, removed)


def _run(cursor: CursorWrapper, template: str) -> int:
    cursor.execute(_compose(template))
    return int(cursor.rowcount)


def _compose(template: str) -> sql.Composed:
    """A statement with the names of tables and columns, which follow from what a line is stored as."""
    stored = stored_columns()
    own = [sql.Identifier(column) for column in stored if column != "mobiles"]
    return sql.SQL(template).format(
        people=sql.Identifier(CivilRecord._meta.db_table),
        owners=sql.Identifier(MobileOwner._meta.db_table),
        all=sql.SQL(", ").join(map(sql.Identifier, stored)),
        typed=sql.SQL(", ").join([sql.SQL("{} {}").format(sql.Identifier(column), _type(column)) for column in stored]),
        columns=sql.SQL(", ").join(own),
        old=sql.SQL(", ").join(sql.SQL("p.") + column for column in own),
        new=sql.SQL(", ").join(sql.SQL("s.") + column for column in own),
    )


def _type(column: str) -> sql.SQL:
    """As in CivilRecord, so that values are read here as they are read there."""
    field = None if column == "mobiles" else CivilRecord._meta.get_field(column)
    return sql.SQL(str(field.db_type(connection)) if isinstance(field, Field) else "text")


_STAGE = "CREATE TEMPORARY TABLE staged ({typed}) ON COMMIT DROP"
_COPY = "COPY staged ({all}) FROM STDIN"
_LOCK = "LOCK TABLE {people}, {owners} IN SHARE ROW EXCLUSIVE MODE"
_CHANGE_PEOPLE = """
UPDATE {people} AS p SET ({columns}) = ROW ({new}) FROM staged AS s
WHERE p.national_code = s.national_code AND ({old}) IS DISTINCT FROM ({new})"""
_ADD_PEOPLE = """
INSERT INTO {people} ({columns}) SELECT {new} FROM staged AS s
WHERE NOT EXISTS (SELECT FROM {people} AS p WHERE p.national_code = s.national_code)
ORDER BY s.national_code COLLATE "C" """
_STAGE_MOBILES = """
CREATE TEMPORARY TABLE staged_mobile ON COMMIT DROP AS
SELECT unnest(string_to_array(mobiles, ' ')) AS mobile, national_code FROM staged WHERE mobiles <> ''"""
_REMOVE_MOBILES = """
DELETE FROM {owners} AS o USING staged AS s
WHERE o.national_code = s.national_code AND NOT EXISTS (SELECT FROM staged_mobile AS m WHERE m.mobile = o.mobile)"""
_MOVE_MOBILES = """
UPDATE {owners} AS o SET national_code = m.national_code FROM staged_mobile AS m
WHERE o.mobile = m.mobile AND o.national_code <> m.national_code"""
_ADD_MOBILES = """
INSERT INTO {owners} (mobile, national_code) SELECT m.mobile, m.national_code FROM staged_mobile AS m
WHERE NOT EXISTS (SELECT FROM {owners} AS o WHERE o.mobile = m.mobile)
ORDER BY m.mobile COLLATE "C" """
