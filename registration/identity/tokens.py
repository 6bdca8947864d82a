"""Access tokens of the services: fetched by one worker, shared by all, in clear only in the memory of processes.

Three places, asked in this order: this process's memory; the service's row, where the token lies sealed (AES-256-GCM
under a key of its own, bound to the account); the service itself, asked by whoever gets the row's lease
while the others wait for what he brings. Why so: docs/decisions/0013.
"""

import hmac
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Q
from django.db.models.functions import Now

from infra import keys, pool
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.time_budget import TimeBudget
from registration.models import ProviderToken

FETCH_SECONDS = 8.0  # the deadline of one request for a token
LEASE_SECONDS = 12  # outlives it
LOOK_SECONDS = 0.1  # how often those who wait look whether the new token is there
SPARE_SECONDS = 60  # a token is not used in its last minute
NONCE_BYTES = 12
KEY = keys.Purpose("TOKENS_KEY", b"tamin-portal provider token")

_pause = time.sleep


@dataclass(frozen=True)
class Token:
    value: str = field(repr=False)
    seconds: float  # how long it lives from when it was fetched


@dataclass(frozen=True)
class Account:
    """Who asks for a token. `secrets`: all that identifies him to the service, its address included: a token of another
    account is none. `fetch`: get a new one within so many seconds; raises IdentityError."""

    provider: str
    secrets: tuple[str, ...] = field(repr=False)
    fetch: Callable[[float], Token] = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        return self.fingerprint_under(KEY.ring()[0])

    def fingerprint_under(self, key: bytes) -> bytes:
        return hmac.digest(key, "\0".join((self.provider, *self.secrets)).encode(), "sha256")


_kept: dict[bytes, tuple[str, float]] = {}  # fingerprint → token, until when by this process's clock
_turn = threading.Lock()  # one thread of a process looks for a token or fetches one, the others wait for what it brings


def token(account: Account, deadline: TimeBudget, *, refused: str = "") -> str:
    """A token that is not `refused`, the one the service would not take any more. Raises IdentityError."""
    if remembered := _remembered(account, refused):
        return remembered
    pool.give_back()
    if not _turn.acquire(timeout=deadline.left()):
        raise IdentityError(FailureKind.AWAY, "timeout")
    try:
        return _remembered(account, refused) or _brought(account, deadline, refused)
    finally:
        _turn.release()


def _remembered(account: Account, refused: str) -> str:
    value, until = _kept.get(account.fingerprint, ("", 0.0))
    return value if value != refused and time.monotonic() < until else ""


def _brought(account: Account, deadline: TimeBudget, refused: str) -> str:
    while True:
        found = _shared(account)
        if found and found.value != refused:
            return _keep(account, found)
        if _lease(account):
            return _keep(account, _fetch(account, deadline, refused))
        deadline.left()
        pool.give_back()
        _pause(LOOK_SECONDS)


def forget() -> None:
    """Drop what this process remembers; the row stays."""
    _kept.clear()


def _keep(account: Account, found: Token) -> str:
    _kept[account.fingerprint] = (found.value, time.monotonic() + found.seconds)
    return found.value


def _shared(account: Account) -> Token | None:
    row = ProviderToken.objects.filter(pk=account.provider, expires_at__gt=Now()).annotate(now=Now()).first()
    if row is None or row.expires_at is None:
        return None
    value = _unsealed(bytes(row.sealed), account)
    return None if value is None else Token(value, (row.expires_at - row.now).total_seconds())


def _sealed(value: str, account: Account) -> bytes:
    key, nonce = KEY.ring()[0], os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), account.fingerprint_under(key))


def _unsealed(sealed: bytes, account: Account) -> str | None:
    """None: of another account, under a key that is not accepted any more, or not written by us."""
    for key in KEY.ring():
        with suppress(InvalidTag, ValueError):
            plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], account.fingerprint_under(key))
            return plain.decode()
    return None


def _lease(account: Account) -> bool:
    ProviderToken.objects.get_or_create(pk=account.provider)
    free = Q(renewing_until=None) | Q(renewing_until__lt=Now())
    mine = ProviderToken.objects.filter(free, pk=account.provider)
    return mine.update(renewing_until=Now() + timedelta(seconds=LEASE_SECONDS)) == 1


def _fetch(account: Account, deadline: TimeBudget, refused: str) -> Token:
    """Under the lease: fetch, share, give the lease back."""
    row = ProviderToken.objects.filter(pk=account.provider)
    found = _shared(account)  # once more: who held the lease a moment ago may have brought it
    if found and found.value != refused:
        row.update(renewing_until=None)
        return found
    try:
        fetched = account.fetch(min(FETCH_SECONDS, deadline.left()))
        if not fetched.value:
            raise IdentityError(FailureKind.ODD, "no token")
    except BaseException:
        row.update(renewing_until=None)
        raise
    fetched = Token(fetched.value, max(fetched.seconds - SPARE_SECONDS, 1))
    row.update(
        sealed=_sealed(fetched.value, account),
        expires_at=Now() + timedelta(seconds=fetched.seconds),
        renewing_until=None,
    )
    return fetched
