"""What one registration leaves on the disk and asks of others, counted over a run of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from accounts.models import User
from benchmarks.contestants import StandIns
from registration.models import RegistrationRequest, RequestEvent
from sms.models import OtpChallenge

KEPT = (User, RegistrationRequest, RequestEvent, OtpChallenge)  # for good: docs/security/data.md, retention


@dataclass
class Footprint:
    """Of one registration. Bytes with indexes: `kept` for good, `passing` for 30 days at most, `wal` written once."""

    kept: float = 0
    passing: float = 0
    wal: float = 0
    texts: float = 0
    checks: float = 0


@contextmanager
def left_behind(stand_ins: StandIns) -> Iterator[Footprint]:
    """Filled when the block ends; what was registered in it must have its result by then."""
    footprint, before = Footprint(), _look(stand_ins)
    yield footprint
    registrations, *rest = (now - then for now, then in zip(_look(stand_ins), before, strict=True))
    kept, every, wal, texts, checks = (figure / registrations for figure in rest)
    footprint.kept, footprint.passing, footprint.wal = kept, every - kept, wal
    footprint.texts, footprint.checks = texts, checks


def _look(stand_ins: StandIns) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name), "
            "sum(pg_total_relation_size(oid)), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') "
            "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            [[f'"{model._meta.db_table}"' for model in KEPT]],
        )
        [sizes] = cursor.fetchall()
    connection.close()
    phones, registry = stand_ins
    return [phones.results, *map(float, sizes), phones.arrived, len(registry.asked)]
