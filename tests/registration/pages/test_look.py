"""Which group does not agree is told after a code, three times a day for a person, and never what the registry has."""

from typing import Any

import pytest
from django.test import Client

from registration.lifecycle import looks
from registration.models import RegistrationRequest, Status
from tests.accounts.helpers import told_to_wait
from tests.clock import advance
from tests.people import national_code
from tests.registration.pages import opening
from tests.registration.pages.opening import LOOK, PAGE, TRACK, text
from tests.registration.rows import make_request
from tests.registration.wizard.walking import Citizen, decide, persian, register

pytestmark = pytest.mark.django_db

SAID = {
    looks.NAMES: "First name or last name",
    looks.BIRTH: "Date of birth or gender",
    looks.CERTIFICATE: "Number, series or serial of the birth certificate",
}
NOT_HERE = persian("This cannot be shown here. Please go to the nearest branch with your identity documents.")
NARGES = Citizen(467)
AGREES = dict.fromkeys(RegistrationRequest.IDENTITY_FIELDS, "match")


def mismatch(number: int = 51, differs: Any = (), **fields: Any) -> RegistrationRequest:
    findings = AGREES | dict.fromkeys(differs, "mismatch")
    return make_request(number, Status.MISMATCH, findings=findings, **fields)


def looked(client: Client, request: RegistrationRequest) -> str:
    opening.opens(client, request)
    return text(client.post(LOOK, follow=True))


def said(page: str) -> list[str]:
    return [group for group, words in SAID.items() if persian(words) in page]


def test_every_field_of_the_identity_is_in_one_group() -> None:
    fields = [field for group in looks.GROUPS.values() for field in group]
    assert sorted(fields) == sorted(RegistrationRequest.IDENTITY_FIELDS)


@pytest.mark.parametrize("field", RegistrationRequest.IDENTITY_FIELDS)
def test_the_group_of_a_field_is_told_and_no_other(client: Client, field: str) -> None:
    page = looked(client, mismatch(differs=[field]))
    assert said(page) == [group for group, fields in looks.GROUPS.items() if field in fields]


def test_several_groups_are_told_and_what_nearly_agrees_is_none(client: Client) -> None:
    request = mismatch(differs=["last_name", "birth_date"])
    RegistrationRequest.objects.update(findings=request.findings | {"certificate_number": "similar"})
    assert said(looked(client, request)) == [looks.NAMES, looks.BIRTH]


def test_nothing_is_told_before_the_code_nor_before_somebody_asks(client: Client) -> None:
    request = mismatch(differs=["last_name"])
    assert said(text(client.post(TRACK, opening.pair(request)))) == []
    opening.opens(client, request)
    assert said(text(client.get(PAGE))) == []
    assert not request.events.exists()
    assert client.get(LOOK).status_code == 405


@pytest.mark.parametrize("identity", ["deceased", "not_found"])
def test_of_the_dead_and_the_unknown_nothing_is_told(client: Client, identity: str) -> None:
    request = mismatch(differs=["last_name"], identity=identity)
    page = looked(client, request)
    assert said(page) == []
    assert NOT_HERE in page


def test_what_a_clerk_has_corrected_does_not_differ_any_more(client: Client) -> None:
    request = mismatch(differs=["last_name"])
    RegistrationRequest.objects.update(findings=request.findings | {"last_name": RegistrationRequest.CORRECTED})
    assert NOT_HERE in looked(client, request)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.DRAFT, Status.MISMATCH}))
def test_other_states_have_nothing_to_show(client: Client, status: str) -> None:
    request = make_request(51, status, findings=dict.fromkeys(RegistrationRequest.IDENTITY_FIELDS, "mismatch"))
    opening.send(client, request)
    client.post(LOOK)
    assert not request.events.exists()


def test_reading_the_page_once_more_costs_nothing(client: Client) -> None:
    request = mismatch(differs=["last_name"])
    looked(client, request)
    for _ in range(5):
        client.post(LOOK)
        assert said(text(client.get(PAGE))) == [looks.NAMES]
    assert [event.kind for event in request.events.all()] == ["looked"]


def test_three_a_day_over_all_requests_of_a_person(client: Client) -> None:
    requests = [
        mismatch(number, ["last_name"], national_code=national_code(51), mobile=f"+98997000{number:04}")
        for number in (51, 52, 53, 54)
    ]
    for request in requests[:3]:
        assert said(looked(Client(), request)) == [looks.NAMES]

    page = looked(client, requests[3])

    assert said(page) == []
    assert "تعداد تلاش‌ها بیش از حد است" in page
    assert "۲۴ ساعت" in page
    assert said(text(client.post(LOOK, follow=True))) == []
    other = mismatch(55, ["last_name"])
    assert said(looked(Client(), other)) == [looks.NAMES]
    advance(hours=24, seconds=1)
    assert said(looked(client, requests[3])) == [looks.NAMES]


def test_the_wait_is_told_on_the_page_with_its_ways_on(client: Client) -> None:
    for number in (51, 52, 53):
        looked(Client(), mismatch(number, ["last_name"], national_code=national_code(51)))
    opening.opens(client, mismatch(54, ["last_name"], national_code=national_code(51)))
    answer = client.post(LOOK, follow=True)
    assert told_to_wait(answer)
    assert persian("Register again") in text(answer)
    assert persian("Withdraw the request") in text(answer)


def test_the_registrys_values_are_on_no_page(client: Client) -> None:
    NARGES.enter_registry(last_name="رستگاری", certificate_number="7654321")
    request = register(client, NARGES)
    decide()
    request.refresh_from_db()
    assert request.status == Status.MISMATCH
    advance(minutes=3)
    page = looked(client, request)
    assert said(page) == [looks.NAMES, looks.CERTIFICATE]
    assert "رستگاری" not in page
    assert "7654321" not in page
    assert 'href="/portal/registration/"' in page
