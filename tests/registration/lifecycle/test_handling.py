"""Which colleague has a request at hand, and their notes."""

from datetime import timedelta

import pytest

from registration.lifecycle import decisions, handling
from registration.lifecycle.handling import TakenMeanwhile
from registration.models import RegistrationRequest, Status
from tests import clock
from tests.registration.lifecycle.deciding import NO_CODE, clerk, events
from tests.registration.rows import make_request
from tests.threads import together

pytestmark = pytest.mark.django_db

IP = "192.0.2.7"


def has(request: RegistrationRequest) -> int | None:
    found = handling.holder(request)
    return found.who.pk if found else None


def test_taken_taken_over_and_handed_back() -> None:
    request, other, mina, ali = make_request(41), make_request(42), clerk(), clerk(901)
    assert has(request) is None
    handling.take(request.pk, by=mina, client_ip=IP, instead_of=None)
    assert (has(request), has(other)) == (mina.pk, None)
    first = handling.holder(request)
    assert first is not None
    with pytest.raises(TakenMeanwhile):  # whose page is older
        handling.take(request.pk, by=ali, client_ip=IP, instead_of=None)
    with pytest.raises(TakenMeanwhile):  # nobody hands back what another has
        handling.hand_back(request.pk, by=ali, client_ip=IP)
    assert has(request) == mina.pk
    handling.take(request.pk, by=ali, client_ip=IP, instead_of=first.pk)
    assert has(request) == ali.pk
    with pytest.raises(TakenMeanwhile):
        handling.take(request.pk, by=mina, client_ip=IP, instead_of=first.pk)
    handling.hand_back(request.pk, by=ali, client_ip=IP)
    assert has(request) is None
    assert [kind for kind, _, _ in events(request)] == ["taken", "taken", "handed_back"]
    assert set(request.events.values_list("client_network", flat=True)) == {"192.0.2.0"}


def test_after_a_working_day_nobody_has_it() -> None:
    request, mina = make_request(41), clerk()
    handling.take(request.pk, by=mina, client_ip=IP, instead_of=None)
    clock.advance(handling.LASTS - timedelta(minutes=1))
    assert has(request) == mina.pk
    clock.advance(timedelta(minutes=2))
    assert has(request) is None


def test_a_colleague_decides_all_the_same() -> None:
    request, mina = make_request(41), clerk()
    handling.take(request.pk, by=mina, client_ip=IP, instead_of=None)
    decisions.activate(request.pk, by=clerk(901), client_ip=IP, seen=NO_CODE)
    with pytest.raises(decisions.AlreadyDecided):
        handling.take(request.pk, by=mina, client_ip=IP, instead_of=None)
    handling.hand_back(request.pk, by=mina, client_ip=IP)  # what is done can be let go


def test_a_note_is_kept_whatever_became_of_the_request() -> None:
    request, mina = make_request(41, Status.REJECTED), clerk()
    handling.note(request.pk, by=mina, client_ip=IP, words=" دوباره می‌آید " + "م" * 400)
    event = request.events.get()
    assert (event.kind, event.actor, event.words[:13], len(event.words)) == ("noted", mina, "دوباره می‌آید", 300)
    with pytest.raises(ValueError, match="says something"):
        handling.note(request.pk, by=mina, client_ip=IP, words="  ")


@pytest.mark.django_db(transaction=True)
def test_of_several_at_one_moment_one_takes() -> None:
    request, mina = make_request(41), clerk()

    def take() -> str:
        try:
            handling.take(request.pk, by=mina, client_ip=IP, instead_of=None)
        except TakenMeanwhile:
            return "told"
        return "has"

    assert sorted(map(str, together(take, 4))) == ["has", "told", "told", "told"]
    assert events(request) == [("taken", "", "")]
