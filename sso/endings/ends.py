"""What was given to services ends: by signing out, by the person's wish, with the service, when the account changes.

Tokens are dead as soon as their reason is (sso.protocol.tokens.live). What is done here besides: the row says since
when, and each service that wants to be told gets a notice, in the transaction that ends its sign-in.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from infra.wake import wake
from sso.models import Authorization, LogoutNotice, Service, Subject
from sso.person import connections
from sso.protocol import tokens

SID = "sso_sid"  # the session's name for what services' `sid` is made of: random, made at the first of them
LOOKED_AT = timedelta(hours=24)  # a sign-in older than this is in no open session any more
AT_ONCE = 500


def sid(name: str, service: Service) -> str:
    """What the services of this one's sector call a session; its own name is told to nobody."""
    return tokens.hashed(f"{name}\0{service.sector}")[:43]


def session_ended(session: Mapping[str, Any]) -> None:
    """The person signed out here, or ended this session from another one.

    Services that may act for a person who is not there (`offline_access`, agreed) go on (Back-Channel Logout, 2.7).
    """
    if name := session.get(SID):
        _end(Authorization.objects.filter(session=tokens.hashed(name)), keeps_offline=True)


def disconnect(user: User, service: Service) -> None:
    with transaction.atomic():
        connections.revoke(user, service)
        _end(Authorization.objects.filter(user=user, service=service))


def close(service: Service) -> None:
    """All of a service that was closed."""
    _end(Authorization.objects.filter(service=service))


def sweep() -> int:
    """End what holds no longer, for whatever reason: an account changed or closed, a device forgotten.

    Returns how many there were, AT_ONCE at most.
    """
    recent = Authorization.objects.filter(ended_at=None, created_at__gt=Now() - LOOKED_AT)
    dead = recent.exclude(pk__in=tokens.live().filter(created_at__gt=Now() - LOOKED_AT).values("pk"))
    found = list(dead.values_list("pk", flat=True)[:AT_ONCE])
    return _end(Authorization.objects.filter(pk__in=found)) if found else 0


def _end(rows: QuerySet[Authorization], *, keeps_offline: bool = False) -> int:
    with transaction.atomic():
        held = rows.filter(ended_at=None).select_related("service").select_for_update(of=("self",))
        ended = list(held.order_by("pk"))  # in one order, so that of two who end the same ones, one waits
        if not ended:
            return 0
        notices = _notices(ended)
        LogoutNotice.objects.bulk_create(notices)
        goes_on = [row.pk for row in ended if keeps_offline and "offline_access" in row.scope.split()]
        Authorization.objects.filter(pk__in=goes_on).update(session="")
        over = [row.pk for row in ended if row.pk not in goes_on]
        Authorization.objects.filter(pk__in=over).update(ended_at=Now())
        if notices:
            transaction.on_commit(lambda: wake("sso.tell"))
    return len(ended)


def _notices(ended: list[Authorization]) -> list[LogoutNotice]:
    """One for each service and session; none for a code that was never used, and none where nobody wants to know."""
    told = {(row.service_id, row.sid): row for row in ended if row.used_at and row.service.backchannel_uri}
    subjects = {
        (subject.user_id, subject.sector): subject.value
        for subject in Subject.objects.filter(user__in={row.user_id for row in told.values()})
    }
    return [
        LogoutNotice(service=row.service, sub=subjects[row.user_id, row.service.sector], sid=row.sid, jti=tokens.new())
        for row in told.values()
    ]
