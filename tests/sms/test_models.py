"""The database itself refuses what must not be: inserts and updates that pass by every rule written in Python."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone

from sms.models import Message, OtpChallenge, ProviderState, new_idempotency_key
from tests.people import national_code

pytestmark = pytest.mark.django_db

NONCE = bytes(16)
A_MINUTE = timedelta(minutes=1)

FILLED = {"last_name": "محمدی"}

# Every constraint by name, with the values that break this one and no other.
BROKEN_VERIFICATIONS: list[tuple[str, dict[str, Any]]] = [
    ("verification_mobile_e164", {"mobile": "09120000001"}),
    ("verification_mobile_e164", {"mobile": "+9891200000011"}),
    ("verification_mobile_e164", {"mobile": "+982120000001"}),
    ("verification_mobile_e164", {"mobile": "+989120000001\n"}),
    ("verification_mobile_e164", {"mobile": "+98912000000۱"}),
    ("verification_five_attempts", {"attempts": 6}),
    ("verification_expires_later", {"expires_at": Now() - A_MINUTE}),
    ("verification_confirmed_by_an_attempt", {"confirmed_at": Now(), "attempts": 0}),
    ("verification_consumed_once_confirmed", {"consumed_at": Now(), "confirmed_at": None}),
]
BROKEN_MESSAGES: list[tuple[str, dict[str, Any]]] = [
    ("message_recipient_e164", {"recipient": "9120000001"}),
    ("message_recipient_e164", {"recipient": "+989120000001\n"}),
    ("message_code_has_purpose_and_end", {"code_nonce": NONCE, "expires_at": None}),
    ("message_code_has_purpose_and_end", {"code_nonce": NONCE, "purpose": "notice", "expires_at": Now() + A_MINUTE}),
    ("message_wiped_when_final", {"send_at": None, "state": "failed", "params": FILLED}),
    ("message_wiped_when_final", {"send_at": None, "state": "expired", "code_nonce": NONCE, "expires_at": Now()}),
    ("message_wiped_when_final", {"send_at": None, "state": "cancelled", "params": FILLED}),
    (
        "message_wiped_when_final",
        {"send_at": None, "state": "delivered", "accepted_at": Now(), "params": FILLED},
    ),
    (
        "message_wiped_when_final",
        {"send_at": None, "state": "undelivered", "accepted_at": Now(), "params": FILLED},
    ),
    (
        "message_wiped_when_final",
        {"send_at": None, "state": "delivery_unknown", "accepted_at": Now(), "params": {"a": "b"}},
    ),
    ("message_accepted_at_iff_accepted", {"send_at": None, "ask_at": Now(), "state": "accepted"}),
    ("message_accepted_at_iff_accepted", {"state": "queued", "accepted_at": Now()}),
    ("message_accepted_at_iff_accepted", {"send_at": None, "state": "failed", "accepted_at": Now()}),
    ("message_accepted_at_iff_accepted", {"send_at": None, "state": "sent", "params": {}}),
    ("message_decision_has_reference", {"purpose": "result", "reference": ""}),
    ("message_decision_has_reference", {"purpose": "desk_decision", "reference": ""}),
    ("message_only_codes_by_voice", {"purpose": "notice", "by_voice": True}),
    ("message_send_at_iff_queued", {"send_at": None}),
    ("message_send_at_iff_queued", {"state": "unknown"}),
    ("message_send_at_iff_queued", {"state": "failed", "send_at": Now()}),
    ("message_ask_at_while_asked_about", {"ask_at": Now()}),
    ("message_ask_at_while_asked_about", {"state": "failed", "send_at": None, "ask_at": Now()}),
    ("message_ask_at_while_asked_about", {"state": "accepted", "send_at": None, "accepted_at": Now()}),
]
TWICE = {
    "message_one_result_per_request": {"purpose": "result", "reference": "request:1"},
    "message_one_text_per_desk_decision": {"purpose": "desk_decision", "reference": "request:1"},
    "message_one_repeat_per_request": {"purpose": "result_again", "reference": "request:1"},
}


def challenge(**values: Any) -> OtpChallenge:
    whole = {"purpose": "registration", "mobile": "+989120000001", "national_code": national_code(1), "nonce": NONCE}
    return OtpChallenge(**whole | {"expires_at": timezone.now() + 10 * A_MINUTE} | values)


def message(**values: Any) -> Message:
    return Message(**{"recipient": "+989120000001", "purpose": "registration", "template": "code"} | values)


def assert_refuses(constraint: str, broken: Model, values: dict[str, Any], whole: Model) -> None:
    """Neither inserted nor updated into being."""
    model = type(broken)
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        model._base_manager.bulk_create([broken])
    whole.save()
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        model._base_manager.filter(pk=whole.pk).update(**values)


@pytest.mark.parametrize(("constraint", "values"), BROKEN_VERIFICATIONS)
def test_broken_verification_is_refused(constraint: str, values: dict[str, Any]) -> None:
    assert_refuses(constraint, challenge(**values), values, challenge())


@pytest.mark.parametrize(("constraint", "values"), BROKEN_MESSAGES)
def test_broken_message_is_refused(constraint: str, values: dict[str, Any]) -> None:
    assert_refuses(constraint, message(**values), values, message())


@pytest.mark.parametrize("constraint", TWICE)
def test_second_text_about_one_decision_is_refused(constraint: str) -> None:
    Message.objects.bulk_create(
        [message(**TWICE[constraint]), message(**TWICE[constraint] | {"reference": "request:2"})]
    )

    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        Message.objects.bulk_create([message(**TWICE[constraint] | {"recipient": "+989120000002"})])
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        Message.objects.filter(reference="request:2").update(reference="request:1")


def test_other_purposes_may_refer_to_one_thing_often() -> None:
    Message.objects.bulk_create(message(purpose="notice", reference="account:1") for _ in range(3))

    assert Message.objects.count() == 3


def test_local_id_is_unique_also_for_raw_sql() -> None:
    first = message()
    first.save()
    columns = (
        "recipient, purpose, template, params, reference, subject, state, provider, provider_id, attempts, last_error"
    )

    with pytest.raises(IntegrityError, match="local_id"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO sms_message ({columns}, local_id) "  # noqa: S608
            "VALUES ('+989120000002', 'notice', 'x', '{}', '', '', 'queued', '', '', 0, '', %s)",
            [first.idempotency_key],
        )


def test_provider_has_one_state_for_each_area_and_its_problem_was_seen() -> None:
    state = ProviderState.objects.create(provider="kavenegar", area="texts")
    with pytest.raises(IntegrityError, match="provider_state_once"), transaction.atomic():
        ProviderState.objects.bulk_create([ProviderState(provider="kavenegar", area="texts")])

    assert_refuses(
        "provider_problem_was_seen",
        ProviderState(provider="kavenegar", area="codes", problem="configuration 418"),
        {"problem": "configuration 418"},
        state,
    )


def test_no_constraint_is_untested() -> None:
    tested = {name for name, _ in BROKEN_VERIFICATIONS + BROKEN_MESSAGES} | TWICE.keys()
    models = (OtpChallenge, Message)

    assert tested == {constraint.name for model in models for constraint in model._meta.constraints}


def test_local_ids_are_positive_random_62_bit_numbers() -> None:
    numbers = {new_idempotency_key() for _ in range(1000)}

    assert len(numbers) == 1000
    assert all(0 < number < 2**62 for number in numbers)
    assert any(number > 2**61 for number in numbers)


def test_moments_come_from_the_clock_of_the_database() -> None:
    message().save()

    row = Message.objects.annotate(now=Now()).get()
    assert row.created_at == row.send_at == row.now


def test_rows_show_no_personal_data() -> None:
    shown = f"{message(pk=7)} {message(pk=7)!r} {challenge(pk=8)} {challenge(pk=8)!r}"

    assert "message 7" in shown
    assert "challenge 8" in shown
    assert "912" not in shown
    assert national_code(1) not in shown


def test_final_states_are_those_after_which_nothing_comes() -> None:
    assert {"queued", "unknown", "accepted"} == set(Message.State.values) - Message.FINAL
    assert set(OtpChallenge.Purpose.values) == Message.CODES < set(Message.Purpose.values)
