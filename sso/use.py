"""How much each service is used: counted in Redis when it happens, written into rows by beat, shown at the desk.

A page must not wait for a row that everybody changes, so Redis counts, by the service's client_id. What it has counted
and nobody has written is lost with it, and while it is away nothing is counted: these are statistics, who signed in
where stands in the security log.
"""

import logging
from datetime import date

import redis
from django.db import connection
from django.utils import timezone

from infra import redis as infra_redis
from sso.models import ServiceUse

log = logging.getLogger(__name__)

KEY = "sso:use"  # a hash: `DAY CLIENT_ID WHAT ERROR` → how often
What = ServiceUse.What
_WRITE = """
    INSERT INTO sso_serviceuse (service_id, day, what, error, number)
    SELECT service.id, counted.day, counted.what, counted.error, counted.number
    FROM unnest(%s::text[], %s::date[], %s::text[], %s::text[], %s::bigint[])
        AS counted (client_id, day, what, error, number)
    JOIN sso_service service USING (client_id)
    ON CONFLICT (service_id, day, what, error) DO UPDATE SET number = sso_serviceuse.number + excluded.number
"""


def count(client_id: str, what: str, error: str = "") -> None:
    """Once more. `client_id`: of a service that there is. `error`: one of the protocol's own names."""
    try:
        infra_redis.client().hincrby(KEY, f"{timezone.localdate()} {client_id} {what} {error}", 1)
    except redis.RedisError as problem:
        log.debug("not counted: %s", type(problem).__name__)


def write() -> int:
    """What was counted since the last time becomes rows. Returns how many numbers that were."""
    both = infra_redis.client().pipeline()
    both.hgetall(KEY)
    both.delete(KEY)
    counted, _deleted = both.execute()
    if not counted:
        return 0
    rows = []
    for name, number in counted.items():
        day, client_id, what, error = name.decode().split(" ")
        rows.append((client_id, date.fromisoformat(day), what, error, int(number)))
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
    return len(rows)
