"""The open sessions of the signed-in person: which they are, and ending them (docs/contract.md, addresses)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import BrowserSession, User
from accounts.sign_in import endings, session_store, sessions


class OwnSession(NamedTuple):
    """`is_this`: the one that asks."""

    row: BrowserSession
    is_this: bool


def of(request: HttpRequest, user: User) -> list[OwnSession]:
    """Those that a browser could go on with now, the one seen last first."""
    this = session_store.hash_of(request.session.session_key or "")
    return [OwnSession(row, row.pk == this) for row in open_rows(user)]


def end(request: HttpRequest, user: User, pk: str | None = None) -> int:
    """End the session with this hash, or all but the one that asks; never that one. Returns how many were ended."""
    others = [own.row for own in of(request, user) if not own.is_this and pk in (None, own.row.pk)]
    session_store.end([row.pk for row in others])
    for row in others:
        endings.tell(row.get_decoded())
    return len(others)


def open_rows(user: User) -> Iterator[BrowserSession]:
    """Of a member of the staff one at most."""
    now, longest = timezone.now(), settings.STAFF_SESSION_SECONDS if user.is_staff else settings.CITIZEN_SESSION_SECONDS
    rows = BrowserSession.objects.filter(
        user=user,
        expire_date__gt=now,
        seen_at__gt=now - timedelta(seconds=settings.SESSION_IDLE_SECONDS),
        started_at__gt=now - timedelta(seconds=longest),
    )
    mark = user.get_session_auth_hash()
    for row in rows.order_by("-seen_at", "-started_at"):
        kept = row.get_decoded()
        if constant_time_compare(kept.get(HASH_SESSION_KEY, ""), mark) and sessions.is_the_one(user, kept):
            yield row
