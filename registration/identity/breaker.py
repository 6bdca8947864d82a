"""A circuit breaker for each service: who does not answer is left alone for a while, by all workers together.

Five transport failures in a row open it, for 30 s, then twice as long each time, five minutes at most. When that is
over one worker asks (the probe); its answer closes the breaker, its failure opens it again. An answer is an answer
whatever it says: refusals and mismatches never open it. Only the database's clock counts.
"""

import logging
import math
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from infra import statements
from registration.identity.base import ASK_SECONDS
from registration.identity.failures import FailureKind, IdentityError
from registration.models import ProviderHealth

log = logging.getLogger(__name__)

FAILURES = 5
OPEN_SECONDS, OPEN_CAP = 30, 300
PROBE_SECONDS = ASK_SECONDS + 10
JITTER_SECONDS = 10  # what waited must not all come back in one second


def answered(provider: str | statements.Given) -> statements.Sql:
    """The service is there: a part of the statement that notes its answer."""
    ailing = ProviderHealth.objects.filter(Q(failures__gt=0) | Q(open_until__isnull=False), pk=provider)
    return statements.change(ailing, {"failures": 0, "openings": 0, "open_until": None, "probe_until": None})


def failed(provider: str, *, probe: bool) -> None:
    """Nothing came back from the service."""
    ProviderHealth.objects.get_or_create(pk=provider)
    with transaction.atomic():
        row = ProviderHealth.objects.select_for_update().annotate(now=Now()).get(pk=provider)
        if row.open_until and not probe:
            return  # asked before it was opened: nothing new
        row.failures += 1
        if probe or row.failures >= FAILURES:
            seconds = min(OPEN_CAP, OPEN_SECONDS * 2 ** min(row.openings, 16))
            row.open_until, row.probe_until = row.now + timedelta(seconds=seconds), None
            row.openings += 1
            log.error(
                "%s does not answer: left alone for %s s (failures in a row: %s)", provider, seconds, row.failures
            )
        row.save()


def paused(seconds: float) -> IdentityError:
    """The service is left alone for so long."""
    return IdentityError(FailureKind.PAUSED, retry_after=max(1, math.ceil(seconds)) + secrets.randbelow(JITTER_SECONDS))
