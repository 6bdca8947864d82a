"""What people have agreed to: which services may learn what of them. Good for a year, taken back at any time."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db.models.functions import Now

from accounts.models import User
from infra import security_log
from sso.models import Connection, Service, Subject

GOOD_FOR = timedelta(days=365)


def covers(user: User, service: Service, scopes: Iterable[str]) -> bool:
    """Whether the person has agreed to all of it within a year."""
    row = Connection.objects.filter(user=user, service=service, revoked_at=None, given_at__gt=Now() - GOOD_FOR).first()
    return row is not None and set(scopes) <= set(row.scopes)


def with_earlier(user: User, service: Service, scopes: Iterable[str]) -> list[str]:
    """These scopes, and those that the person agreed to before: what the service will have after a new yes."""
    row = Connection.objects.filter(user=user, service=service, revoked_at=None).first()
    earlier = [name for name in (row.scopes if row else []) if name in service.scopes]
    return list(dict.fromkeys([*scopes, *earlier]))


def agree(user: User, service: Service, scopes: Iterable[str]) -> None:
    Connection.objects.update_or_create(
        user=user, service=service, defaults={"scopes": list(scopes), "given_at": Now(), "revoked_at": None}
    )
    subject(user, service.sector)
    security_log.tell("connection", outcome="agreed", service=service.pk, national_code=user.national_code)


def used(user: User, service: Service) -> None:
    Connection.objects.filter(user=user, service=service).update(last_used_at=Now())


def revoke(user: User, service: Service) -> bool:
    """The person's connection is over; everything given to the service ends with it (sso.protocol.tokens.live)."""
    revoked = Connection.objects.filter(user=user, service=service, revoked_at=None).update(revoked_at=Now())
    if revoked:
        security_log.tell("connection", outcome="revoked", service=service.pk, national_code=user.national_code)
    return bool(revoked)


def subject(user: User, sector: str) -> str:
    """The name by which services of this sector know the person; made at the first time, never changed."""
    row, _made = Subject.objects.get_or_create(user=user, sector=sector, defaults={"value": secrets.token_urlsafe(16)})
    return row.value


def of(user: User) -> list[int]:
    """Ids of the services that are connected now."""
    return list(Connection.objects.filter(user=user, revoked_at=None).values_list("service", flat=True))
