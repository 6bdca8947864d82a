import pytest
from pytest_django import Settings

from infra import deadlines
from infra.deadlines import Exchange
from sms.backends.base import DeliveryState, ErrorKind, KeyTakenError, Outgoing
from sms.backends.kavenegar import client
from sms.backends.kavenegar.client import Kavenegar
from sms.backends.kavenegar.codes import CODES
from tests.sms.backends.kavenegar_helpers import BOTH, CODE, RESULT, change_entry, entry_of, failure
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import TEMPLATE
from tests.stand_ins.kavenegar import Kavenegar as StandIn

REAL_SECONDS = {name: getattr(client, name) for name in ("CODE_SECONDS", "OTHER_SECONDS", "TRACE_SECONDS")}


def test_code_goes_through_the_code_channel_as_the_token_alone(backend: Kavenegar, stand_in: StandIn) -> None:
    receipt = backend.send(CODE)

    [request] = stand_in.received
    assert (request.method, request.path.rpartition("/v1/")[2].split("/", 1)[1]) == ("POST", "verify/lookup.json")
    assert request.form == {"receptor": "09121234567", "template": TEMPLATE, "token": "482913"}
    assert (receipt.provider, receipt.provider_id) == ("kavenegar", str(stand_in.messages[0].id))


def test_everything_else_goes_as_text_with_its_local_id(backend: Kavenegar, stand_in: StandIn) -> None:
    receipt = backend.send(RESULT)

    [request] = stand_in.received
    assert (request.method, request.path.rpartition("/v1/")[2].split("/", 1)[1]) == ("POST", "sms/send.json")
    assert request.form == {
        "receptor": "09121234567",
        "message": RESULT.text,
        "sender": "10004346",
        "localid": "4611686018427387903",
    }
    assert receipt.provider_id == str(stand_in.messages[0].id)


def test_without_a_sender_the_account_decides(backend: Kavenegar, stand_in: StandIn, settings: Settings) -> None:
    settings.KAVENEGAR_SENDER = ""
    backend.send(RESULT)

    assert "sender" not in stand_in.received[0].form


def test_same_local_id_again_reaches_the_phone_once(backend: Kavenegar, stand_in: StandIn) -> None:
    stand_in.faults.append(Fault.ACCEPT_THEN_CUT)
    lost = failure(lambda: backend.send(RESULT))
    receipts = {backend.send(RESULT), backend.send(RESULT)}

    assert lost.unknown
    assert len(stand_in.messages) == 1
    assert {receipt.provider_id for receipt in receipts} == {str(stand_in.messages[0].id)}


def test_record_of_another_recipient_is_no_receipt(
    backend: Kavenegar, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    backend.send(Outgoing("+989359876543", "برای دیگری", RESULT.idempotency_key))
    error = failure(lambda: backend.send(RESULT))

    assert isinstance(error, KeyTakenError)
    assert (error.kind, error.retryable, error.unknown) == (ErrorKind.CONFIGURATION, False, False)
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert not any(number in caplog.text + str(error) for number in ("912", "935", str(RESULT.idempotency_key)))


@pytest.mark.parametrize(
    "written", ["09121234567", "9121234567", "0912 123 4567", "989121234567", "+989121234567", "00989121234567"]
)
@BOTH
def test_recipient_may_come_back_in_another_form(
    backend: Kavenegar, stand_in: StandIn, outgoing: Outgoing, written: str
) -> None:
    stand_in.rewrite = lambda document: change_entry(document, receptor=written)

    assert backend.send(outgoing).provider_id


@pytest.mark.parametrize(
    "recipient",
    ["", "09121234567", "+98912123456", "+9891212345678", "+989121234567\n", "+989521234567", "+14155550100"],
)
@pytest.mark.parametrize("code", ["482913", None])
def test_number_that_is_no_iranian_mobile_is_not_even_asked_for(
    backend: Kavenegar, stand_in: StandIn, recipient: str, code: str | None
) -> None:
    error = failure(lambda: backend.send(Outgoing(recipient, "متن", 1, code)))

    assert (error.kind, error.unknown, stand_in.received) == (ErrorKind.PERMANENT, False, [])


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for code, (kind, _) in CODES.items()])
@BOTH
def test_every_return_code_has_its_class(
    backend: Kavenegar, stand_in: StandIn, outgoing: Outgoing, code: int, kind: ErrorKind
) -> None:
    stand_in.codes.append(code)
    error = failure(lambda: backend.send(outgoing))

    assert (error.kind, error.code, error.unknown) == (kind, code, False)
    assert str(error) == f"{kind} {code}: {CODES[code][1]}"
    assert error.retryable == (kind in {ErrorKind.TRANSIENT, ErrorKind.CONFIGURATION})
    assert error.alarming == (kind in {ErrorKind.BUG, ErrorKind.CONFIGURATION})
    assert stand_in.messages == []


def test_table_is_the_documentation() -> None:
    classes = {
        ErrorKind.BUG: {400, 404, 405, 406, 414, 415, 417, 419},
        ErrorKind.CONFIGURATION: {401, 403, 407, 412, 416, 418, 420, 424, 426, 427, 432, 501, 607},
        ErrorKind.PERMANENT: {411, 413, 422, 428, 431, 604},
        ErrorKind.TRANSIENT: {402, 409, 429, 451},
    }

    assert {kind: {code for code, (its, _) in CODES.items() if its is kind} for kind in ErrorKind} == classes


@pytest.mark.parametrize(
    ("code", "seconds"),
    [(429, 60), (451, 60), (418, 600), (403, 600), (402, None), (409, None), (411, None), (400, None)],
)
def test_how_long_to_wait(backend: Kavenegar, stand_in: StandIn, code: int, seconds: int | None) -> None:
    stand_in.codes.append(code)

    assert failure(lambda: backend.send(RESULT)).retry_after == seconds


@pytest.mark.parametrize(
    ("code", "kind", "unknown"),
    [
        (500, ErrorKind.TRANSIENT, True),
        (503, ErrorKind.TRANSIENT, True),
        (433, ErrorKind.CONFIGURATION, False),
        (608, ErrorKind.CONFIGURATION, False),
    ],
)
def test_codes_of_tomorrow(backend: Kavenegar, stand_in: StandIn, code: int, kind: ErrorKind, unknown: bool) -> None:
    stand_in.codes.append(code)
    error = failure(lambda: backend.send(RESULT))

    assert (error.kind, error.code, error.unknown) == (kind, code, unknown)
    assert str(error) == f"{kind} {code}: not in the documentation"


def test_real_refusals(backend: Kavenegar, stand_in: StandIn, settings: Settings) -> None:
    settings.KAVENEGAR_CODE_TEMPLATE = "misspelt"
    assert failure(lambda: backend.send(CODE)).code == 424
    too_long = Outgoing(RESULT.recipient, "ا" * (backend.longest_text + 1), 1)
    assert failure(lambda: backend.send(too_long)).code == 413
    stand_in.credit = 0
    assert failure(lambda: backend.send(RESULT)).code == 418
    settings.KAVENEGAR_API_KEY = "another"
    assert failure(lambda: Kavenegar().send(RESULT)).code == 403


@BOTH
def test_status_as_text_is_a_success(backend: Kavenegar, stand_in: StandIn, outgoing: Outgoing) -> None:
    stand_in.rewrite = lambda document: {**document, "return": {"status": "200", "message": "تایید شد"}}

    assert backend.send(outgoing).provider_id == str(stand_in.messages[0].id)


def test_single_entry_without_a_list_is_a_success(backend: Kavenegar, stand_in: StandIn) -> None:
    stand_in.rewrite = lambda document: {**document, "entries": entry_of(document)}

    assert backend.send(CODE).provider_id == str(stand_in.messages[0].id)


def test_codes_get_less_time_than_the_rest(
    backend: Kavenegar, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []

    def begin(seconds: float) -> Exchange:
        given.append(seconds)
        return Exchange(seconds)

    monkeypatch.setattr(deadlines, "Exchange", begin)
    for name, seconds in REAL_SECONDS.items():
        monkeypatch.setattr(client, name, seconds)

    backend.send(CODE)
    backend.send(RESULT)
    backend.status_by_idempotency_key(RESULT.idempotency_key)
    backend.credit()

    assert given == [4.0, 10.0, 5.0, 10.0]


def test_states_of_messages(backend: Kavenegar, stand_in: StandIn) -> None:
    ids = [backend.send(Outgoing(RESULT.recipient, "متن", number)).provider_id for number in range(1, 11)]
    for message, state in zip(stand_in.messages, (1, 2, 4, 5, 6, 10, 11, 13, 14, 99), strict=True):
        message.state = state

    states = backend.status([*ids, "77"])

    assert [states[provider_id] for provider_id in ids] == [
        DeliveryState.QUEUED,
        DeliveryState.QUEUED,
        DeliveryState.SENT,
        DeliveryState.SENT,
        DeliveryState.FAILED,
        DeliveryState.DELIVERED,
        DeliveryState.UNDELIVERED,
        DeliveryState.CANCELLED,
        DeliveryState.BLOCKED,
        DeliveryState.SENT,
    ]
    assert states["77"] is DeliveryState.UNKNOWN


def test_states_are_asked_for_in_portions(backend: Kavenegar, stand_in: StandIn) -> None:
    assert backend.status([]) == {}
    assert stand_in.received == []

    states = backend.status([str(number) for number in range(1, 1002)])

    assert len(states) == 1001
    assert [len(request.form["messageid"].split(",")) for request in stand_in.received] == [500, 500, 1]


def test_state_by_local_id(backend: Kavenegar, stand_in: StandIn) -> None:
    receipt = backend.send(RESULT)
    stand_in.messages[0].state = 10

    assert backend.status_by_idempotency_key(RESULT.idempotency_key) == (receipt.provider_id, DeliveryState.DELIVERED)
    assert backend.status_by_idempotency_key(RESULT.idempotency_key - 1) is None


@pytest.mark.parametrize(
    "entries",
    [
        None,
        [],
        [{}],
        [{"localid": "7", "status": 10, "messageid": 1}],
        [{"localid": str(RESULT.idempotency_key), "status": 5}],
    ],
)
def test_odd_answer_about_a_local_id_is_not_taken_for_no(
    backend: Kavenegar, stand_in: StandIn, entries: object
) -> None:
    stand_in.rewrite = lambda document: {**document, "entries": entries}
    error = failure(lambda: backend.status_by_idempotency_key(RESULT.idempotency_key))

    assert (error.kind, error.unknown) == (ErrorKind.TRANSIENT, False)


def test_credit(backend: Kavenegar, stand_in: StandIn) -> None:
    stand_in.credit = 987_654
    assert backend.credit() == 987_654

    stand_in.rewrite = lambda document: {**document, "entries": None}
    assert failure(backend.credit).kind is ErrorKind.TRANSIENT
