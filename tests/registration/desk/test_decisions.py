"""What clerks decide about requests that wait for them, and what takes such a request away from them."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from registration.lifecycle import decisions, scope
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest, Status
from sms.backends.base import Outgoing
from sms.models import Message
from tests import clock
from tests.registration.lifecycle.deciding import ACTIVATED, CREATED, MS, NO_CODE, clerk, events, leased, texts
from tests.registration.rows import SECRETS, make_request

pytestmark = pytest.mark.django_db

CARD = Seen(mobile="آنتن ندارد", documents=["national_card"])


@pytest.mark.parametrize("status", [Status.BRANCH, Status.MISMATCH])
@pytest.mark.parametrize(("flow", "text"), [("portal", CREATED), ("eservices", ACTIVATED)])
def test_a_clerk_who_saw_the_documents_opens_the_account(
    sms_outbox: list[Outgoing], status: Status, flow: str, text: str
) -> None:
    request, other, mina = make_request(41, status, flow=flow), make_request(42, status), clerk()

    decided = decisions.activate(request.pk, by=mina, client_ip="2001:db8:1:2:3::4", seen=CARD, words="کارت ملی")

    assert decided.pk == request.pk
    request.refresh_from_db()
    assert (request.status, request.password_hash, request.answers_hash) == ("activated", "", "")
    account = User.objects.get(national_code=request.national_code)
    assert (account.is_active, account.password, account.answers_hash) == (True, *SECRETS.values())
    event = request.events.get()
    assert (event.actor, event.from_status, event.to_status) == (mina, status, "activated")
    assert (event.kind, event.words, event.client_network) == ("documents_seen", "کارت ملی", "2001:db8:1:2::")
    other.refresh_from_db()
    assert (other.status, events(other)) == (status, [])
    assert Message.objects.get().purpose == "desk_decision"
    assert texts(sms_outbox, request) == [f"{MS} {text}"]


@pytest.mark.parametrize("status", [Status.BRANCH, Status.MISMATCH])
def test_a_clerk_refuses_with_a_reason(sms_outbox: list[Outgoing], status: Status) -> None:
    request, mina = make_request(41, status), clerk()

    decisions.reject(request.pk, by=mina, words="عکس با شخص مطابقت ندارد. " * 20, client_ip="192.0.2.7")

    request.refresh_from_db()
    assert (request.status, request.password_hash, request.answers_hash) == ("rejected", "", "")
    assert not User.objects.filter(national_code=request.national_code).exists()
    event = request.events.get()
    assert (event.actor, event.kind, event.to_status) == (mina, "rejected", "rejected")
    assert event.client_network == "192.0.2.0"
    assert event.words == ("عکس با شخص مطابقت ندارد. " * 20)[:300]
    [text] = texts(sms_outbox, request)
    assert text.startswith(MS)
    assert "عکس" not in text  # the reason is for the record; the citizen hears it at the branch


@pytest.mark.parametrize("status", sorted(set(Status.values) - {"branch", "mismatch"}))
def test_a_clerk_decides_only_what_waits_for_one(status: str) -> None:
    request, mina = make_request(41, status), clerk()

    with pytest.raises(decisions.AlreadyDecided):
        decisions.activate(request.pk, by=mina, client_ip="192.0.2.7", seen=NO_CODE)
    with pytest.raises(decisions.AlreadyDecided):
        decisions.reject(request.pk, by=mina, words="doubt", client_ip="192.0.2.7")

    request.refresh_from_db()
    assert request.status == status
    assert events(request) == []
    assert not Message.objects.exists()
    assert not User.objects.filter(national_code=request.national_code).exists()


@pytest.mark.parametrize("status", [Status.BRANCH, Status.MISMATCH])
def test_a_newer_request_supersedes_what_waits_for_a_clerk(status: Status) -> None:
    waits, done, other = make_request(41, status), make_request(42, Status.REJECTED), make_request(43, status)
    RegistrationRequest.objects.update(undelivered=True)

    decisions.supersede(waits.national_code)

    waits.refresh_from_db()
    assert (waits.status, waits.password_hash, waits.answers_hash) == ("superseded", "", "")
    assert not waits.undelivered, "nobody has to be told of it any more"
    assert RegistrationRequest.objects.get(pk=other.pk).undelivered
    assert events(waits) == [("superseded", status, "superseded")]
    assert [events(done), events(other)] == [[], []]
    assert not Message.objects.exists()
    with pytest.raises(decisions.AlreadyDecided):
        decisions.activate(waits.pk, by=clerk(), client_ip="192.0.2.7", seen=NO_CODE)


def test_opening_a_record_is_noted_once_an_hour_for_each_clerk() -> None:
    request, other, mina, ali = make_request(41), make_request(42), clerk(), clerk(901)
    decisions.reject(other.pk, by=mina, words="doubt", client_ip="192.0.2.7")
    for seen_by in (mina, mina, ali):
        scope.viewed(request, by=seen_by, client_ip="2001:db8:1:2:3::4")
    assert request.events.count() == 2
    scope.viewed(other, by=mina, client_ip="192.0.2.7")  # another record, another kind of event
    assert [kind for kind, _, _ in events(other)] == ["rejected", "viewed"]
    clock.advance(timedelta(minutes=61))
    scope.viewed(request, by=mina, client_ip="192.0.2.7")

    seen = list(request.events.values_list("actor", "kind", "client_network"))
    network = "2001:db8:1:2::"
    assert seen == [(mina.pk, "viewed", network), (ali.pk, "viewed", network), (mina.pk, "viewed", "192.0.2.0")]
    request.refresh_from_db()
    assert request.status == Status.BRANCH


def test_the_password_leads_to_no_account_that_waits_for_a_clerk() -> None:
    request = leased(identity="match", ownership="not_owned", password_hash=make_password("Zangule21"))
    decisions.record(request)

    account = User.objects.get()
    assert (account.is_active, account.activated_at) == (False, None)
    decisions.activate(request.pk, by=clerk(), client_ip="192.0.2.7", seen=NO_CODE)
    account.refresh_from_db()
    assert account.is_active
    assert account.activated_at is not None
    assert account.identity_check == "branch"
    assert account.check_password("Zangule21")
    assert request.events.get(kind="documents_seen").words == ""
