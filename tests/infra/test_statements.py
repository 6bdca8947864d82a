"""Several writes as one statement: what is promised about building and executing them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from infra import statements
from infra.statements import Given
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from tests.people import national_code
from tests.threads import behind

pytestmark = pytest.mark.django_db


def challenge(number: int = 1) -> OtpChallenge:
    end = timezone.now() + timedelta(minutes=10)
    return OtpChallenge(
        purpose="registration",
        mobile=f"+98912000{number:04}",
        national_code=national_code(number),
        nonce=b"\0" * 16,
        expires_at=end,
    )


def test_a_row_is_written_as_its_model_would_write_it() -> None:
    row, same = challenge(), challenge()
    same.expires_at = row.expires_at
    same.save()

    now, pk = statements.run(
        {"one": ("SELECT 1", ()), "row": statements.insert(row, "one")},
        f"SELECT STATEMENT_TIMESTAMP(), {statements.keys_of('row')}",
    )
    statements.inserted(row, pk, now)

    written, expected = OtpChallenge.objects.filter(pk=pk).values().get(), OtpChallenge.objects.values().get(pk=same.pk)
    assert {**written, "id": 0, "created_at": 0} == {**expected, "id": 0, "created_at": 0}
    assert (row.pk, row.created_at) == (written["id"], written["created_at"])
    row.attempts = 1
    row.save()  # it knows that it is there
    assert OtpChallenge.objects.count() == 2


def test_no_row_of_the_source_no_row() -> None:
    parts = {"none": ("SELECT 1 WHERE false", ()), "row": statements.insert(challenge(), "none")}
    assert statements.run(parts, f"SELECT {statements.have_rows('row')}") == (False,)
    assert not OtpChallenge.objects.exists()


def test_a_row_may_point_to_one_that_is_written_with_it() -> None:
    first = challenge()
    owner = RegistrationRequest(flow="portal", national_code=first.national_code, mobile=first.mobile, operator="mci")
    parts = {
        "one": ("SELECT 1", ()),
        "first": statements.insert(first, "one"),
        "owner": statements.insert(owner, "first", challenge_id="first.pk"),
    }
    first_id, owner_id = statements.run(parts, f"SELECT {statements.keys_of('first', 'owner')}")
    assert RegistrationRequest.objects.get(pk=owner_id).challenge_id == first_id


def test_an_update_with_one_more_condition_and_a_value_given_each_time() -> None:
    rows = [challenge(number) for number in (1, 2)]
    for row in rows:
        row.save()
    update = statements.update(OtpChallenge.objects.filter(mobile=Given("mobile")), attempts=2)
    part = statements.only_if(update, "nonce = %s RETURNING id AS pk", Given("nonce"))

    for row in rows:
        given = {"mobile": row.mobile, "nonce": b"\0" * 16}
        assert statements.run({"part": part}, f"SELECT {statements.keys_of('part')}", given=given) == (row.pk,)
    given = {"mobile": rows[0].mobile, "nonce": b"\1" * 16}
    assert statements.run({"part": part}, f"SELECT {statements.keys_of('part')}", given=given) == (None,)


@pytest.mark.django_db(transaction=True)
def test_the_statement_sees_what_was_committed_while_it_waited_for_its_locks() -> None:
    """One that took the lock itself would see the rows as they were before: PostgreSQL looks once for a statement."""
    parts = {"rows": statements.select(OtpChallenge.objects.values("pk"))}

    def count() -> int:
        [found] = statements.run(parts, "SELECT count(*) FROM rows", locks=("a", "b"))
        return int(found)

    assert behind("b", count, lambda: challenge().save()) == 1


@pytest.mark.django_db(transaction=True)
def test_locks_and_statement_are_one_message_and_one_transaction() -> None:
    parts = {"one": ("SELECT 1", ()), "row": statements.insert(challenge(), "one")}
    with CaptureQueriesContext(connection) as captured:
        statements.run(parts, f"SELECT {statements.keys_of('row')}", locks=("a",))
    assert len(captured) == 1
    assert behind("a", lambda: statements.run(parts, "SELECT count(*) FROM row", locks=("a",)), lambda: None)
    assert OtpChallenge.objects.count() == 2, "committed, and the lock is free again"


def test_what_fails_alone_undoes_nothing_else() -> None:
    challenge(1).save()
    bad = challenge(2)
    bad.mobile = "no mobile"
    parts = {"one": ("SELECT 1", ()), "row": statements.insert(bad, "one")}
    with pytest.raises(IntegrityError), statements.undone_alone():
        statements.run(parts, f"SELECT {statements.keys_of('row')}")
    assert OtpChallenge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_is_alone_needs_no_savepoint() -> None:
    with CaptureQueriesContext(connection) as captured, statements.undone_alone():
        statements.run({"one": ("SELECT 1 AS pk", ())}, f"SELECT {statements.keys_of('one')}")
    assert len(captured) == 1
    statements.refuse_transaction()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        statements.refuse_transaction()
