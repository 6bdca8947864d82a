"""Codes and tokens as rows: made, used once, looked up, ended. Given out as random text, kept as its SHA-256.

What was given to a service holds while all of this does: nobody has ended the sign-in it came from; the account is
active, and nothing that protects it was changed since; the device is still known; the service is open, and the person
still connected with it. `live` says so in one query, so what ends one of these need not find the tokens first.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.models import Device
from sso.models import Authorization, Connection, Service, Subject, Token
from sso.person import connections

CODE_SECONDS = 60
ACCESS_SECONDS = 600
REFRESH_LIFETIME = timedelta(days=30)  # since the sign-in; using a token makes it no longer
ID_TOKEN_SECONDS = 600


def new() -> str:
    """256 random bits, of letters that need no escaping anywhere."""
    return secrets.token_urlsafe(32)


def hashed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def live() -> QuerySet[Authorization]:
    devices = Device.objects.filter(pk=OuterRef("device"), user=OuterRef("user"))
    connected = Connection.objects.filter(user=OuterRef("user"), service=OuterRef("service"), revoked_at=None)
    return Authorization.objects.filter(
        Q(device=None) | Exists(devices),
        Exists(connected),
        ended_at=None,
        user__is_active=True,
        user__is_staff=False,
        user__security_version=F("security_version"),
        service__state__in=Service.alive(),
    )


def _with_people(rows: QuerySet[Authorization]) -> QuerySet[Authorization]:
    """Each with its user and service, and `sub` and `agreed` beside it."""
    subjects = Subject.objects.filter(user=OuterRef("user"), sector=OuterRef("service__sector"))
    connected = Connection.objects.filter(user=OuterRef("user"), service=OuterRef("service"))
    return rows.select_related("user", "service").annotate(
        sub=Subquery(subjects.values("value")[:1]), agreed=Subquery(connected.values("scopes")[:1])
    )


def begin(code: str, **facts: Any) -> Authorization:
    """The row of a sign-in whose code was just made."""
    return Authorization.objects.create(
        code_hash=hashed(code), code_expires_at=Now() + timedelta(seconds=CODE_SECONDS), **facts
    )


def redeem(code: str, service: Service) -> Authorization | None:
    """Use a code up, once, whoever else tries at the same moment. One that comes again ends what came of it."""
    mine = Authorization.objects.filter(code_hash=hashed(code), service=service)
    if not mine.filter(used_at=None, code_expires_at__gt=Now()).update(used_at=Now()):
        mine.filter(ended_at=None, used_at__isnull=False).update(ended_at=Now())
        return None
    found = _with_people(live()).filter(code_hash=hashed(code)).first()
    if found and found.sub is None:  # type: ignore[attr-defined]  # made when the person agreed, unless rows were lost
        found.sub = connections.subject(found.user, service.sector)  # type: ignore[attr-defined]
    return found


def keep(authorization: Authorization, scope: str, access: str, refresh: str | None) -> None:
    rows = [
        Token(
            authorization=authorization,
            kind=Token.Kind.ACCESS,
            hash=hashed(access),
            scope=scope,
            expires_at=Now() + timedelta(seconds=ACCESS_SECONDS),
        )
    ]
    if refresh:
        ends = authorization.created_at + REFRESH_LIFETIME
        rows.append(
            Token(
                authorization=authorization,
                kind=Token.Kind.REFRESH,
                hash=hashed(refresh),
                scope=scope,
                expires_at=ends,
            )
        )
    Token.objects.bulk_create(rows)


def of_access(token: str) -> tuple[Authorization, str] | None:
    """The sign-in that an access token came of, and the token's scope; None if it holds no longer."""
    return _found(Token.Kind.ACCESS, token, None)


def of_refresh(token: str, service: Service) -> tuple[Authorization, str] | None:
    """The same for a refresh token of this service. One that was used before ends all that came of the sign-in."""
    found = _found(Token.Kind.REFRESH, token, service)
    if found is None:
        _end_if_used(token, service)
    return found


def _found(kind: Token.Kind, token: str, service: Service | None) -> tuple[Authorization, str] | None:
    row = Token.objects.filter(hash=hashed(token), kind=kind, used_at=None, expires_at__gt=Now())
    scope = Subquery(row.filter(authorization=OuterRef("pk")).values("scope")[:1])
    mine = live().filter(pk__in=row.values("authorization")).annotate(token_scope=scope)
    found = _with_people(mine if service is None else mine.filter(service=service)).first()
    return None if found is None else (found, found.token_scope)  # type: ignore[attr-defined]


def use_refresh(token: str, service: Service) -> bool:
    """Use a refresh token up, once, whoever else tries at the same moment; who comes second ends it all."""
    rows = Token.objects.filter(hash=hashed(token), kind=Token.Kind.REFRESH)
    if rows.filter(used_at=None, expires_at__gt=Now()).update(used_at=Now()):
        return True
    _end_if_used(token, service)
    return False


def _end_if_used(token: str, service: Service) -> None:
    used = Token.objects.filter(hash=hashed(token), kind=Token.Kind.REFRESH, used_at__isnull=False)
    Authorization.objects.filter(pk__in=used.values("authorization"), service=service, ended_at=None).update(
        ended_at=Now()
    )


def revoke(token: str, service: Service) -> None:
    """A refresh token takes the whole sign-in with it, an access token itself alone. Others' tokens stay."""
    mine = Token.objects.filter(hash=hashed(token), authorization__service=service)
    row = mine.values("pk", "kind", "authorization").first()
    if row is None:
        return
    if row["kind"] == Token.Kind.REFRESH:
        Authorization.objects.filter(pk=row["authorization"], ended_at=None).update(ended_at=Now())
    else:
        Token.objects.filter(pk=row["pk"]).update(expires_at=Now())


def is_new(assertion: str, expires_at: Any) -> bool:
    """Note an assertion (whose it is, and its name); False if it was noted before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sso_usedassertion (hash, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [hashed(assertion), expires_at],
        )
        return bool(cursor.rowcount == 1)
