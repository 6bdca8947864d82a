"""OTP challenges for the tests of this app: begun, answered, their codes read off the rows."""

from collections.abc import Callable

import pytest

from infra.limits import LimitReached
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp import codes
from tests.people import national_code

MOBILE = "+989120000001"
NATIONAL_CODE = national_code(1)
CLIENT_IP = "198.51.100.7"


def begin(
    mobile: str = MOBILE, national_code: str = NATIONAL_CODE, client_ip: str = CLIENT_IP, purpose: str = "registration"
) -> OtpChallenge:
    return otp.start(purpose=purpose, mobile=mobile, national_code=national_code, client_ip=client_ip)


def right_code(challenge: OtpChallenge) -> str:
    return codes.derive(challenge.purpose, bytes(challenge.nonce))


def wrong_code(challenge: OtpChallenge, step: int = 1) -> str:
    """Another one for each step; never the right one."""
    return f"{(int(right_code(challenge)) + step) % 10**6:06}"


def refused(action: Callable[[], object] = begin) -> LimitReached:
    """The refusal, which must leave nothing behind."""
    before = (Message.objects.count(), OtpChallenge.objects.count())
    with pytest.raises(LimitReached) as caught:
        action()
    assert (Message.objects.count(), OtpChallenge.objects.count()) == before
    return caught.value


def others(number: int) -> dict[str, str]:
    """Somebody else in every respect."""
    return {
        "mobile": f"+98912{number:07}",
        "national_code": national_code(number),
        "client_ip": f"192.0.2.{number % 250 + 1}",
    }
