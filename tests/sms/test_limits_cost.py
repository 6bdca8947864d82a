"""What counting costs: statements, and indexes instead of tables."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from sms.limits.sends import seconds_until_resend
from sms.models import Message
from sms.otp import challenge as otp
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, NATIONAL_CODE, begin

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "act", [begin, lambda: otp.pretend(purpose="recovery", national_code=NATIONAL_CODE, client_ip=CLIENT_IP)]
)
def test_a_code_is_two_messages_to_the_database(act: Callable[[], object]) -> None:
    """All that is counted; then, behind the locks, challenge and text, if that is unchanged."""
    with CaptureQueriesContext(connection) as captured:
        act()

    look, write = [query["sql"] for query in captured]
    assert "pg_advisory" not in look
    assert write.startswith("SELECT pg_advisory_xact_lock")
    assert write.count("INSERT INTO") == 2


def test_counting_reads_the_indexes_not_the_table() -> None:
    Message.objects.bulk_create(
        Message(
            recipient=f"+98913{number:07}",
            purpose="recovery" if number % 2 else "registration",
            template="code",
            state="expired",
            send_at=None,
            national_code=national_code(number % 1000, office=100 + number // 1000),
            client_ip=f"10.{number // 65_536}.{number // 256 % 256}.{number % 256}",
            client_network=f"10.{number // 65_536}.{number // 256 % 256}.0",
            unconfirmed=number % 10 == 0,
            created_at=Now() - timedelta(seconds=60 * number),
        )
        for number in range(3000)
    )
    asked: list[tuple[Any, ...]] = []

    def note(execute: Any, *statement: Any) -> Any:
        asked.append(statement)
        return execute(*statement)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sms_message")
        with connection.execute_wrapper(note):
            begin(client_ip="10.0.5.5")
        cursor.execute(f"EXPLAIN {asked[0][0]}", asked[0][1])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    names = {"message_recipient", "message_recovery", "message_unconfirmed"}
    assert {name for name in names if name in plan} == names, plan
    assert "Seq Scan on sms_message" not in plan


def test_countdown_takes_one_statement() -> None:
    challenge = begin()
    with CaptureQueriesContext(connection) as captured:
        seconds_until_resend(challenge)

    assert len(captured) == 1
    assert NATIONAL_CODE not in captured[0]["sql"]
