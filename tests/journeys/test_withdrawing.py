"""Who sent something wrong takes the request back on the tracking page and registers again at once, form filled."""

import pytest
from django.test import Client

from registration.identity import check
from registration.lifecycle import decisions
from registration.models import RegistrationRequest, Status
from sms.models import Message
from tests.clock import advance
from tests.journeys.test_registering_again import NARGES, shown
from tests.registration.pages import opening
from tests.registration.wizard.walking import (
    Citizen,
    contact,
    decide,
    identify,
    persian,
    register,
    text,
    texts,
    to_identity,
)

pytestmark = pytest.mark.django_db

SOMEBODY = Citizen(466)


def withdraw(client: Client, request: RegistrationRequest) -> None:
    advance(minutes=3)
    opening.opens(client, request)
    client.post(opening.WITHDRAW)
    request.refresh_from_db()


def test_a_wrong_entry_is_withdrawn_and_registered_again_at_once(client: Client) -> None:
    NARGES.enter_registry()
    first = register(client, NARGES, certificate_number="12345")
    assert "درخواستی با این کد ملی وجود دارد" in text(contact(Client(), NARGES))

    withdraw(client, first)

    assert first.status == Status.WITHDRAWN
    assert texts(NARGES)[-1].startswith("سرکار خانم بهرامی درخواست ثبت‌نام شما با انصراف پایان یافت")
    advance(minutes=3)
    to_identity(client, NARGES)
    assert shown(client)["certificate_number"] == "12345"
    assert shown(client)["first_name"] == "نرگس"
    assert identify(client, NARGES).status_code == 302
    decide()
    second = RegistrationRequest.objects.latest("pk")
    assert (second.status, second.pk == first.pk) == (Status.ACTIVATED, False)
    first.refresh_from_db()
    assert first.status == Status.WITHDRAWN


def test_what_a_worker_holds_is_neither_activated_later_nor_half_decided(client: Client) -> None:
    NARGES.enter_registry()
    request = register(client, NARGES)
    held = check._claiming().claim(check.LEASE_SECONDS, request.pk)
    assert held is not None
    held.ownership, held.identity = "owned", "match"

    withdraw(client, request)

    assert not decisions.record(held)
    decide()
    request.refresh_from_db()
    assert (request.status, request.ownership, request.identity) == (Status.WITHDRAWN, "", "")
    assert list(Message.objects.filter(purpose="result").values_list("template", flat=True)) == ["withdrawn"]


def test_a_request_that_waits_at_the_branch_is_withdrawn_too(client: Client) -> None:
    NARGES.enter_registry(owns_mobile=False)
    request = register(client, NARGES)
    decide()
    withdraw(client, request)
    assert request.status == Status.WITHDRAWN
    advance(minutes=3)
    assert contact(client, NARGES).status_code == 302


def test_a_stranger_who_knows_the_national_code_alone_opens_nothing(client: Client) -> None:
    NARGES.enter_registry()
    request = register(client, NARGES)
    somebody = register(Client(), SOMEBODY)
    stranger = Client()
    answer = stranger.post(opening.SEND, {**opening.pair(somebody), "national_code": NARGES.national_code})
    assert persian("No request was found with this national code and tracking code") in text(answer)
    assert stranger.get(opening.PAGE).headers["Location"] == opening.TRACK
    request.refresh_from_db()
    assert request.status == Status.SUBMITTED
