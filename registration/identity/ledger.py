"""How often one person may be asked about: every check costs money, so each is a row before it is made.

Answers count, and questions whose outcome is not known yet or never will be because their worker died. What ended
without an answer does not: else an hour without the service would use up the day. Those are bounded by the backoff of
the request and by the breaker.

What is to be found out and written down before a question is one statement, a function of the database
(registration/migrations/0010); what is to be written down after it is another one.
"""

import logging
import math
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.db import models

from infra import security_log, statements
from infra.statements import Given
from registration.identity import breaker
from registration.identity.failures import FailureKind, IdentityError
from registration.models import IdentityCheck

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """A question that may be asked now. `probe`: it finds out for everybody whether the service is back."""

    pk: int
    provider: str
    probe: bool


def enter(national_code: str, provider: str, operation: str, *, bypass_breaker: bool = False) -> Entry:
    """Note a question before it is asked. Raises IdentityError when the service is left alone, or the day's questions
    about this person are used up."""
    allowed, windows = zip(*settings.LIMIT_INQUIRIES_PER_NATIONAL_CODE, strict=True)
    limits = [list(allowed), list(windows)]
    entered = statements.one(
        "SELECT noted, probe, paused, capped "
        "FROM registration_enter_identity_check(%s, %s, %s, %s::int[], %s::int[], %s, %s)",
        [national_code, provider, operation, *limits, breaker.PROBE_SECONDS, bypass_breaker],
    )
    noted, probe, paused, capped = cast("tuple[Any, ...]", entered)
    if paused is not None:
        raise breaker.paused(paused)
    if capped is not None:  # when the one that decides leaves the window, there is room again
        wait = max(1, math.ceil(capped))
        security_log.tell("limit", rule="inquiries", wait=wait, national_code=national_code)
        raise IdentityError(FailureKind.CAPPED, retry_after=wait)
    return Entry(noted, provider, probe)


def answered(entry: Entry, outcome: str) -> None:
    """The service has answered. `outcome`: a value of Ownership or Identity, or IdentityCheck.NO_ANSWER where it has
    said nothing about the person."""
    written = statements.together(_answering(), pk=entry.pk, outcome=outcome, provider=entry.provider)
    if written["health"]:
        log.info("%s answers again", entry.provider)


def failed(entry: Entry) -> None:
    """Nothing came back from the service."""
    IdentityCheck.objects.filter(pk=entry.pk).update(outcome=IdentityCheck.NO_ANSWER)
    breaker.failed(entry.provider, probe=entry.probe)


@cache
def _answering() -> dict[str, statements.Sql]:
    question = IdentityCheck.objects.filter(pk=Given("pk", models.BigIntegerField()))
    noted = statements.change(question, {"outcome": Given("outcome", models.CharField())})
    return {"noted": noted, "health": breaker.answered(Given("provider", models.CharField()))}
