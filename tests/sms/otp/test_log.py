"""What the security log tells of codes: that one was asked for, what became of it, and of whom, by a fingerprint."""

import pytest

from infra import security_log
from sms.otp import challenge as otp
from sms.otp.form import OtpForm
from tests import clock
from tests.people import national_code
from tests.sms.otp.challenges import CLIENT_IP, NATIONAL_CODE, begin, refused, right_code, wrong_code

pytestmark = pytest.mark.django_db


def about(code: str) -> str:
    return f"account={security_log.fingerprint('account', code)}"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO", "infra.security_log")
    return caplog


def test_a_code_that_leaves_and_one_that_is_held_back(told: pytest.LogCaptureFixture) -> None:
    begin(purpose="device")
    begin(purpose="recovery")
    begin(purpose="recovery", national_code=national_code(2))  # a second text that would wait
    assert told.messages == [
        f"code purpose=device outcome=sent {about(NATIONAL_CODE)}",
        f"code purpose=recovery outcome=sent {about(NATIONAL_CODE)}",
        f"code purpose=recovery outcome=held-back {about(national_code(2))}",
    ]


def test_a_code_that_is_read_out(told: pytest.LogCaptureFixture) -> None:
    challenge = begin()
    for act in (otp.resend, otp.resend, otp.call):
        clock.advance(minutes=6)
        challenge.refresh_from_db()
        act(challenge, CLIENT_IP)
    outcomes = [line.split(" account=")[0] for line in told.messages]
    assert outcomes == [
        f"code purpose=registration outcome={outcome}" for outcome in ("sent", "sent", "sent", "called")
    ]


def test_a_code_that_is_typed(told: pytest.LogCaptureFixture) -> None:
    challenge = begin()
    told.clear()
    with security_log.visit(CLIENT_IP, "portal"):
        for code in (wrong_code(challenge), right_code(challenge)):
            OtpForm({"code": code}, challenge=challenge).is_valid()
    who = f"area=portal address={security_log.fingerprint('address', CLIENT_IP)} {about(NATIONAL_CODE)}"
    assert told.messages == [f"code purpose=registration outcome={outcome} {who}" for outcome in ("wrong", "confirmed")]


def test_of_whom_a_limit_was(told: pytest.LogCaptureFixture) -> None:
    begin()
    told.clear()
    with security_log.visit(CLIENT_IP, "portal"):
        refused()
    [line] = told.messages
    assert line.startswith("limit rule=sends-per-mobile wait=120 ")
    assert line.endswith(about(NATIONAL_CODE))
