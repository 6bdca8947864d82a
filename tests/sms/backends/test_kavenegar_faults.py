import logging
import socket
import traceback
from collections.abc import Callable

import pytest
from pytest_django import Settings

from sms.backends.base import ErrorKind, Outgoing, SmsError
from sms.backends.kavenegar.client import Kavenegar
from tests.sms.backends.kavenegar_helpers import BOTH, CODE, RESULT, Document, change_entry, failure
from tests.stand_ins.http import Fault
from tests.stand_ins.kavenegar import KEY
from tests.stand_ins.kavenegar import Kavenegar as StandIn

ODD: dict[str, Callable[[Document], object]] = {
    "a list": lambda document: [document],
    "null": lambda document: None,
    "a number": lambda document: 200,
    "no return": lambda document: {"entries": document["entries"]},
    "return is null": lambda document: {**document, "return": None},
    "status is null": lambda document: {**document, "return": {"status": None}},
    "status is true": lambda document: {**document, "return": {"status": True}},
    "status in words": lambda document: {**document, "return": {"status": "OK"}},
    "null entries": lambda document: {**document, "entries": None},
    "no entries": lambda document: {"return": document["return"]},
    "empty entries": lambda document: {**document, "entries": []},
    "entries of text": lambda document: {**document, "entries": ["1"]},
    "no message id": lambda document: change_entry(document, messageid=None),
    "message id is zero": lambda document: change_entry(document, messageid=0),
    "no receptor": lambda document: change_entry(document, receptor=None),
    "receptor is no mobile": lambda document: change_entry(document, receptor="09521234567"),
    "empty": lambda document: b"",
    "a page": lambda document: b"<html>",
}


@pytest.mark.parametrize("odd", ODD)
@BOTH
def test_answer_that_says_nothing_leaves_the_outcome_unknown(
    backend: Kavenegar, stand_in: StandIn, outgoing: Outgoing, odd: str
) -> None:
    stand_in.rewrite = ODD[odd]
    error = failure(lambda: backend.send(outgoing))

    assert (error.kind, error.code, error.unknown) == (ErrorKind.TRANSIENT, None, True)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.LIMITED])
@BOTH
def test_faults_after_the_request_leave_the_outcome_unknown(
    backend: Kavenegar, stand_in: StandIn, outgoing: Outgoing, fault: Fault
) -> None:
    stand_in.faults.append(fault)
    error = failure(lambda: backend.send(outgoing))

    assert (error.kind, error.code, error.unknown) == (ErrorKind.TRANSIENT, None, True)
    assert len(stand_in.received) == 1, "nothing is repeated here"


def test_gateway_that_limits_has_not_sent(backend: Kavenegar, stand_in: StandIn) -> None:
    stand_in.faults.append(Fault.LIMITED)
    error = failure(lambda: backend.send(CODE))

    assert (error.kind, error.code, error.unknown, error.retry_after) == (ErrorKind.TRANSIENT, 429, False, 90)


def test_success_in_a_failed_answer_is_unknown(backend: Kavenegar, stand_in: StandIn) -> None:
    stand_in.codes.append(502)
    stand_in.rewrite = lambda document: {**document, "return": {"status": 200}}

    assert failure(lambda: backend.send(RESULT)).unknown


@BOTH
def test_refused_connection_has_not_sent(backend: Kavenegar, settings: Settings, outgoing: Outgoing) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.KAVENEGAR_BASE_URL = f"http://127.0.0.1:{taken.getsockname()[1]}"
        error = failure(lambda: Kavenegar().send(outgoing))

    assert (error.kind, error.unknown) == (ErrorKind.TRANSIENT, False)


@pytest.mark.parametrize("fault", Fault)
def test_questions_have_no_unknown_outcome(backend: Kavenegar, stand_in: StandIn, fault: Fault) -> None:
    stand_in.broken = fault

    for question in (backend.credit, lambda: backend.status(["1"]), lambda: backend.status_by_idempotency_key(1)):
        error = failure(question)
        assert (error.kind, error.unknown) == (ErrorKind.TRANSIENT, False)


def test_key_does_not_show_in_the_client(backend: Kavenegar) -> None:
    assert KEY not in f"{backend} {backend!r} {vars(backend)} {[backend]}"


@pytest.mark.parametrize("fault", Fault)
@BOTH
def test_faults_give_nothing_away(
    backend: Kavenegar,
    stand_in: StandIn,
    outgoing: Outgoing,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_everything(caplog)
    stand_in.broken = fault

    assert_gives_nothing_away(failure(lambda: backend.send(outgoing)), caplog)


@pytest.mark.parametrize("odd", [*ODD, "refused", "another recipient"])
@BOTH
def test_answers_give_nothing_away(
    backend: Kavenegar, stand_in: StandIn, outgoing: Outgoing, odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_everything(caplog)
    if odd == "refused":
        stand_in.codes.append(418)
    elif odd == "another recipient":
        stand_in.rewrite = lambda document: change_entry(document, receptor="09359876543")
    else:
        stand_in.rewrite = ODD[odd]

    assert_gives_nothing_away(failure(lambda: backend.send(outgoing)), caplog)


@BOTH
def test_success_gives_nothing_away(
    backend: Kavenegar, outgoing: Outgoing, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    log_everything(caplog)
    backend.send(outgoing)

    assert not any(secret in caplog.text + "".join(capfd.readouterr()) for secret in SECRETS)


SECRETS = (KEY, "4B6F7665", "9121234567", "9359876543", "482913", "محمدی", "127.0.0.1")


def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def assert_gives_nothing_away(error: SmsError, caplog: pytest.LogCaptureFixture) -> None:
    """Neither error, nor traceback, nor log; not even to a reporter that shows the local variables of our frames."""
    assert (error.__cause__, error.__context__) == (None, None)
    told = f"{error} {error!r} {error.args} {vars(error)} {''.join(traceback.format_exception(error))} {caplog.text}"
    assert not [secret for secret in SECRETS if secret in told]
    with_locals = traceback.TracebackException(SmsError, error, error.__traceback__, capture_locals=True)
    frames = [frame for frame in with_locals.stack if frame.filename.endswith("/kavenegar/client.py")]
    values = " ".join(value for frame in frames for value in (frame.locals or {}).values())
    assert values
    assert not [secret for secret in (KEY, "4B6F7665", "482913", "محمدی") if secret in values]
