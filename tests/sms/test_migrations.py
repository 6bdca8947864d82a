"""Databases of earlier versions: rows of every old state are right after `migrate`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import RecoveryRun
from infra import leases
from registration.models import IdentityCheck, RegistrationRequest, RequestEvent
from sms.models import Message, OtpChallenge
from sms.outbox import delivery
from tests.people import national_code

pytestmark = pytest.mark.django_db(transaction=True)

OURS = ("sms_", "registration_", "accounts_")
MOBILE = "+989970000041"
NONCE = bytes(16)
PARAMS = {"last_name": "محمدی"}
BEFORE_MOMENTS = [("sms", "0004_field_terms")]
BEFORE_TERMS = [("sms", "0003_queue_texts"), ("registration", "0003_desk_indexes"), ("accounts", "0005_staff_factor")]


def migrate(targets: list[tuple[str, str]]) -> Any:
    """Bring the database to a state of long ago, or of now; returns the models it has there."""
    with connection.cursor() as cursor:  # new tables stand beside the others, not beside the clock of the tests
        cursor.execute("SET search_path = public, still, pg_catalog")
    MigrationExecutor(connection).migrate(targets)
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")
    return MigrationExecutor(connection).loader.project_state(targets).apps


def newest() -> list[tuple[str, str]]:
    return [(app, name) for app, name in MigrationExecutor(connection).loader.graph.leaf_nodes()]


@pytest.fixture(autouse=True)
def come_back() -> Iterator[None]:
    """The next test finds the database of today, also after a failure whose rows a migration would refuse."""
    yield
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith(OURS)]
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    migrate(newest())


def old_message(old: Any, number: int, **values: Any) -> int:
    made = old.get_model("sms", "Message").objects.create(
        **{
            "recipient": MOBILE,
            "purpose": "notice",
            "template": "password_changed",
            "reference": str(number),
            "idempotency_key": number,
            **values,
        }
    )
    return int(made.pk)


def test_every_old_state_of_a_message_is_kept() -> None:
    old = migrate(BEFORE_MOMENTS)
    now = timezone.now()
    soon, ago, later = now + timedelta(minutes=7), now - timedelta(minutes=1), now + timedelta(minutes=5)
    attempted = {"provider": "kavenegar", "first_attempt_at": ago}
    code = {"purpose": "registration", "code_nonce": NONCE, "expires_at": later}
    accepted = {"provider": "kavenegar", "provider_id": "7", "accepted_at": ago, "due_at": soon}
    cases: list[tuple[dict[str, Any], tuple[str, Any, Any, str]]] = [
        # what an old row was like, and what it is now: state, send_at, ask_at, last_error
        ({"params": PARAMS, "due_at": ago}, ("queued", ago, None, "")),
        ({"due_at": soon, "last_error": "transient: busy"}, ("queued", soon, None, "transient: busy")),
        ({**code, "due_at": ago}, ("queued", ago, None, "")),
        # a worker holds it, or has died with it: it is asked about when it is claimed
        ({**attempted, "due_at": ago, "lease_token": "0" * 32, "lease_until": soon}, ("queued", ago, None, "")),
        ({**attempted, "due_at": soon, "last_error": "unknown"}, ("unknown", None, soon, "unknown")),
        (
            {**attempted, "due_at": soon, "last_error": "bug 400: x"},
            ("unknown", None, soon, "bug 400: x"),
        ),
        ({"due_at": soon, "last_error": "unknown"}, ("unknown", None, soon, "unknown")),
        ({**attempted, **code, "due_at": later, "last_error": "unknown"}, ("unknown", None, None, "unknown")),
        ({**accepted, "state": "accepted", "params": PARAMS}, ("accepted", None, soon, "")),
        *(
            ({**accepted, "state": state}, (state, None, None, ""))
            for state in ("delivered", "undelivered", "delivery_unknown")
        ),
        *(({"due_at": ago, "state": state}, (state, None, None, "")) for state in ("failed", "expired", "cancelled")),
    ]
    rows = {old_message(old, number, **values): expected for number, (values, expected) in enumerate(cases, 1)}
    before = {
        row.pk: (row.params, row.provider, row.provider_id, row.attempts, row.idempotency_key, row.expires_at)
        for row in old.get_model("sms", "Message").objects.all()
    }
    migrate(newest())

    found = {row.pk: row for row in Message.objects.all()}
    assert found.keys() == rows.keys()
    for pk, row in found.items():
        assert (row.state, row.send_at, row.ask_at, row.last_error) == rows[pk]
        kept = (row.params, row.provider, row.provider_id, row.attempts, row.idempotency_key, row.expires_at)
        assert kept == before[pk]
    assert {row.state for row in found.values()} == set(Message.State.values)
    assert leases.waiting(delivery.due("texts"))


def test_constraints_and_columns_are_those_of_the_models() -> None:
    migrate(BEFORE_MOMENTS)
    migrate(newest())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'sms_message'::regclass AND contype = 'c'"
        )
        checks = {name: valid for name, valid in cursor.fetchall() if name.startswith("message_")}
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'sms_message'::regclass AND indisvalid"
        )
        indexes = {name for (name,) in cursor.fetchall()}
        columns = {column.name for column in connection.introspection.get_table_description(cursor, "sms_message")}

    assert set(checks.values()) == {True}
    assert {"message_send_at_iff_queued", "message_ask_at_while_asked_about"} <= checks.keys()
    assert {index.name for index in Message._meta.indexes} <= indexes
    assert columns == {field.column for field in Message._meta.concrete_fields}


def test_going_back_keeps_what_is_open() -> None:
    asked = timezone.now() + timedelta(minutes=3)
    states: list[dict[str, Any]] = [
        {"state": "queued", "send_at": asked},
        {"state": "unknown", "send_at": None, "ask_at": asked},
        {"state": "accepted", "send_at": None, "ask_at": asked, "accepted_at": timezone.now()},
    ]
    for values in states:
        Message.objects.create(recipient=MOBILE, purpose="notice", template="x", **values)
    old = migrate(BEFORE_MOMENTS)

    told = old.get_model("sms", "Message").objects.order_by("pk").values_list("state", "last_error", "due_at")
    assert list(told) == [("queued", "", asked), ("queued", "unknown", asked), ("accepted", "", asked)]


def test_rows_under_their_old_names_are_found_under_the_new() -> None:
    """0004_field_terms of sms and registration, 0006 of accounts: other words for the same tables and columns."""
    old = migrate(BEFORE_TERMS)
    types = ContentType.objects
    types.filter(app_label="sms", model="otpchallenge").update(model="verification")
    types.filter(app_label="registration", model="identitycheck").update(model="inquiry")
    kept = dict(types.filter(model__in=["verification", "inquiry"]).values_list("model", "pk"))
    now, code = timezone.now(), national_code(41)
    proof = old.get_model("sms", "Verification").objects.create(
        purpose="registration", mobile=MOBILE, subject=code, nonce=NONCE, expires_at=now + timedelta(minutes=9)
    )
    message = old.get_model("sms", "Message").objects.create(
        recipient=MOBILE, purpose="notice", template="x", subject=code, source="10.0.0.1", local_id=77, parts=2
    )
    request = old.get_model("registration", "RegistrationRequest").objects.create(
        national_code=code, flow="portal", mobile=MOBILE, operator="mci", verification=proof
    )
    old.get_model("registration", "RequestEvent").objects.create(
        request=request, from_status="draft", to_status="submitted", source="10.0.0.1"
    )
    old.get_model("registration", "Inquiry").objects.create(
        national_code=code, provider="jibit", operation="identity", outcome="match"
    )
    old.get_model("accounts", "RecoveryRun").objects.create(verification=proof)
    migrate(newest())

    challenge = OtpChallenge.objects.get()
    assert (challenge.pk, challenge.national_code, challenge.nonce) == (proof.pk, code, NONCE)
    row = Message.objects.get()
    assert (row.pk, row.national_code, row.client_ip, row.idempotency_key, row.segments, row.state) == (
        *(message.pk, code, "10.0.0.1", 77, 2),
        "queued",
    )
    assert RegistrationRequest.objects.values_list("pk", "challenge_id").get() == (request.pk, proof.pk)
    assert str(RequestEvent.objects.get().client_network) == "10.0.0.1"
    assert IdentityCheck.objects.get().outcome == "match"
    assert RecoveryRun.objects.get().challenge_id == proof.pk
    renamed = dict(ContentType.objects.filter(model__in=["otpchallenge", "identitycheck"]).values_list("model", "pk"))
    assert renamed == {"otpchallenge": kept["verification"], "identitycheck": kept["inquiry"]}
