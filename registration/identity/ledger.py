"""How often one person may be asked about: every check costs money, so each is a row before it is made.

Answers count, and questions whose outcome is not known yet or never will be because their worker died. What ended
without an answer does not: else an hour without the service would use up the day. Those are bounded by the backoff of
the request and by the breaker.
"""

import math
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from infra import locks, security_log
from registration.identity.failures import FailureKind, IdentityError
from registration.models import IdentityCheck


def enter(national_code: str, provider: str, operation: str) -> int:
    """Note a question before it is asked; returns the row's id. Raises IdentityError when the day's are used up."""
    with transaction.atomic(durable=True):
        now = locks.lock(f"inquiries {national_code}")
        for allowed, seconds in settings.LIMIT_INQUIRIES_PER_NATIONAL_CODE:
            since = now - timedelta(seconds=seconds)
            paid = IdentityCheck.objects.filter(national_code=national_code, at__gt=since).exclude(
                outcome=IdentityCheck.NO_ANSWER
            )
            deciding = paid.order_by("-at").values_list("at", flat=True)[allowed - 1 : allowed].first()
            if deciding:  # when this one leaves the window, there is room again
                wait = math.ceil((deciding - since).total_seconds())
                security_log.tell("limit", rule="inquiries", wait=max(1, wait), national_code=national_code)
                raise IdentityError(FailureKind.CAPPED, retry_after=max(1, wait))
        row = IdentityCheck.objects.create(
            national_code=national_code, provider=provider, operation=operation, at=Now()
        )
    return row.pk


def record_outcome(pk: int, outcome: str) -> None:
    """What came of it: a value of Ownership or Identity, or IdentityCheck.NO_ANSWER."""
    IdentityCheck.objects.filter(pk=pk).update(outcome=outcome)
