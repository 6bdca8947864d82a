"""An identity service whose answers a test decides, in place of the configured one."""

from collections.abc import Callable
from threading import Lock

import pytest

from registration.identity import check
from registration.identity.base import Applicant, IdentityAnswer, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError


def owned(applicant: Applicant) -> OwnershipAnswer:
    return OwnershipAnswer("owned", "o-1")


def match(applicant: Applicant) -> IdentityAnswer:
    return IdentityAnswer("match", {"first_name": "match"}, "i-1")


def away(applicant: Applicant) -> OwnershipAnswer:
    raise IdentityError(FailureKind.AWAY, "timeout")


def no_identity(applicant: Applicant) -> IdentityAnswer:
    raise IdentityError(FailureKind.AWAY, "HTTP 503", retry_after=40)


class Provider:
    """Calls what the test put in; keeps which question was asked about whom."""

    name = "stand-in"

    def __init__(self) -> None:
        self.answer_ownership: Callable[[Applicant], OwnershipAnswer] = owned
        self.answer_identity: Callable[[Applicant], IdentityAnswer] = match
        self.asked: list[tuple[str, str]] = []
        self._lock = Lock()

    def ownership(self, applicant: Applicant) -> OwnershipAnswer:
        with self._lock:
            self.asked.append(("ownership", applicant.national_code))
        return self.answer_ownership(applicant)

    def identity(self, applicant: Applicant) -> IdentityAnswer:
        with self._lock:
            self.asked.append(("identity", applicant.national_code))
        return self.answer_identity(applicant)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    stand_in = Provider()
    monkeypatch.setattr(check, "get_backend", lambda: stand_in)
    return stand_in
