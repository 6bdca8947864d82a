"""Requests of services that wait while somebody signs in or reads what the service would learn: half an hour."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.sign_in import sessions
from accounts.sign_in.callers import Caller
from infra import throttle
from infra.limits import client_ip_key
from sso import keys
from sso.models import PendingRequest, Service
from sso.protocol import tokens
from sso.protocol.client import query

LIFETIME = timedelta(minutes=30)
PROVED = "sso_proved"  # the session's name for the keys of those for which the password was asked again
MOST_PROVED = 5
# Of a request this is kept: no token that the service has shown, no name that it was told of a person.
KEPT = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"),
    *("code_challenge_method", "response_mode", "prompt", "max_age", "acr_values"),
)
_KEY = re.compile(r"/o/continue/([A-Za-z0-9_-]{43})/")
_ONWARD = re.compile(r"/o/onward/([a-z0-9-]{1,40})/")


def begin(request: HttpRequest, service: Service, params: dict[str, str], meant: str | None) -> PendingRequest:
    """`meant`: the `sub` of the person whom the service means, None if it means anybody. Raises LimitReached."""
    throttle.hit("service-pending", client_ip_key(request.META["REMOTE_ADDR"]), settings.LIMIT_SERVICES_PER_IP)
    return PendingRequest.objects.create(
        key=tokens.new(),
        service=service,
        params={name: value for name, value in params.items() if name in KEPT},
        meant=meant,
        session=name_of(request),
        began_at=timezone.now(),
        expires_at=Now() + LIFETIME,
    )


def find(key: str) -> PendingRequest | None:
    return PendingRequest.objects.select_related("service").filter(key=key, expires_at__gt=Now()).first()


def end(row: PendingRequest) -> None:
    row.delete()


def name_of(request: HttpRequest) -> str:
    """What this browser's signed-in session is known by; it changes with every sign-in, and with nothing else."""
    if not request.user.is_authenticated:
        return ""
    return tokens.hashed(sessions.counted_as(request.session))


def is_signed_in_for(request: HttpRequest, row: PendingRequest, auth_time: datetime) -> bool:
    """Whether the person has signed in, or given the password again, since this request began, and in this browser."""
    if row.key in request.session.get(PROVED, []):
        return True
    return name_of(request) != row.session and auth_time >= row.began_at.replace(microsecond=0)


def proved(request: HttpRequest, row: PendingRequest) -> None:
    request.session[PROVED] = [*request.session.get(PROVED, []), row.key][-MOST_PROVED:]


def behind(next_page: str) -> Caller | None:
    """The service whose request waits at this address of ours, or to which the address leads on; None for others."""
    if found := _KEY.fullmatch(next_page):
        row = find(found[1])
        return known(row.service.client_id) if row else None
    found = _ONWARD.fullmatch(next_page)
    return known(found[1]) if found else None


def known(client_id: str) -> Caller | None:
    """The service, if people can sign in there."""
    client = query(client_id) if keys.is_offered() else None
    if client is None:
        return None
    return Caller(client_id, client.service.name, reverse("sso:onward", args=[client_id]))


def address(row: PendingRequest) -> str:
    return reverse("sso:continue", args=[row.key])


def params(row: PendingRequest) -> dict[str, Any]:
    return dict(row.params)
