import pytest

from infra.limits import LimitReached
from sms.models import Message, Verification
from sms.otp import challenge as otp
from sms.otp.challenge import Answer
from tests import clock
from tests.sms.otp.challenges import SOURCE, begin, right_code, wrong_code

pytestmark = pytest.mark.django_db


def attempts(proof: Verification) -> int:
    return Verification.objects.get(pk=proof.pk).attempts


def test_resend_sends_the_same_code_while_it_lives() -> None:
    proof = begin()
    otp.confirm(proof, wrong_code(proof))
    clock.advance(minutes=3)
    proof.refresh_from_db()

    again = otp.resend(proof, SOURCE)

    assert again.pk == proof.pk
    assert Verification.objects.count() == 1
    first, second = Message.objects.order_by("pk")
    assert bytes(first.code_nonce or b"") == bytes(second.code_nonce or b"") == bytes(proof.nonce)
    assert first.expires_at == second.expires_at
    assert first.local_id != second.local_id
    assert attempts(proof) == 1  # a new message never gives new tries
    assert otp.confirm(again, right_code(proof)) is Answer.CONFIRMED


@pytest.mark.parametrize(("minutes", "same"), [(7.9, True), (8.1, False), (10.1, False), (60, False)])
def test_code_that_would_die_on_the_way_is_replaced(minutes: float, same: bool) -> None:
    proof = begin()
    clock.advance(minutes=minutes)
    proof.refresh_from_db()

    again = otp.resend(proof, SOURCE)

    assert (again.pk == proof.pk) is same
    assert (bytes(again.nonce) == bytes(proof.nonce)) is same
    assert (again.purpose, again.mobile, again.subject) == (proof.purpose, proof.mobile, proof.subject)
    assert otp.confirm(again, right_code(again)) is Answer.CONFIRMED


def test_code_whose_tries_are_spent_is_replaced() -> None:
    proof = begin()
    for step in range(1, 6):
        otp.confirm(proof, wrong_code(proof, step))
    clock.advance(minutes=3)

    again = otp.resend(proof, SOURCE)

    assert again.pk != proof.pk
    assert otp.confirm(proof, right_code(proof)) is Answer.DEAD
    assert otp.confirm(again, right_code(again)) is Answer.CONFIRMED


def test_resend_keeps_to_the_limits() -> None:
    proof = begin()

    with pytest.raises(LimitReached) as caught:
        otp.resend(proof, SOURCE)
    assert caught.value.tell
    assert Message.objects.count() == 1


def test_resend_after_the_proof_was_given_sends_nothing_and_keeps_it() -> None:
    """The button of another tab, pressed while this one confirms, must not take the proof away."""
    proof = begin()
    otp.confirm(Verification.objects.get(), right_code(proof))
    clock.advance(minutes=3)

    assert otp.resend(proof, SOURCE).pk == proof.pk
    assert Message.objects.count() == Verification.objects.count() == 1
