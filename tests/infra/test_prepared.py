"""Queries whose SQL is built once give what the ORM would give, each time for other values."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Model, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import BrowserSession
from infra.prepared import Prepared, PreparedInsert, PreparedUpdate
from infra.statements import Given, as_taken
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db


def requests() -> QuerySet[RegistrationRequest]:
    sent_to = OtpChallenge.objects.filter(pk=OuterRef("challenge")).values("mobile")
    rows = RegistrationRequest.objects.select_related("challenge", "question_2")
    return rows.annotate(sent_to=sent_to, another=F("challenge__expires_at"))


def values(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_is_as_the_orm_reads_it() -> None:
    made = [make_request(number) for number in (1, 2)]
    prepared = Prepared(lambda: requests().filter(pk=Given("pk"), flow=Given("flow")))

    for row in made:
        expected = requests().get(pk=row.pk)
        read = prepared.first(pk=row.pk, flow="portal")
        assert read is not None
        assert values(read) == values(expected)
        assert (read.sent_to, read.another) == (row.mobile, row.challenge.expires_at)  # type: ignore[attr-defined]
        assert not read._state.adding
        with CaptureQueriesContext(connection) as asked:
            assert read.challenge == row.challenge
            assert read.challenge.nonce == expected.challenge.nonce
            assert read.question_2 is None
        assert not asked
    assert prepared.first(pk=made[0].pk, flow="eservices") is None


def test_the_query_is_built_once() -> None:
    built: list[None] = []

    def build() -> QuerySet[RegistrationRequest]:
        built.append(None)
        return requests().filter(pk=Given("pk"))

    prepared = Prepared(build)
    for pk in (1, 2, 3):
        assert prepared.first(pk=pk) is None
    assert len(built) == 1


def test_an_update_changes_what_is_given_and_says_how_many_rows() -> None:
    one, other = make_request(1), make_request(2)
    update = PreparedUpdate(lambda: RegistrationRequest.objects.filter(pk=Given("pk")), "city", "question_2")

    for row, city in ((one, "شیراز"), (other, "تبریز")):
        changes = {"city": city, "question_2": row.question_1}
        assert update.run(as_taken(RegistrationRequest, changes), pk=row.pk) == 1
    for row, city in ((one, "شیراز"), (other, "تبریز")):
        expected = values(row) | {"city": city, "question_2_id": row.question_1_id}
        assert values(RegistrationRequest.objects.get(pk=row.pk)) == expected
    assert update.run({"city": "", "question_2": None}, pk=0) == 0


def test_an_inserted_row_is_as_the_orm_writes_it() -> None:
    insert = PreparedInsert(BrowserSession)
    for key, moment in (("one", timezone.now()), ("other", None)):
        row = BrowserSession(session_key=key, session_data="{}", expire_date=timezone.now(), seen_at=moment)
        insert.run(row)
        assert values(BrowserSession.objects.get(pk=key)) == values(row)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert.run(row)
