"""A database with so many made-up requests: what `manage.py make_requests` makes, with a server that is set for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from accounts.models import AccountEvent, IdentityChange, User
from benchmarks.tables import progress
from registration.desk import roles
from registration.management.made_up import people, rows
from registration.models import RegistrationRequest, RequestEvent
from sms.models import Message, OtpChallenge

NOBODY, ACTIVATED = people.national_code(998_999), people.national_code(0)
MADE = (OtpChallenge, RegistrationRequest, RequestEvent, User, AccountEvent, IdentityChange, Message)


def fill(size: int) -> None:
    """`size` requests, evenly over the last year and all provinces; somebody of the head office."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '256MB'")
        with _server_for_bulk(cursor), _without_indexes(cursor, *(model._meta.db_table for model in MADE)):
            rows.make(size, lambda done, _lines: _tell(done, size))
        cursor.execute("VACUUM ANALYZE")
    connection.close()  # and with it what was SET
    head = User.objects.create(
        national_code=people.national_code(998_000), is_staff=True, activated_at=timezone.now(), first_name="-"
    )
    head.groups.add(roles.group(roles.HEAD_OFFICE))


def _tell(done: int, size: int) -> None:
    if done % 200_000 == 0:
        progress(f"desk: {done:,} of {size:,} requests")


@contextmanager
def _server_for_bulk(cursor: CursorWrapper) -> Iterator[None]:
    """A server that writes the rows once, and not again at every checkpoint."""
    chosen = {"max_wal_size": "'16GB'", "full_page_writes": "off", "autovacuum": "off"}
    for name, value in chosen.items():
        cursor.execute(f"ALTER SYSTEM SET {name} = {value}")
    cursor.execute("SELECT pg_reload_conf()")
    yield
    for name in chosen:
        cursor.execute(f"ALTER SYSTEM RESET {name}")
    cursor.execute("SELECT pg_reload_conf()")
    cursor.execute("CHECKPOINT")


@contextmanager
def _without_indexes(cursor: CursorWrapper, *tables: str) -> Iterator[None]:
    """Built over all rows at once they cost a third; those of constraints stay."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in indexes:
        cursor.execute(definition)
