"""A client of a service that costs money: every check is counted, and none is made while the breaker is open."""

import logging
from collections.abc import Callable
from typing import TypeVar

from registration.identity import breaker, ledger
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
        probe = not self.bypass_breaker and breaker.enter(self.name)
        try:
            check = ledger.enter(applicant.national_code, self.name, operation)
        except BaseException:
            if probe:
                breaker.leave(self.name)
            raise
        try:
            answer = ask(applicant)
        except IdentityError as error:
            ledger.record_outcome(check, IdentityCheck.NO_ANSWER)
            self._note(error, probe)
            raise
        ledger.record_outcome(check, outcome(answer))
        breaker.answered(self.name)
        return answer

    def _note(self, error: IdentityError, probe: bool) -> None:
        if error.kind is FailureKind.AWAY:
            breaker.failed(self.name, probe=probe)
        else:
            breaker.answered(self.name)
        if error.kind in OPERATORS:
            log.error("%s needs an operator (%s): manage.py test_identity explains", self.name, error)


def jibit() -> MeteredClient:
    return MeteredClient(JibitBackend())


def gsb() -> MeteredClient:
    return MeteredClient(GsbBackend())
