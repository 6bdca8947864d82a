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

from registration.identity.base import ASK_SECONDS
from registration.identity.failures import FailureKind, IdentityError
from registration.models import ProviderHealth

log = logging.getLogger(__name__)

FAILURES = 5
OPEN_SECONDS, OPEN_CAP = 30, 300
PROBE_SECONDS = ASK_SECONDS + 10
JITTER_SECONDS = 10  # what waited must not all come back in one second


def enter(provider: str) -> bool:
    """Before a question. True: this is the probe. Raises IdentityError while the service is left alone."""
    row = ProviderHealth.objects.filter(pk=provider, open_until__isnull=False).annotate(now=Now()).first()
    if row is None or row.open_until is None:
        return False
    left = (row.open_until - row.now).total_seconds()
    if left > 0:
        raise _paused(left)
    free = Q(probe_until=None) | Q(probe_until__lt=Now())
    if ProviderHealth.objects.filter(free, pk=provider, open_until=row.open_until).update(
        probe_until=Now() + timedelta(seconds=PROBE_SECONDS)
    ):
        return True
    raise _paused(0)


def leave(provider: str) -> None:
    """The probe was not made after all; the next worker may."""
    ProviderHealth.objects.filter(pk=provider).update(probe_until=None)


def answered(provider: str) -> None:
    """The service is there."""
    ailing = ProviderHealth.objects.filter(Q(failures__gt=0) | Q(open_until__isnull=False), pk=provider)
    if ailing.update(failures=0, openings=0, open_until=None, probe_until=None):
        log.info("%s answers again", provider)


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


def _paused(seconds: float) -> IdentityError:
    return IdentityError(FailureKind.PAUSED, retry_after=max(1, math.ceil(seconds)) + secrets.randbelow(JITTER_SECONDS))
