"""A clerk writes what the documents have: what is kept of it, and what it makes of the decision."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from iran.names import fold
from registration.lifecycle import corrections, decisions, documents
from registration.lifecycle.documents import NotSeen, Seen
from registration.models import RegistrationRequest, Status
from tests.registration.lifecycle.deciding import clerk, events
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

IP = "192.0.2.7"
FINDINGS = {"first_name": "mismatch", "last_name": "match"}
BIRTH = dt.date(1986, 6, 18)


def values(request: RegistrationRequest, **corrected: Any) -> dict[str, Any]:
    return {name: getattr(request, name) for name in RegistrationRequest.IDENTITY_FIELDS} | corrected


def test_both_values_are_kept_and_the_account_gets_the_new_one() -> None:
    request, mina = make_request(41, Status.MISMATCH, findings=FINDINGS), clerk()
    before = request.first_name, request.birth_date
    new = values(request, first_name="سارة‌بانو", birth_date=BIRTH)

    changed = corrections.correct(request.pk, by=mina, client_ip=IP, values=new, words="شناسنامه")

    assert sorted(changed) == ["birth_date", "first_name"]
    request.refresh_from_db()
    assert (request.status, request.first_name, request.birth_date) == ("mismatch", "سارة‌بانو", BIRTH)
    assert request.first_name_key == fold("سارة‌بانو")
    assert request.findings == FINDINGS | {"first_name": "corrected", "birth_date": "corrected"}
    event = request.events.get()
    assert (event.actor, event.kind, event.words, event.client_network) == (mina, "corrected", "شناسنامه", "192.0.2.0")
    assert event.changes == {
        "first_name": [before[0], "سارة‌بانو"],
        "birth_date": [before[1].isoformat(), "1986-06-18"],  # type: ignore[union-attr]
    }

    # What was corrected is not activated unseen.
    assert documents.to_compare(request) == ["first_name", "birth_date"]
    with pytest.raises(NotSeen):
        decisions.activate(request.pk, by=mina, client_ip=IP, seen=Seen(mobile="آنتن ندارد", documents=["passport"]))
    seen = Seen(mobile="آنتن ندارد", documents=["passport"], fields=["first_name", "birth_date"])
    decisions.activate(request.pk, by=mina, client_ip=IP, seen=seen)
    account = User.objects.get(national_code=request.national_code)
    assert (account.first_name, account.first_name_key, account.birth_date) == (
        "سارة‌بانو",
        fold("سارة‌بانو"),
        BIRTH,
    )


def test_nothing_is_no_correction() -> None:
    request = make_request(41, Status.MISMATCH, findings=FINDINGS)
    with pytest.raises(corrections.NothingChanged):
        corrections.correct(request.pk, by=clerk(), client_ip=IP, values=values(request), words="")
    assert events(request) == []


@pytest.mark.parametrize("status", sorted(set(Status.values) - {"mismatch", "draft"}))
def test_only_what_differs_and_still_waits_is_corrected(status: str) -> None:
    request = make_request(41, status)
    with pytest.raises(decisions.AlreadyDecided):
        corrections.correct(request.pk, by=clerk(), client_ip=IP, values=values(request, first_name="x"), words="")
    request.refresh_from_db()
    assert request.first_name != "x"
    assert events(request) == []


def test_who_read_other_data_neither_corrects_nor_decides_nor_confirms() -> None:
    request, mina, ali = make_request(41, Status.MISMATCH, identity="deceased"), clerk(), clerk(901)
    old = documents.mark_of(request)
    corrections.correct(request.pk, by=mina, client_ip=IP, values=values(request, gender="male"), words="", mark=old)
    seen = Seen(mobile="آنتن ندارد", documents=["passport"], fields=RegistrationRequest.IDENTITY_FIELDS, mark=old)
    with pytest.raises(documents.ChangedMeanwhile):
        decisions.give_first_word(request.pk, by=ali, client_ip=IP, seen=seen, words="")
    with pytest.raises(documents.ChangedMeanwhile):
        corrections.correct(request.pk, by=ali, client_ip=IP, values=values(request), words="", mark=old)
    request.refresh_from_db()
    decisions.give_first_word(
        request.pk, by=mina, client_ip=IP, seen=replace(seen, mark=documents.mark_of(request)), words=""
    )
    with pytest.raises(documents.ChangedMeanwhile):
        decisions.give_second_word(request.pk, by=ali, client_ip=IP, seen=seen, words="")
    assert [kind for kind, _, _ in events(request)] == ["corrected", "first_word"]


def test_a_first_word_about_other_data_counts_no_longer() -> None:
    request, mina, ali = make_request(41, Status.MISMATCH, identity="deceased"), clerk(), clerk(901)
    seen = Seen(mobile="آنتن ندارد", documents=["passport"], fields=RegistrationRequest.IDENTITY_FIELDS)
    decisions.give_first_word(request.pk, by=mina, client_ip=IP, seen=seen, words="")
    assert RegistrationRequest.objects.filter(pk=request.pk, awaits_second=True).exists()
    corrections.correct(request.pk, by=ali, client_ip=IP, values=values(request, first_name="سارینا"), words="")
    assert documents.first_word(request) is None
    assert not RegistrationRequest.objects.filter(pk=request.pk, awaits_second=True).exists()
    with pytest.raises(documents.TwoNeeded):
        decisions.give_second_word(request.pk, by=ali, client_ip=IP, seen=seen, words="")
    decisions.give_first_word(request.pk, by=ali, client_ip=IP, seen=seen, words="")
    decisions.give_second_word(request.pk, by=mina, client_ip=IP, seen=seen, words="")
    assert User.objects.get(national_code=request.national_code).first_name == "سارینا"
