"""What is asked about an applicant and what can be answered, whatever service answers.

Two questions, ownership of the mobile first (cheap, and it decides the outcome for most), then identity. They are
asked apart because each answer is stored as soon as it is known: after a crash only the missing one is asked again.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Person
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


class Applicant(SimpleNamespace):
    """What a citizen has stated: `national_code`, `mobile`, and each of Person.IDENTITY_FIELDS by its name.

    Names normalised, digits ASCII, mobile E.164, dates Gregorian; what is not stated is empty. Raises TypeError for a
    name that is none of these. Its `repr` shows nothing: it may end up in a log or in a traceback.
    """

    national_code: str
    mobile: str
    birth_date: dt.date | None

    def __init__(self, *, national_code: str, mobile: str, **stated: Any) -> None:
        refuse_unknown(stated, Person.IDENTITY_FIELDS)
        nothing = dict.fromkeys(Person.IDENTITY_FIELDS, "") | {"birth_date": None}
        super().__init__(national_code=national_code, mobile=mobile, **nothing | stated)

    def __repr__(self) -> str:
        return "Applicant(…)"

    @classmethod
    def of(cls, request: RegistrationRequest) -> "Applicant":
        return cls(**{name: getattr(request, name) for name in ("national_code", "mobile", *Person.IDENTITY_FIELDS)})


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    """Raise TypeError for names that are not `known`, as a call with a misspelt argument does."""
    if unknown := sorted(set(given) - set(known)):
        raise TypeError(f"no such fields: {', '.join(unknown)}")


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
