"""Requests as rows, in any status, for tests that are not about how they came to be."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import SecurityQuestion
from registration.lifecycle import tracking_code
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from tests.people import STATED, national_code

Status = RegistrationRequest.Status
SECRETS = {"password_hash": "argon2$a", "answers_hash": "argon2$b"}
UNDECIDED = {Status.DRAFT, Status.SUBMITTED}
KEEPS_SECRETS = UNDECIDED | RegistrationRequest.OPEN


def make_request(
    number: int, status: str = Status.BRANCH, *, age: timedelta = timedelta(), **fields: Any
) -> RegistrationRequest:
    """A request of the `number`-th made-up citizen, submitted `age` ago. Names get their comparison keys."""
    at = timezone.now() - age
    mobile = fields.pop("mobile", f"+98997{number:07}")
    code = fields.pop("national_code", national_code(number))
    challenge = OtpChallenge.objects.create(
        purpose=OtpChallenge.Purpose.REGISTRATION,
        mobile=mobile,
        national_code=code,
        nonce=number.to_bytes(16, "big"),
        expires_at=at + timedelta(days=3650),
    )
    question, _ = SecurityQuestion.objects.get_or_create(text="نام نخستین همکار نزدیک شما چه بود؟")
    known: dict[str, Any] = {
        "flow": "portal",
        "operator": "mci",
        **STATED,
        "country": "IR",
        "city": "تهران",
        "email": "sara@example.com",
        "question_1": question,
        "tracking_code": tracking_code.new(),
    }
    known |= SECRETS if status in KEEPS_SECRETS else {}
    known |= {"identity": "mismatch"} if status == Status.MISMATCH else {}
    known |= {"identity": "match", "ownership": "not_owned"} if status == Status.BRANCH else {}
    known |= {"submitted_at": at} if status != Status.DRAFT else {}
    known |= {"decided_at": at} if status not in UNDECIDED else {}
    known = RegistrationRequest.with_keys(known | fields)
    return RegistrationRequest.objects.create(
        national_code=code, mobile=mobile, status=status, challenge=challenge, **known
    )
