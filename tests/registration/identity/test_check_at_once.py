"""Several workers over one heap of requests: each is asked about once and told once."""

import pytest

from accounts.models import User
from registration.identity import check
from registration.models import RegistrationRequest
from sms.models import Message
from tests.registration.identity.provider import Provider, provider
from tests.registration.rows import make_request
from tests.threads import together

__all__ = ["provider"]  # the fixture

pytestmark = pytest.mark.django_db(transaction=True)

Status = RegistrationRequest.Status


def test_each_request_is_asked_about_once(provider: Provider) -> None:
    requests = [make_request(number, Status.SUBMITTED) for number in range(41, 61)]

    taken = together(check.drain, 4)

    assert sum(count for count in taken if isinstance(count, int)) == len(requests)
    assert sorted(provider.asked) == sorted(
        (question, request.national_code) for request in requests for question in ("identity", "ownership")
    )
    assert set(RegistrationRequest.objects.values_list("status", "attempts")) == {("activated", 1)}
    assert User.objects.count() == Message.objects.count() == len(requests)


def test_a_doubled_wake_up_asks_once(provider: Provider) -> None:
    request = make_request(41, Status.SUBMITTED)

    assert together(lambda: check.check(request.pk), 4) == [None] * 4

    assert len(provider.asked) == 2
    assert Message.objects.count() == 1
