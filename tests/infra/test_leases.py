from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from infra import leases
from sms.models import Message
from tests import clock
from tests.threads import elsewhere, together

pytestmark = pytest.mark.django_db


def waiting(count: int = 1) -> list[Message]:
    return Message.objects.bulk_create(
        [Message(recipient="+989120000000", purpose="notice", template="password_changed") for _ in range(count)]
    )


def rows() -> QuerySet[Message]:
    return Message.objects.all()


def claimed(seconds: int = 40) -> Message:
    row = leases.claim(rows(), seconds)
    assert row is not None
    return row


def test_claim_leases_the_row_that_is_due_longest() -> None:
    late, later = waiting(2)
    rows().filter(pk=later.pk).update(send_at=Now() - timedelta(minutes=2))
    rows().filter(pk=late.pk).update(send_at=Now() - timedelta(minutes=1))

    assert [claimed().pk, claimed().pk] == [later.pk, late.pk]
    assert leases.claim(rows(), 40) is None


def test_claim_writes_token_end_and_attempt_by_the_clock_of_the_database() -> None:
    waiting()
    held = claimed(seconds=40)

    [row] = rows().annotate(now=Now())
    assert row.lease_token == held.lease_token is not None
    assert row.lease_until is not None
    assert row.lease_until - row.now == timedelta(seconds=40)
    assert row.attempts == held.attempts == 1


def test_what_is_not_due_yet_is_left_alone() -> None:
    waiting()
    rows().update(send_at=Now() + timedelta(seconds=30))
    assert leases.claim(rows(), 40) is None

    clock.advance(seconds=31)
    assert leases.claim(rows(), 40) is not None


def test_only_rows_of_the_given_work_are_claimed() -> None:
    [first, second] = waiting(2)

    held = leases.claim(rows().filter(pk=second.pk), 40)

    assert held is not None
    assert held.pk == second.pk
    assert claimed().pk == first.pk


def test_lease_that_ran_out_lets_another_in_and_fences_the_first_out() -> None:
    waiting()
    first = claimed(seconds=40)
    clock.advance(seconds=39)
    assert leases.claim(rows(), 40) is None
    clock.advance(seconds=2)
    second = claimed(seconds=40)

    assert second.attempts == 2
    assert not leases.settle(first, last_error="of the first")
    assert not leases.keep(first, 40)
    assert rows().get().last_error == ""
    assert rows().get().lease_token == second.lease_token
    assert leases.settle(second, last_error="of the second")
    assert rows().get().last_error == "of the second"


def test_settling_gives_the_lease_back_once() -> None:
    waiting()
    held = claimed()

    assert leases.settle(held, last_error="first")
    assert not leases.settle(held, last_error="second")
    row = rows().get()
    assert (row.last_error, row.lease_token, row.lease_until) == ("first", None, None)


def test_row_without_a_lease_cannot_be_settled() -> None:
    [row] = waiting()

    assert not leases.settle(row, last_error="second")
    row.lease_token = uuid4()
    assert not leases.settle(row, last_error="second")
    assert rows().get().last_error == ""


def test_row_that_is_given_back_is_due_again_when_it_says() -> None:
    waiting()
    assert leases.settle(claimed(), send_at=Now() + timedelta(seconds=20))

    assert leases.claim(rows(), 40) is None
    clock.advance(seconds=20)
    assert claimed().attempts == 2


def test_work_that_has_failed_for_months_can_still_be_claimed() -> None:
    waiting()
    rows().update(attempts=leases.MOST_ATTEMPTS)

    assert claimed().attempts == leases.MOST_ATTEMPTS
    assert rows().get().attempts == leases.MOST_ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_claim_inside_a_transaction_is_refused() -> None:
    """Its lease would not be visible to others, or vanish with a rollback, while the message leaves."""
    waiting()

    with transaction.atomic(), pytest.raises(RuntimeError, match="outside"):
        leases.claim(rows(), 40)


@pytest.mark.django_db(transaction=True)
def test_parallel_claimers_share_nothing() -> None:
    everything = {row.pk for row in waiting(40)}

    def take_all() -> list[int]:
        taken = []
        while row := leases.claim(rows(), 40):
            taken.append(row.pk)
        return taken

    shares = [share for share in together(take_all, 6) if not isinstance(share, Exception)]

    assert len(shares) == 6
    assert Counter(pk for share in shares for pk in share) == dict.fromkeys(everything, 1)
    assert set(rows().values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_claim_passes_over_a_row_that_somebody_is_just_claiming() -> None:
    [first, second] = waiting(2)
    with transaction.atomic():
        rows().select_for_update().get(pk=first.pk)

        assert elsewhere(lambda: claimed().pk) == second.pk
        assert elsewhere(lambda: leases.claim(rows(), 40)) is None


@pytest.mark.django_db(transaction=True)
def test_claim_is_committed_before_the_work_begins() -> None:
    waiting()
    held = claimed()

    assert not connection.in_atomic_block
    assert elsewhere(lambda: rows().get().lease_token) == held.lease_token


@pytest.mark.parametrize("attempts", [0, 1, 3, 7, 16, 17, 32_767])
def test_backoff_grows_to_its_cap_and_keeps_a_fifth_of_it(attempts: int) -> None:
    longest = min(300, 5 * 2**attempts)
    seconds = [leases.backoff(attempts, 5, 300).total_seconds() for _ in range(200)]

    assert 0.2 * longest <= min(seconds)
    assert max(seconds) <= longest
    assert len(set(seconds)) > 50  # rows that failed together do not come back together


def test_backoff_is_never_shorter_than_the_least() -> None:
    assert leases.backoff(1, 5, 300, least=600) == timedelta(seconds=600)
    assert all(leases.backoff(10, 5, 300, least=200) >= timedelta(seconds=200) for _ in range(100))
