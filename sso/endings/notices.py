"""Services are told that a sign-in is over (OpenID Connect Back-Channel Logout 1.0): leased rows, tried until final.

A notice is a signed `logout_token`, sent by POST. 200 and 204 are yes, 400 is a final no; after anything else it is
tried again for a day. Nothing is sent to addresses inside the organization's own networks.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db.models.functions import Now

from infra import http, leases
from infra.leases import Claiming, waiting
from infra.wake import MOST_DRAINS, wake
from sso import keys
from sso.models import LogoutNotice

SEND_SECONDS = 5
LEASE_SECONDS = 30
TOKEN_SECONDS = 120
AT_ONCE = 100
RETRY_BASE, RETRY_CAP = 10.0, 3600.0
TRIED_FOR = timedelta(hours=24)
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@cache
def _claiming() -> Claiming[LogoutNotice]:
    return Claiming(LogoutNotice.objects.all())


def drain(go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, AT_ONCE at most, as long as `go_on` says so. Returns how many were taken."""
    taken = 0
    while taken < AT_ONCE and go_on() and keys.is_offered() and (row := _claiming().claim(LEASE_SECONDS)):
        _send(row)
        taken += 1
    return taken


def sweep() -> None:
    for _ in range(waiting(LogoutNotice.objects.all(), MOST_DRAINS)):
        wake("sso.tell", expires=10)


def _send(row: LogoutNotice) -> None:
    problem = ""
    try:
        answer = http.request(
            "POST",
            row.service.backchannel_uri,
            seconds=SEND_SECONDS,
            form={"logout_token": _token(row)},
            public=not settings.SSO_TRIAL,
        )
    except http.HttpError as error:
        problem = error.reason
    else:
        if answer.status not in (200, 204):
            problem = f"status {answer.status}"
        if answer.status == 400:
            leases.settle(row, outcome=LogoutNotice.Outcome.FAILED, send_at=None, last_error=problem)
            return
    if not problem:
        leases.settle(row, outcome=LogoutNotice.Outcome.DELIVERED, send_at=None, last_error="")
    elif LogoutNotice.objects.filter(pk=row.pk, created_at__lt=Now() - TRIED_FOR).exists():
        leases.settle(row, outcome=LogoutNotice.Outcome.FAILED, send_at=None, last_error=problem)
    else:
        later = Now() + leases.backoff(row.attempts, RETRY_BASE, RETRY_CAP)
        leases.settle(row, send_at=later, last_error=problem)


def _token(row: LogoutNotice) -> str:
    now = int(time.time())
    claims = {
        "iss": settings.SSO_ISSUER,
        "aud": row.service.client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": row.jti,
        "sub": row.sub,
        "sid": row.sid,
        "events": {EVENT: {}},
    }
    return keys.sign(claims, row.service.id_token_alg, "logout+jwt")
