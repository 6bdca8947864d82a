"""What stands between the portal and a service that costs money: the breaker, the ledger, the operators' alarm."""

import logging
from collections.abc import Callable
from typing import TypeVar

from registration.identity import breaker, ledger
from registration.identity.base import Applicant, Backend, IdentityAnswer, OwnershipAnswer, Unavailable
from registration.identity.failures import OPERATORS, Failure, Trouble
from registration.identity.gsb import GsbBackend
from registration.identity.jibit import JibitBackend
from registration.models import Inquiry

log = logging.getLogger(__name__)

Answer = TypeVar("Answer", OwnershipAnswer, IdentityAnswer)


class Guarded:
    """A backend whose questions are counted, and not asked while its service is left alone.

    With `patient` False it is asked all the same: for an operator who wants to see whether the service is back.
    """

    def __init__(self, backend: Backend) -> None:
        self.name = backend.name
        self.patient = True
        self._backend = backend

    def ownership(self, applicant: Applicant) -> OwnershipAnswer:
        return self._ask(Inquiry.Operation.OWNERSHIP, applicant, self._backend.ownership, lambda it: it.ownership)

    def identity(self, applicant: Applicant) -> IdentityAnswer:
        return self._ask(Inquiry.Operation.IDENTITY, applicant, self._backend.identity, lambda it: it.identity)

    def _ask(
        self,
        operation: str,
        applicant: Applicant,
        ask: Callable[[Applicant], Answer],
        outcome: Callable[[Answer], str],
    ) -> Answer:
        probe = self.patient and breaker.enter(self.name)
        try:
            inquiry = ledger.enter(applicant.national_code, self.name, operation)
        except BaseException:
            if probe:
                breaker.leave(self.name)
            raise
        try:
            answer = ask(applicant)
        except Unavailable as error:
            ledger.settle(inquiry, Inquiry.NO_ANSWER)
            self._note(error, probe)
            raise
        ledger.settle(inquiry, outcome(answer))
        breaker.answered(self.name)
        return answer

    def _note(self, error: Unavailable, probe: bool) -> None:
        trouble = error.trouble if isinstance(error, Failure) else None
        if trouble is Trouble.AWAY:
            breaker.failed(self.name, probe=probe)
        else:
            breaker.answered(self.name)
        if trouble in OPERATORS:
            log.error("%s needs an operator (%s): manage.py test_identity explains", self.name, error.reason)


def jibit() -> Guarded:
    return Guarded(JibitBackend())


def gsb() -> Guarded:
    return Guarded(GsbBackend())
