"""What the workers of one registration ask PostgreSQL, as the server sees it: BEGIN and COMMIT count.

Exact numbers: whoever adds a statement should know it.
"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration import tasks as registration_tasks
from registration.identity.jibit import JibitBackend
from sms import tasks as sms_tasks
from sms.models import Message
from tests.registration.identity.checking import MARYAM, jibit
from tests.registration.rows import make_request
from tests.sms.failing import queue_result
from tests.sms.otp.challenges import begin
from tests.stand_ins.jibit import Jibit

__all__ = ["jibit"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)


def asked_by(task: Callable[[int], None], pk: int) -> list[str]:
    """The beginning of each statement."""
    with CaptureQueriesContext(connection) as captured:
        task(pk)
    return [query["sql"][:120] for query in captured.captured_queries]


def test_code_of_a_registration() -> None:
    begin()
    message = Message.objects.get()

    asked = asked_by(sms_tasks.deliver_code, message.pk)

    message.refresh_from_db()
    assert message.state == "accepted"
    assert len(asked) == 2, asked


def test_result_of_a_registration() -> None:
    message = queue_result()

    asked = asked_by(sms_tasks.deliver, message.pk)

    message.refresh_from_db()
    assert message.state == "accepted"
    assert len(asked) == 2, asked


def test_identity_check_with_its_two_paid_questions_and_the_decision(jibit: Jibit) -> None:
    request = make_request(321, "submitted", **vars(MARYAM))
    JibitBackend().ownership(MARYAM)  # the token is in this process's memory, as it mostly is

    asked = asked_by(registration_tasks.check_identity, request.pk)

    request.refresh_from_db()
    assert request.status == "activated"
    assert len(asked) == 7, asked
