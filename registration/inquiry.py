"""Asking about an applicant: whose the mobile is, then whether the identity is right; then the decision.

A leased request, questions outside any transaction, each answer stored as soon as it is known.
"""

import logging
import time

from django.db import models

from registration import decisions
from registration.identity import get_backend
from registration.identity.base import Applicant, Unavailable
from registration.models import RegistrationRequest
from sms import leases

log = logging.getLogger(__name__)

LEASE_SECONDS = 90  # two inquiries of at most 20 s each, the task's limit of 75 s: a lease outlives its work
DRAIN_SECONDS = 30
BACKOFF_BASE, BACKOFF_CAP = 5, 900  # seconds


def due() -> models.QuerySet[RegistrationRequest]:
    return RegistrationRequest.objects.filter(status=RegistrationRequest.Status.SUBMITTED)


def check(pk: int) -> None:
    """Ask about one request and decide it, if it is due and nobody else does."""
    request = leases.claim(due().filter(pk=pk), LEASE_SECONDS)
    if request:
        _ask(request)


def drain() -> int:
    """Ask about what is due until nothing is, or half a minute has passed; returns how many were taken."""
    until, taken = time.monotonic() + DRAIN_SECONDS, 0
    while time.monotonic() < until and (request := leases.claim(due(), LEASE_SECONDS)):
        _ask(request)
        taken += 1
    return taken


def _ask(request: RegistrationRequest) -> None:
    try:
        _complete(request)
    except Unavailable as error:
        log.warning("request %s: %s", request.pk, error.reason)
        _again(request, error.reason, error.retry_after or 0)
    except Exception as error:  # noqa: BLE001  one odd answer must not stop the others; its text may hold personal data
        log.error("request %s: unexpected %s", request.pk, type(error).__name__)
        _again(request, f"unexpected {type(error).__name__}", BACKOFF_BASE)
    else:
        decisions.record(request)


def _complete(request: RegistrationRequest) -> None:
    """Ask what is not answered yet, and keep each answer at once."""
    backend, applicant = get_backend(), Applicant.of(request)
    if not request.ownership:
        owner = backend.ownership(applicant)
        _keep(request, ownership=owner.ownership, provider_reference=owner.reference)
    if not request.identity:
        person = backend.identity(applicant)
        _keep(request, identity=person.identity, findings=person.findings, provider_reference=person.reference)


def _keep(request: RegistrationRequest, **answer: object) -> None:
    for name, value in answer.items():
        setattr(request, name, value)
    RegistrationRequest.objects.filter(pk=request.pk, lease_token=request.lease_token).update(**answer)


def _again(request: RegistrationRequest, reason: str, least: float) -> None:
    leases.release(request, reason, leases.backoff(request.attempts, BACKOFF_BASE, BACKOFF_CAP, least))
