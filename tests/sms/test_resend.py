import pytest

from infra.limits import LimitReached
from sms import verification
from sms.models import Message, Verification
from sms.verification import Answer
from tests import clock
from tests.sms.proofs import SOURCE, begin, right_code, wrong_code

pytestmark = pytest.mark.django_db


def attempts(proof: Verification) -> int:
    return Verification.objects.get(pk=proof.pk).attempts


def test_resend_sends_the_same_code_while_it_lives() -> None:
    proof = begin()
    verification.confirm(proof, wrong_code(proof))
    clock.advance(minutes=3)
    proof.refresh_from_db()

    again = verification.resend(proof, SOURCE)

    assert again.pk == proof.pk
    assert Verification.objects.count() == 1
    first, second = Message.objects.order_by("pk")
    assert bytes(first.code_nonce or b"") == bytes(second.code_nonce or b"") == bytes(proof.nonce)
    assert first.expires_at == second.expires_at
    assert first.local_id != second.local_id
    assert attempts(proof) == 1  # a new message never gives new tries
    assert verification.confirm(again, right_code(proof)) is Answer.CONFIRMED


@pytest.mark.parametrize(("minutes", "same"), [(7.9, True), (8.1, False), (10.1, False), (60, False)])
def test_code_that_would_die_on_the_way_is_replaced(minutes: float, same: bool) -> None:
    proof = begin()
    clock.advance(minutes=minutes)
    proof.refresh_from_db()

    again = verification.resend(proof, SOURCE)

    assert (again.pk == proof.pk) is same
    assert (bytes(again.nonce) == bytes(proof.nonce)) is same
    assert (again.purpose, again.mobile, again.subject) == (proof.purpose, proof.mobile, proof.subject)
    assert verification.confirm(again, right_code(again)) is Answer.CONFIRMED


def test_code_whose_tries_are_spent_is_replaced() -> None:
    proof = begin()
    for step in range(1, 6):
        verification.confirm(proof, wrong_code(proof, step))
    clock.advance(minutes=3)

    again = verification.resend(proof, SOURCE)

    assert again.pk != proof.pk
    assert verification.confirm(proof, right_code(proof)) is Answer.DEAD
    assert verification.confirm(again, right_code(again)) is Answer.CONFIRMED


def test_resend_keeps_to_the_limits() -> None:
    proof = begin()

    with pytest.raises(LimitReached) as caught:
        verification.resend(proof, SOURCE)
    assert caught.value.tell
    assert Message.objects.count() == 1


def test_resend_after_the_proof_was_given_sends_nothing_and_keeps_it() -> None:
    """The button of another tab, pressed while this one confirms, must not take the proof away."""
    proof = begin()
    verification.confirm(Verification.objects.get(), right_code(proof))
    clock.advance(minutes=3)

    assert verification.resend(proof, SOURCE).pk == proof.pk
    assert Message.objects.count() == Verification.objects.count() == 1
