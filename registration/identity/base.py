"""What is asked about an applicant and what can be answered, whatever service answers.

Two questions, ownership of the mobile first (cheap, and it decides the outcome for most), then identity. They are
asked apart because each answer is stored as soon as it is known: after a crash only the missing one is asked again.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from registration.identity.failures import FailureKind, IdentityError
from registration.models import RegistrationRequest

Ownership = RegistrationRequest.Ownership
Identity = RegistrationRequest.Identity

ASK_SECONDS = 20  # the total deadline of one question; leases are reckoned with it

BACKENDS = {
    "reference": "registration.registry.backend.ReferenceBackend",
    "jibit": "registration.identity.metered.jibit",
    "gsb": "registration.identity.metered.gsb",
}


class Finding(StrEnum):
    """What comparing one field came to. ABSENT: one side does not have it, which is not a difference."""

    MATCH = "match"
    SIMILAR = "similar"
    MISMATCH = "mismatch"
    ABSENT = "absent"


@dataclass(frozen=True, repr=False)
class Applicant:
    """What a citizen has stated. Names normalised, digits ASCII, mobile E.164, dates Gregorian; texts may be empty.

    Its `repr` shows nothing: it may end up in a log or in a traceback.
    """

    national_code: str
    mobile: str
    first_name: str
    last_name: str
    gender: str
    birth_date: dt.date | None
    certificate_number: str
    certificate_serial: str
    certificate_series_letter: str
    certificate_series_number: str

    def __repr__(self) -> str:
        return "Applicant(…)"

    @classmethod
    def of(cls, request: RegistrationRequest) -> "Applicant":
        return cls(**{name: getattr(request, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class OwnershipAnswer:
    """Is the mobile the applicant's own? A value of `Ownership`. `reference`: the service's, ≤ 80 characters."""

    ownership: str
    reference: str = ""


@dataclass(frozen=True)
class IdentityAnswer:
    """A value of `Identity`; `findings`: name of an applicant's field → value of `Finding`, never the data itself."""

    identity: str
    findings: dict[str, str] = field(default_factory=dict)
    reference: str = ""


class IdentityBackend(Protocol):
    """A service that knows. Both questions raise `IdentityError`, and are asked outside any transaction."""

    name: str

    def ownership(self, applicant: Applicant) -> OwnershipAnswer: ...

    def identity(self, applicant: Applicant) -> IdentityAnswer: ...


def get_backend() -> IdentityBackend:
    """The service that IDENTITY_BACKEND names. Raises `IdentityError` if there is none, so that requests wait."""
    path = BACKENDS.get(settings.IDENTITY_BACKEND)
    if path is None:
        raise IdentityError(FailureKind.NO_BACKEND)
    backend: IdentityBackend = import_string(path)()
    return backend
