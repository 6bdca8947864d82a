"""Writing the events of accounts: the one place that makes rows of AccountEvent."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from accounts.models import AccountEvent, User
from infra import security_log
from infra.limits import client_ip_network

Kind = AccountEvent.Kind
REPEATED_VIEW = timedelta(hours=1)
LONGEST = 300  # characters of a reason


def note(
    user: User,
    kind: AccountEvent.Kind,
    *,
    by: User | None,
    client_ip: str | None = None,
    words: str = "",
    changes: Mapping[str, Any] | None = None,
) -> AccountEvent:
    """In the transaction of what happened, after it: `user` has the security_version of then.

    `words` is cut off after LONGEST characters.
    """
    event = AccountEvent.objects.create(
        account_id=user.pk,
        actor=by,
        kind=kind,
        words=words[:LONGEST],
        changes=changes,
        security_version=user.security_version,
        client_network=client_ip_network(client_ip) if client_ip else None,
    )
    security_log.tell("account", act=kind.value, national_code=user.national_code)
    return event


def viewed(user: User, *, by: User, client_ip: str) -> None:
    """Note that somebody of the staff opened the account's page, once an hour at most."""
    seen = AccountEvent.objects.filter(account=user.pk, actor=by, kind=Kind.VIEWED, at__gt=Now() - REPEATED_VIEW)
    if not seen.exists():
        note(user, Kind.VIEWED, by=by, client_ip=client_ip)
