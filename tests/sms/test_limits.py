from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from infra import locks
from infra.limits import client_ip_key
from sms import limits
from sms.models import Message
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, NATIONAL_CODE, begin, others, refused

pytestmark = pytest.mark.django_db

OTHER_MOBILE, OTHER_NATIONAL_CODE, OTHER_CLIENT_IP = "+989120000002", national_code(2), "203.0.113.9"


# ── per mobile ──


def test_one_code_in_120_seconds_and_the_wait_is_told() -> None:
    begin()
    clock.advance(seconds=100)

    limit = refused()
    assert (limit.rule, limit.tell) == ("sends-per-mobile", True)
    assert limit.retry_after == 20
    clock.advance(seconds=limit.retry_after)
    assert begin().pk


@pytest.mark.parametrize(
    ("sent", "minutes_apart", "window"), [(3, 2.1, 900), (5, 6, 3600), (8, 61, 86_400)], ids=["15 min", "hour", "day"]
)
def test_each_longer_window_of_a_mobile(sent: int, minutes_apart: float, window: int) -> None:
    for number in range(sent):
        begin(national_code=national_code(number), client_ip=f"192.0.2.{number + 1}")
        clock.advance(minutes=minutes_apart)

    limit = refused(lambda: begin(national_code=OTHER_NATIONAL_CODE, client_ip=OTHER_CLIENT_IP))
    assert (limit.rule, limit.tell) == ("sends-per-mobile", False)
    first_leaves_in = window - sent * minutes_apart * 60
    assert limit.retry_after == first_leaves_in
    clock.advance(seconds=limit.retry_after)
    assert begin(national_code=OTHER_NATIONAL_CODE, client_ip=OTHER_CLIENT_IP).pk


def test_wait_that_is_named_is_the_longest_one() -> None:
    """The 120 seconds and the quarter of an hour are both reached: who comes back in time is not refused again."""
    for _ in range(2):
        begin()
        clock.advance(seconds=125)
    begin()

    limit = refused()
    assert not limit.tell
    assert limit.retry_after == 900 - 2 * 125
    clock.advance(seconds=limit.retry_after)
    assert begin().pk


def test_all_purposes_count_together() -> None:
    begin(purpose="registration")

    for purpose in ("recovery", "device", "mobile_change", "desk"):
        assert refused(lambda purpose=purpose: begin(purpose=purpose)).rule == "sends-per-mobile"  # type: ignore[misc]


def test_results_and_notices_count_for_nobody() -> None:
    for number in range(30):
        Message.objects.create(
            recipient=MOBILE,
            purpose="result",
            template="activated_portal",
            reference=f"request:{number}",
            client_ip=CLIENT_IP,
        )

    assert begin().pk


def test_failed_and_expired_sends_count_too() -> None:
    begin()
    Message.objects.update(state="expired", code_nonce=None, send_at=None)

    assert refused().rule == "sends-per-mobile"


def test_one_mobile_never_waits_for_another() -> None:
    begin()

    assert begin(mobile=OTHER_MOBILE).pk


# ── per national code ──


def test_six_codes_a_day_for_a_national_code_whatever_the_mobile() -> None:
    for number in range(6):
        begin(mobile=f"+98912000010{number}", client_ip=f"192.0.2.{number + 1}")
        clock.advance(minutes=1)

    limit = refused(lambda: begin(mobile=OTHER_MOBILE, client_ip=OTHER_CLIENT_IP))
    assert (limit.rule, limit.tell) == ("sends-per-national-code", False)
    assert limit.retry_after == 86_400 - 360
    assert begin(mobile=OTHER_MOBILE, national_code=OTHER_NATIONAL_CODE, client_ip=OTHER_CLIENT_IP).pk
    clock.advance(seconds=limit.retry_after)
    assert begin(mobile="+989120000999", client_ip=OTHER_CLIENT_IP).pk


# ── per address ──


def test_twenty_codes_in_five_minutes_for_an_address() -> None:
    for number in range(20):
        begin(**others(number) | {"client_ip": CLIENT_IP})

    limit = refused(lambda: begin(**others(20) | {"client_ip": CLIENT_IP}))
    assert (limit.rule, limit.tell) == ("sends-per-ip", False)
    assert limit.retry_after == 300
    assert begin(**others(21)).pk
    clock.advance(seconds=limit.retry_after)
    assert begin(**others(20) | {"client_ip": CLIENT_IP}).pk


def test_hundred_codes_in_an_hour_for_an_address() -> None:
    for number in range(100):
        if number and number % 20 == 0:
            clock.advance(minutes=6)
        begin(**others(number) | {"client_ip": CLIENT_IP})
    clock.advance(minutes=6)

    limit = refused(lambda: begin(**others(100) | {"client_ip": CLIENT_IP}))
    assert limit.rule == "sends-per-ip"
    assert limit.retry_after == 3600 - 30 * 60


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::1", "::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_what_counts_as_one_address(address: str, key: str) -> None:
    assert client_ip_key(address) == key


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("198.51.100.7", "::ffff:198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
    ],
)
def test_neighbours_in_one_network_share_its_limit(one: str, other: str, shared: bool, settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_IP = [(1, 300)]
    begin(**others(1) | {"client_ip": one})

    if shared:
        assert refused(lambda: begin(**others(2) | {"client_ip": other})).rule == "sends-per-ip"
    else:
        assert begin(**others(2) | {"client_ip": other}).pk


# ── the countdown ──


def test_seconds_until_resend() -> None:
    assert limits.seconds_until_resend(MOBILE) == 0
    begin()
    assert limits.seconds_until_resend(MOBILE) == 120
    assert limits.seconds_until_resend(OTHER_MOBILE) == 0
    clock.advance(seconds=70)
    assert limits.seconds_until_resend(MOBILE) == 50
    clock.advance(seconds=51)
    assert limits.seconds_until_resend(MOBILE) == 0


def test_limits_are_settings(settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_MOBILE = [(4, 3600), (2, 30)]
    begin()
    begin()

    limit = refused()
    assert limit.tell  # the shortest window, whatever its place in the list
    assert limit.retry_after == 30 == limits.seconds_until_resend(MOBILE)


def test_a_wait_for_others_is_not_told_however_long(settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_IP = [settings.LIMIT_SENDS_PER_MOBILE[0]]
    begin()

    limit = refused(lambda: begin(**others(7) | {"client_ip": CLIENT_IP}))
    assert (limit.rule, limit.tell) == ("sends-per-ip", False)


# ── at once ──


def test_whoever_counts_holds_the_locks_of_all_that_is_counted() -> None:
    """tests/sms/test_crowds.py shows what for."""
    with mock.patch.object(limits, "lock", wraps=locks.lock) as lock:
        begin()
    lock.assert_called_once_with(f"mobile {MOBILE}", f"subject {NATIONAL_CODE}", f"source {CLIENT_IP}")


# ── cost ──


def test_start_takes_five_statements() -> None:
    """Locks, counts, wrong codes, proof, message; BEGIN or SAVEPOINT and its end come on top."""
    with CaptureQueriesContext(connection) as captured:
        begin()

    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 5


def test_counting_reads_the_indexes_not_the_table() -> None:
    Message.objects.bulk_create(
        Message(
            recipient=f"+98913{number:07}",
            purpose="registration",
            template="code",
            state="expired",
            send_at=None,
            national_code=national_code(number % 1000, office=100 + number // 1000),
            client_ip=f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}",
        )
        for number in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sms_message")
    with CaptureQueriesContext(connection) as captured:
        begin()
    [counting] = [query["sql"] for query in captured if "FILTER" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + counting)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert {name for name in ("message_recipient", "message_subject", "message_source") if name in plan} == {
        "message_recipient",
        "message_subject",
        "message_source",
    }, plan
    assert "Seq Scan" not in plan


def test_countdown_takes_one_statement() -> None:
    begin()
    with CaptureQueriesContext(connection) as captured:
        limits.seconds_until_resend(MOBILE)

    assert len(captured) == 1
    assert NATIONAL_CODE not in captured[0]["sql"]
