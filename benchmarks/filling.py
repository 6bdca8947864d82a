"""Many requests at once: one row of each status, made as the portal makes it, is multiplied inside PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from accounts.models import Branch, User
from benchmarks.people import Citizen
from iran.names import fold
from registration.desk import roles
from registration.models import RegistrationRequest
from registration.pages.places import PROVINCES
from sms.models import OtpChallenge
from tests.registration.rows import make_request

Status = RegistrationRequest.Status
# Of a hundred requests. Every person has one; who was activated has an account, too.
SHARES = {Status.ACTIVATED: 80, Status.MISMATCH: 8, Status.BRANCH: 6, Status.EXPIRED: 6}
NEWEST = 200  # of the newest 1/200, two days of the year, every second request is not decided yet
ACTIVATED = Citizen(0)  # however many there are
LAST_NAMES = ("احمدی", "حسینی", "کریمی", "محمدی", "رضایی", "موسوی", "جعفری", "قاسمی", "بهرامی", "صادقی", "رحیمی")
RESERVED = range(998_000, 998_100)  # numbers of the people whose rows are multiplied, and of the one who has none
NOBODY = Citizen(RESERVED[-1])
FIRST_ID = 10_000_000  # of the copies
PIECE = 10_000

QUOTED = ", ".join(f"'{name}'" for name in PROVINCES)
COPIED = {
    "id": f"{FIRST_ID} + p.n",
    "national_code": "p.code",
    "subject": "p.code",
    "mobile": "p.mobile",
    "last_name": "p.family",
    "last_name_key": "p.family_key",
    "verification_id": f"{FIRST_ID} + p.n",
    "province": f"(ARRAY[{QUOTED}])[1 + mod(p.n, {len(PROVINCES)})]",
    # A prime that is not 2 or 5: no two products end in the same twelve digits, and they come in no order.
    "tracking_code": "lpad(mod(p.n * 982451653, 1000000000000)::text, 12, '0')",
    "created_at": "t.created_at - p.age",
    "submitted_at": "t.submitted_at - p.age",
    "decided_at": "t.decided_at - p.age",
}


def fill(size: int) -> None:
    """`size` requests, evenly over the last year and all provinces, a superuser and a clerk of one province."""
    numbers = iter(RESERVED)
    now = timezone.now()
    User.objects.create(
        national_code=Citizen(next(numbers)).national_code, is_staff=True, is_superuser=True, activated_at=now
    )
    branch = Branch.objects.create(code="1", name="شعبهٔ یک", province=PROVINCES[0], city="-")
    clerk = User.objects.create(
        national_code=Citizen(next(numbers)).national_code, is_staff=True, branch=branch, activated_at=now
    )
    clerk.groups.add(roles.group(roles.CLERK))
    account = User.objects.create(national_code=Citizen(next(numbers)).national_code, activated_at=now)
    rows = [_model_request(Citizen(next(numbers)), status) for status in (*SHARES, Status.SUBMITTED)]
    by_hundred = [row.pk for row, share in zip(rows, SHARES.values(), strict=False) for _ in range(share)]
    with connection.cursor() as cursor:
        # Whether each of a million copies refers to a row that exists takes minutes to check, and it does.
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '256MB'")
        tables = [model._meta.db_table for model in (OtpChallenge, RegistrationRequest, User)]
        with _server_for_bulk(cursor), _without_indexes(cursor, *tables):
            _enter_people(cursor, size)
            _multiply(cursor, OtpChallenge, [rows[0].challenge_id] * 101)
            _multiply(cursor, RegistrationRequest, [*by_hundred, rows[-1].pk])
            _multiply(cursor, User, [account.pk] * SHARES[Status.ACTIVATED])
        cursor.execute("DROP TABLE person")
        cursor.execute("VACUUM ANALYZE")
    connection.close()  # and with it what was SET


def _model_request(person: Citizen, status: str) -> RegistrationRequest:
    code, mobile = person.national_code, f"+98{person.mobile[1:]}"
    return make_request(1, status, national_code=code, mobile=mobile)


def _enter_people(cursor: CursorWrapper, size: int) -> None:
    cursor.execute(
        "CREATE UNLOGGED TABLE person "
        "(n bigint, kind int, code text, mobile text, family text, family_key text, age interval)"
    )
    keys = {name: fold(name) for name in LAST_NAMES}
    with cursor.copy("COPY person FROM STDIN") as copy:
        for start in range(0, size, PIECE):
            lines = []
            for number in range(start, min(start + PIECE, size)):
                if number in RESERVED:
                    continue
                person, family = Citizen(number), LAST_NAMES[number % len(LAST_NAMES)]
                minutes = (size - number) * 525_600 // size  # of a year
                undecided = number >= size - size // NEWEST and number % 2
                kind = 100 if undecided else number % 100
                fields = (str(number), str(kind), person.national_code, f"+98{person.mobile[1:]}", family, keys[family])
                lines.append("\t".join((*fields, f"{minutes} minutes")) + "\n")
            copy.write("".join(lines))


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


def _multiply(cursor: CursorWrapper, model: type[models.Model], rows: Sequence[int]) -> None:
    """A copy of one of the `rows` for every person: of the first for kind 0, of the second for kind 1, and so on."""
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.concrete_fields]
    own: Mapping[str, str] = {column: COPIED.get(column, f"t.{column}") for column in columns}
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(own)}) SELECT {', '.join(own.values())} "  # noqa: S608  names of our own
        f"FROM person AS p JOIN {table} AS t ON t.id = (%s::bigint[])[p.kind + 1] ORDER BY p.n",
        [list(rows)],
    )
