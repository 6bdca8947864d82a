from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from sms import verification
from sms.models import Message, Verification
from sms.verification import Answer
from tests import clock
from tests.sms.proofs import MOBILE, SOURCE, SUBJECT, begin, right_code, wrong_code
from tests.threads import together

pytestmark = pytest.mark.django_db


def attempts(proof: Verification) -> int:
    return Verification.objects.get(pk=proof.pk).attempts


def sends() -> list[Message]:
    return list(Message.objects.order_by("pk"))


def test_start_makes_a_proof_and_queues_its_code_with_it() -> None:
    proof = begin()

    row = Verification.objects.annotate(now=Now()).get()
    assert (row.purpose, row.mobile, row.subject, row.attempts) == ("registration", MOBILE, SUBJECT, 0)
    assert (row.confirmed_at, row.consumed_at) == (None, None)
    assert proof.expires_at == row.expires_at
    assert row.expires_at - row.now == timedelta(minutes=10)
    [message] = sends()
    assert (message.recipient, message.purpose, message.template) == (MOBILE, "registration", "code")
    assert (message.subject, message.source, message.expires_at) == (SUBJECT, SOURCE, row.expires_at)
    assert bytes(message.code_nonce or b"") == bytes(row.nonce)
    assert message.params == {}


def test_every_proof_has_a_nonce_of_its_own() -> None:
    first = begin()
    clock.advance(minutes=3)

    assert bytes(begin().nonce) != bytes(first.nonce)


def test_nothing_is_left_of_a_start_that_is_rolled_back() -> None:
    with transaction.atomic():
        begin()
        transaction.set_rollback(True)

    assert not Verification.objects.exists()
    assert not Message.objects.exists()


# ── confirm ──


def test_right_code_confirms_and_spends_an_attempt() -> None:
    proof = begin()

    assert verification.confirm(proof, right_code(proof)) is Answer.CONFIRMED
    row = Verification.objects.get()
    assert row.confirmed_at is not None
    assert (row.attempts, row.consumed_at) == (1, None)


def test_confirming_again_is_harmless_and_free_also_when_the_code_is_over() -> None:
    proof = begin()
    verification.confirm(proof, right_code(proof))
    since = Verification.objects.get().confirmed_at

    for _ in range(10):
        assert verification.confirm(proof, right_code(proof)) is Answer.CONFIRMED
    assert verification.confirm(proof, wrong_code(proof)) is Answer.WRONG
    assert (attempts(proof), Verification.objects.get().confirmed_at) == (1, since)
    clock.advance(hours=1)
    assert verification.confirm(proof, right_code(proof)) is Answer.CONFIRMED


def test_five_wrong_codes_kill_it_for_the_right_one_too() -> None:
    proof = begin()

    for step in range(1, 6):
        assert verification.confirm(proof, wrong_code(proof, step)) is Answer.WRONG
        assert attempts(proof) == step
    assert verification.confirm(proof, right_code(proof)) is Answer.DEAD
    assert verification.confirm(proof, wrong_code(proof, 6)) is Answer.DEAD
    assert attempts(proof) == 5
    assert Verification.objects.get().confirmed_at is None


def test_fifth_try_may_still_be_the_right_one() -> None:
    proof = begin()
    for step in range(1, 5):
        verification.confirm(proof, wrong_code(proof, step))

    assert verification.confirm(proof, right_code(proof)) is Answer.CONFIRMED


def test_code_lives_ten_minutes() -> None:
    proof = begin()
    clock.advance(minutes=9, seconds=50)
    assert verification.confirm(proof, wrong_code(proof)) is Answer.WRONG

    clock.advance(seconds=11)
    assert verification.confirm(proof, right_code(proof)) is Answer.DEAD
    assert attempts(proof) == 1


def test_code_is_good_for_its_own_proof_only() -> None:
    first = begin()
    recovery = begin(mobile="+989120000002", purpose="recovery")

    assert right_code(first) != right_code(recovery)
    assert verification.confirm(recovery, right_code(first)) is Answer.WRONG
    assert verification.confirm(first, right_code(recovery)) is Answer.WRONG


@pytest.mark.django_db(transaction=True)
def test_confirm_inside_a_transaction_is_refused() -> None:
    """Rolled back, it would give the attempt back."""
    proof = begin()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        verification.confirm(proof, wrong_code(proof))


@pytest.mark.django_db(transaction=True)
def test_sixty_guesses_at_once_get_five_tries_together() -> None:
    proof = begin()
    steps = iter(range(1, 61))  # CPython's iterators hand each number to one thread

    answers = together(lambda: verification.confirm(proof, wrong_code(proof, next(steps))), 60)

    assert answers.count(Answer.WRONG) == 5
    assert answers.count(Answer.DEAD) == 55
    assert verification.confirm(proof, right_code(proof)) is Answer.DEAD
    assert attempts(proof) == 5


@pytest.mark.django_db(transaction=True)
def test_double_click_on_the_right_code_confirms_for_both() -> None:
    proof = begin()

    assert together(lambda: verification.confirm(proof, right_code(proof)), 10) == [Answer.CONFIRMED] * 10
    assert attempts(proof) == 1


# ── consume ──


def test_proof_is_used_up_once() -> None:
    proof = begin()
    assert not verification.consume(proof.pk)
    verification.confirm(proof, right_code(proof))

    assert verification.consume(proof.pk)
    assert not verification.consume(proof.pk)
    assert Verification.objects.get().consumed_at is not None
    assert not verification.consume(proof.pk + 1)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_use_it_at_once_one_succeeds() -> None:
    proof = begin()
    verification.confirm(proof, right_code(proof))

    assert sorted(map(str, together(lambda: verification.consume(proof.pk), 20))) == ["False"] * 19 + ["True"]


@pytest.mark.django_db(transaction=True)
def test_proof_of_a_transaction_that_failed_can_be_used_again() -> None:
    proof = begin()
    verification.confirm(proof, right_code(proof))
    with transaction.atomic():
        assert verification.consume(proof.pk)
        transaction.set_rollback(True)

    assert verification.consume(proof.pk)
