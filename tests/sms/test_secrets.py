"""A code rests nowhere: not in a column of any table, not in Redis, not in a log."""

import re

import pytest
from django.db import connection
from redis import Redis

from infra.wake import wake
from sms import tasks
from sms.backends import memory
from sms.otp import challenge as otp
from sms.otp import codes
from sms.outbox import delivery
from tests import clock
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, begin, right_code, wrong_code

TIME_OF_DAY = re.compile(r"[0-9:]+\.[0-9]+\+00(:00)?")  # its fraction of a second has six digits like a code


@pytest.mark.django_db(transaction=True)
def test_code_is_in_no_row_no_wake_up_and_no_log(
    clean_redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    nonces = iter(bytes([number]) * 16 for number in range(1, 9))  # fixed, so that chance finds no six digits in them
    monkeypatch.setattr(codes, "new_nonce", lambda: next(nonces))
    recipients = (MOBILE, memory.BUSY, memory.LOST, memory.REJECTED, memory.MISCONFIGURED)
    challenges = [begin(recipient, client_ip=f"192.0.2.{number}") for number, recipient in enumerate(recipients)]
    secrets = {right_code(challenge) for challenge in challenges}
    for challenge in challenges[1:]:
        otp.confirm(challenge, wrong_code(challenge))
    for _ in range(3):
        delivery.drain("codes")
        clock.advance(seconds=70)
    otp.resend(challenges[0], CLIENT_IP)
    tasks.sweep()
    wake("sms.drain_codes")
    otp.confirm(challenges[0], right_code(challenges[0]))
    rows, wakes = every_row(), every_value(clean_redis)

    assert MOBILE in rows  # the dumps are dumps: they show what there is
    assert "sms.deliver_code" in wakes
    assert "message" in caplog.text
    for place in (rows, wakes, caplog.text):
        assert not secrets & set(re.findall("(?<![0-9])[0-9]{6}(?![0-9])", TIME_OF_DAY.sub("", place)))


def every_row() -> str:
    """Every table of the database as JSON, binary columns in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert {"sms_message", "sms_verification", "accounts_browsersession"} <= set(tables)
        dumps = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(json_agg(t)::text, '') FROM \"{table}\" t")  # noqa: S608
            dumps.append(cursor.fetchone()[0])
    return "\n".join(dumps)


def every_value(redis: Redis) -> str:
    found = []
    for key in redis.scan_iter():
        kind = redis.type(key)
        read = {b"set": redis.smembers, b"string": redis.get, b"hash": redis.hgetall}
        ordered = {b"list": redis.lrange, b"zset": redis.zrange}
        value = ordered[kind](key, 0, -1) if kind in ordered else read[bytes(kind)](key)  # type: ignore
        found.append(f"{key!r}: {value!r}")
    return "\n".join(found)
