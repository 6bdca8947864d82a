"""Asking about an applicant: whose the mobile is, then whether the identity is right; then the decision.

A leased request, questions outside any transaction; the first answer is stored as soon as it is known, the second one
with the decision that follows from it.
"""

import logging
import time
from collections.abc import Callable
from functools import cache

from django.db import models
from django.db.models.functions import Now

from infra import holding, leases, statements
from infra.statements import Given
from registration.identity import get_backend
from registration.identity.base import ASK_SECONDS, Applicant, Identity, Ownership
from registration.identity.failures import FailureKind, IdentityError
from registration.lifecycle import asking, decisions
from registration.models import RegistrationRequest

log = logging.getLogger(__name__)

WORK_SECONDS = 2 * ASK_SECONDS
LEASE_SECONDS = 20  # of one who lives: it is prolonged while somebody is asked
HELD_SECONDS = 90  # for so long at most, which outlives the work (a system check)
DRAIN_SECONDS = 30
MOST_AGAIN = 5  # tries of a question that a clerk wants asked again; then the clerk may
BACKOFF_BASE, BACKOFF_CAP = 5, 900  # seconds
LONGEST_WAIT = 3600  # what a service may ask for; nobody's decision is put off for days by one header


def due() -> models.QuerySet[RegistrationRequest]:
    return RegistrationRequest.objects.filter(status=RegistrationRequest.Status.SUBMITTED)


def due_again() -> models.QuerySet[RegistrationRequest]:
    """What waits for staff who want to know whether the answer is still the same."""
    return RegistrationRequest.objects.filter(asking_again=True, status__in=sorted(RegistrationRequest.OPEN))


def check(pk: int) -> None:
    """Ask about one request and decide it, if it is due and nobody else does."""
    if request := _claiming().claim(LEASE_SECONDS, pk):
        _ask(request)
    elif request := _claiming_again().claim(LEASE_SECONDS, pk):
        _ask_again(request)


@cache
def _claiming() -> leases.Claiming[RegistrationRequest]:
    return leases.Claiming(due())


@cache
def _claiming_again() -> leases.Claiming[RegistrationRequest]:
    return leases.Claiming(due_again())


def drain(go_on: Callable[[], bool] = lambda: True) -> int:
    """Ask about what is due until nothing is, half a minute has passed or `go_on` is False; returns how many."""
    until, taken = time.monotonic() + DRAIN_SECONDS, 0
    while time.monotonic() < until and go_on() and _take_one():
        taken += 1
    return taken


def _take_one() -> bool:
    """Ask about what is due for longest; what somebody waits for who has no result yet comes first."""
    if request := _claiming().claim(LEASE_SECONDS):
        _ask(request)
    elif request := _claiming_again().claim(LEASE_SECONDS):
        _ask_again(request)
    return request is not None


def _ask(request: RegistrationRequest) -> None:
    try:
        with holding.held(request, LEASE_SECONDS, HELD_SECONDS):
            if _complete(request):
                _decide(request)
    except IdentityError as error:
        log.warning("request %s: %s", request.pk, error)
        if error.kind is FailureKind.CAPPED:
            decisions.cap(request)
            return
        _again(request, str(error), min(error.retry_after or 0, LONGEST_WAIT))
    except Exception as error:  # noqa: BLE001  one odd request must not stop the others; texts may hold personal data
        log.error("request %s: unexpected %s", request.pk, type(error).__name__)
        _again(request, f"unexpected {type(error).__name__}", BACKOFF_BASE)


def _ask_again(request: RegistrationRequest) -> None:
    """The question by whose answer the request waits; a clerk decides by the new one."""
    try:
        with holding.held(request, LEASE_SECONDS, HELD_SECONDS):
            _ask_what_it_waits_by(request)
        asking.answered(request)
    except IdentityError as error:
        log.warning("request %s, asked again: %s", request.pk, error)
        _give_up_or_wait(request, str(error), is_over=error.kind is FailureKind.CAPPED)
    except Exception as error:  # noqa: BLE001  as in _ask
        log.error("request %s, asked again: unexpected %s", request.pk, type(error).__name__)
        _give_up_or_wait(request, f"unexpected {type(error).__name__}", is_over=False)


def _ask_what_it_waits_by(request: RegistrationRequest) -> None:
    backend, applicant = get_backend(), Applicant.of(request)
    if request.status == RegistrationRequest.Status.BRANCH:
        owner = backend.ownership(applicant)
        _refuse_unknown(owner.ownership, Ownership.values)
        request.ownership, request.provider_reference = owner.ownership, owner.reference
    else:
        person = backend.identity(applicant)
        _refuse_unknown(person.identity, Identity.values)
        request.identity, request.findings = person.identity, person.findings
        request.provider_reference = person.reference


def _give_up_or_wait(request: RegistrationRequest, reason: str, *, is_over: bool) -> None:
    if is_over or request.attempts >= MOST_AGAIN:
        leases.settle(request, last_error=reason[:60], asking_again=False)
    else:
        _again(request, reason, BACKOFF_BASE)


def _complete(request: RegistrationRequest) -> bool:
    """Ask what is not answered yet. The first answer is kept at once, the second one is for the decision to keep.

    False: the lease was lost, another worker goes on.
    """
    backend, applicant = get_backend(), Applicant.of(request)
    if not request.ownership:
        owner = backend.ownership(applicant)
        _refuse_unknown(owner.ownership, Ownership.values)
        request.ownership, request.provider_reference = owner.ownership, owner.reference
        if not _keep(request):
            return False  # the next question would be asked, and paid for, twice
    if not request.identity:
        person = backend.identity(applicant)
        _refuse_unknown(person.identity, Identity.values)
        request.identity, request.findings, request.provider_reference = (
            person.identity,
            person.findings,
            person.reference,
        )
    return True


def _decide(request: RegistrationRequest) -> None:
    try:
        decisions.record(request)
    except Exception:
        _keep(request)  # whatever becomes of the decision, the answer was paid for
        raise


def _refuse_unknown(answer: str, known: list[str]) -> None:
    """An odd answer is none: it must neither be kept nor decide anything."""
    if answer not in known:
        raise IdentityError(FailureKind.ODD)


def _keep(request: RegistrationRequest) -> bool:
    """Write down what was answered. False: the lease was lost."""
    answers = statements.prepared(request, decisions.ANSWERS)
    return bool(statements.together(_keeping(), pk=request.pk, token=request.lease_token, **answers)["kept"])


@cache
def _keeping() -> dict[str, statements.Sql]:
    pk, token = Given("pk", models.BigIntegerField()), Given("token", models.UUIDField())
    mine = RegistrationRequest.objects.filter(pk=pk, lease_token=token)
    return {"kept": statements.change(mine, {name: Given(name, models.TextField()) for name in decisions.ANSWERS})}


def _again(request: RegistrationRequest, reason: str, least: float) -> None:
    delay = leases.backoff(request.attempts, BACKOFF_BASE, BACKOFF_CAP, least)
    leases.settle(request, last_error=reason[:60], due_at=Now() + delay)
