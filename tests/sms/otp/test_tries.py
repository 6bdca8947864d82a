"""What is known of a challenge before a try is spent: read with the row that points to it, or afterwards, the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from registration.models import RegistrationRequest, Status
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import tries
from tests.registration.rows import make_request
from tests.sms.otp.challenges import begin, others, wrong_code

pytestmark = pytest.mark.django_db


def read_together() -> tuple[OtpChallenge, RegistrationRequest]:
    rows = RegistrationRequest.objects.select_related("challenge").annotate(**tries.columns("challenge"))
    row = rows.get()
    return row.challenge, row


@pytest.mark.parametrize(
    ("changes", "is_confirmed", "is_alive"),
    [
        ({}, False, True),
        ({"attempts": 4}, False, True),
        ({"attempts": 5}, False, False),
        ({"created_at": Now() - timedelta(minutes=1), "expires_at": Now()}, False, False),
        ({"confirmed_at": Now()}, True, True),
    ],
)
def test_what_is_read_with_a_row_is_what_a_look_tells(
    changes: dict[str, Any], is_confirmed: bool, is_alive: bool
) -> None:
    draft = make_request(41, Status.DRAFT)
    otp.confirm(draft.challenge, wrong_code(draft.challenge))
    same_mobile, same_person = others(5) | {"mobile": draft.mobile}, others(6) | {"national_code": draft.national_code}
    counted = [draft.challenge, begin(**same_mobile), begin(**same_person, purpose="recovery")]
    elsewhere = [
        begin(**others(7), purpose="recovery"),
        begin(**others(8) | {"national_code": draft.national_code}),
        begin(**same_mobile, purpose="device"),
    ]
    for challenge in (*counted[1:], *elsewhere):
        otp.confirm(challenge, wrong_code(challenge))
    yesterday = Now() - timedelta(days=1)
    OtpChallenge.objects.filter(pk=elsewhere[2].pk).update(created_at=yesterday, began_at=yesterday)
    begin(**same_mobile, purpose="reauthentication")  # for which nobody has tried a code
    OtpChallenge.objects.filter(pk=draft.challenge_id).update(**changes)

    challenge, row = read_together()
    seen = tries.seen(challenge, row)

    assert seen == tries.look(challenge)
    assert (seen.is_confirmed, seen.is_alive) == (is_confirmed, is_alive)
    assert seen.tried.count('"attempts"') == len(counted)


def test_a_row_that_was_read_alone_tells_nothing_of_the_tries() -> None:
    draft = make_request(41, Status.DRAFT)
    assert tries.seen(draft.challenge, RegistrationRequest.objects.get()) is None
