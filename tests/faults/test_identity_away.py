"""The identity service is away for an hour: every request is decided afterwards, none twice, nobody is told before."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.models import User
from registration.identity import check
from registration.models import IdentityCheck, ProviderHealth, RegistrationRequest
from sms.backends.base import Outgoing
from sms.models import Message
from sms.outbox import delivery
from tests import clock
from tests.people import national_code
from tests.registration.identity.checking import BORN, JIBIT_MARYAM, MARYAM, assert_gives_nothing_away, jibit
from tests.registration.rows import make_request
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import Jibit

__all__ = ["jibit"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 6
STEP = timedelta(seconds=45)


@pytest.fixture
def requests(jibit: Jibit) -> list[RegistrationRequest]:
    """Of PEOPLE citizens, the last of whom uses somebody else's mobile and the one before states another name."""
    person = dict(vars(MARYAM))
    made = []
    for number in range(600, 600 + PEOPLE):
        code, mobile = national_code(number), f"0900000{number:04}"
        jibit.people[code, BORN] = JIBIT_MARYAM | {"firstName": "زهرا" if number == 604 else "مريم"}
        jibit.owners[mobile] = national_code(700) if number == 605 else code
        own = {"national_code": code, "mobile": f"+98{mobile[1:]}", "certificate_number": code}
        made.append(make_request(number, "submitted", **person | own))
    return made


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.CUT, Fault.SLOW, Fault.ACCEPT_THEN_GARBAGE])
def test_away_for_an_hour_and_back(
    jibit: Jibit,
    requests: list[RegistrationRequest],
    fault: Fault,
    sms_outbox: list[Outgoing],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    jibit.broken = fault
    pass_time(timedelta(hours=1))

    assert statuses() == ["submitted"] * PEOPLE
    assert not Message.objects.exists()
    assert not User.objects.exists()
    assert sms_outbox == []
    assert ProviderHealth.objects.get().open_until is not None
    asked_in_vain = len(jibit.received)
    assert asked_in_vain <= 5 + 15, "the breaker leaves it alone: five failures, then a probe every five minutes"

    jibit.broken = None
    jibit.received.clear()
    pass_time(timedelta(hours=1))

    assert statuses() == ["activated"] * (PEOPLE - 2) + ["mismatch", "branch"]
    assert ProviderHealth.objects.get().open_until is None
    questions = Counter(
        (request.path, request.query["nationalCode"]) for request in jibit.received if "/services/" in request.path
    )
    assert len(questions) == 2 * PEOPLE
    assert set(questions.values()) == {1}, "no question was asked, and paid for, twice"
    assert IdentityCheck.objects.exclude(outcome=IdentityCheck.NO_ANSWER).count() == 2 * PEOPLE
    assert Counter(sent.recipient for sent in sms_outbox) == {request.mobile: 1 for request in requests}
    assert User.objects.count() == PEOPLE - 1
    assert_gives_nothing_away(caplog.text, *(request.national_code for request in requests))


def test_a_lease_that_ran_out_in_the_middle_repeats_only_the_missing_question(
    jibit: Jibit, requests: list[RegistrationRequest]
) -> None:
    first = requests[0]
    RegistrationRequest.objects.exclude(pk=first.pk).delete()
    jibit.refusals.extend([(400, "matching.unknown")])
    check.drain()  # no answer
    clock.advance(minutes=1)
    jibit.people.clear()
    jibit.rewrite = lambda document: document if "matched" in document else {}
    person, jibit.people[first.national_code, BORN] = JIBIT_MARYAM, dict(JIBIT_MARYAM)
    check.drain()  # ownership answered, identity oddly
    first.refresh_from_db()
    assert (first.status, first.ownership, first.identity) == ("submitted", "owned", "")

    jibit.people[first.national_code, BORN] = dict(person)
    jibit.rewrite = lambda document: document
    clock.advance(hours=1)
    check.drain()

    assert statuses() == ["activated"]
    assert jibit.asked == ["matching", "matching", "identity", "identity"]


def pass_time(time: timedelta) -> None:
    passed = timedelta()
    while passed < time:
        clock.advance(STEP)
        passed += STEP
        check.drain()
        delivery.drain("texts")


def statuses() -> list[str]:
    return list(RegistrationRequest.objects.order_by("pk").values_list("status", flat=True))
