"""A client of a service that costs money: every check is counted, and none is made while the breaker is open."""

import logging
from collections.abc import Callable
from typing import TypeVar

from registration.identity import ledger
from registration.identity.base import Applicant, IdentityAnswer, IdentityBackend, OwnershipAnswer
from registration.identity.failures import OPERATORS, FailureKind, IdentityError
from registration.identity.gsb import GsbBackend
from registration.identity.jibit import JibitBackend
from registration.models import IdentityCheck

log = logging.getLogger(__name__)

Answer = TypeVar("Answer", OwnershipAnswer, IdentityAnswer)


class MeteredClient:
    """A backend whose questions are counted, and not asked while its service is left alone.

    With `bypass_breaker` it is asked all the same: for an operator who wants to see whether the service is back.
    """

    def __init__(self, backend: IdentityBackend) -> None:
        self.name = backend.name
        self.bypass_breaker = False
        self._backend = backend

    def ownership(self, applicant: Applicant) -> OwnershipAnswer:
        return self._ask(IdentityCheck.Operation.OWNERSHIP, applicant, self._backend.ownership, lambda it: it.ownership)

    def identity(self, applicant: Applicant) -> IdentityAnswer:
        return self._ask(IdentityCheck.Operation.IDENTITY, applicant, self._backend.identity, lambda it: it.identity)

    def _ask(
        self,
        operation: str,
        applicant: Applicant,
        ask: Callable[[Applicant], Answer],
        outcome: Callable[[Answer], str],
    ) -> Answer:
        entry = ledger.enter(applicant.national_code, self.name, operation, bypass_breaker=self.bypass_breaker)
        try:
            answer = ask(applicant)
        except IdentityError as error:
            self._note(error, entry)
            raise
        ledger.answered(entry, outcome(answer))
        return answer

    def _note(self, error: IdentityError, entry: ledger.Entry) -> None:
        if error.kind is FailureKind.AWAY:
            ledger.failed(entry)
        else:
            ledger.answered(entry, IdentityCheck.NO_ANSWER)
        if error.kind in OPERATORS:
            log.error("%s needs an operator (%s): manage.py test_identity explains", self.name, error)


def jibit() -> MeteredClient:
    return MeteredClient(JibitBackend())


def gsb() -> MeteredClient:
    return MeteredClient(GsbBackend())
