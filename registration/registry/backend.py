"""The registry in our own tables, filled by `manage.py import_registry`."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import Error
from django.db.models import Model, QuerySet

from registration.identity.base import Applicant, Identity, IdentityAnswer, Ownership, OwnershipAnswer
from registration.identity.compare import Recorded, compare
from registration.identity.failures import FailureKind, IdentityError
from registration.models import CivilRecord, MobileOwner

Params = ParamSpec("Params")
Result = TypeVar("Result")
Row = TypeVar("Row", bound=Model)


def _no_answer_without_database(ask: Callable[Params, Result]) -> Callable[Params, Result]:
    @wraps(ask)
    def asked(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        try:
            return ask(*args, **kwargs)
        except Error as error:  # its text may hold values of rows
            raise IdentityError(FailureKind.DATABASE, type(error).__name__) from None

    return asked


class ReferenceBackend:
    """Answers from CivilRecord and MobileOwner."""

    name = "reference"

    @_no_answer_without_database
    def ownership(self, applicant: Applicant) -> OwnershipAnswer:
        owner = _one(MobileOwner.objects.filter(mobile=applicant.mobile))
        if owner is None:
            return OwnershipAnswer(Ownership.NOT_OWNED)
        owned = owner.national_code == applicant.national_code
        return OwnershipAnswer(Ownership.OWNED if owned else Ownership.NOT_OWNED, f"mobile owner {owner.pk}")

    @_no_answer_without_database
    def identity(self, applicant: Applicant) -> IdentityAnswer:
        record = _one(CivilRecord.objects.filter(national_code=applicant.national_code))
        if record is None:
            return IdentityAnswer(Identity.NOT_FOUND)
        told = {name: getattr(record, name) for name in CivilRecord.IDENTITY_FIELDS}
        identity, findings = compare(applicant, Recorded(is_alive=record.is_alive, **told))
        return IdentityAnswer(identity, findings, f"civil record {record.pk}")


def _one(rows: QuerySet[Row]) -> Row | None:
    """The row, or None. Where nothing was imported yet, nobody's absence says anything: raises IdentityError."""
    row = rows.first()
    if row is None and not rows.model._default_manager.exists():
        raise IdentityError(FailureKind.EMPTY)
    return row
