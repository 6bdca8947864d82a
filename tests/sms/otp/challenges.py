"""Proofs of mobiles for the tests of this app: begun, answered, their codes read off the rows."""

from collections.abc import Callable

import pytest

from infra.limits import LimitReached
from sms.models import Message, Verification
from sms.otp import challenge as otp
from sms.otp import codes
from tests.people import national_code

MOBILE = "+989120000001"
SUBJECT = national_code(1)
SOURCE = "198.51.100.7"


def begin(
    mobile: str = MOBILE, subject: str = SUBJECT, source: str = SOURCE, purpose: str = "registration"
) -> Verification:
    return otp.start(purpose=purpose, mobile=mobile, subject=subject, source=source)


def right_code(proof: Verification) -> str:
    return codes.derive(proof.purpose, bytes(proof.nonce))


def wrong_code(proof: Verification, step: int = 1) -> str:
    """Another one for each step; never the right one."""
    return f"{(int(right_code(proof)) + step) % 10**6:06}"


def refused(action: Callable[[], object] = begin) -> LimitReached:
    """The refusal, which must leave nothing behind."""
    before = (Message.objects.count(), Verification.objects.count())
    with pytest.raises(LimitReached) as caught:
        action()
    assert (Message.objects.count(), Verification.objects.count()) == before
    return caught.value


def others(number: int) -> dict[str, str]:
    """Somebody else in every respect."""
    return {
        "mobile": f"+98912{number:07}",
        "subject": national_code(number),
        "source": f"192.0.2.{number % 250 + 1}",
    }
