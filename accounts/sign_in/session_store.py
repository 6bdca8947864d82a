"""Sessions in PostgreSQL, with a copy in the cache that nothing depends on. Neither store opens a session.

A browser's cookie holds a random key; the row and the copy are found by its hash, so who reads a database, a backup or
Redis has no key. The copy is signed with the portal's secret key and the session's own, so what others write into
Redis, or move there from another session, is not read. docs/decisions/0023.

Django's `cached_db` lets an unreachable cache fail the page in three places: a session that must be read, made or
ended. Here the row is the truth and the copy a convenience. It lives one minute, because a copy that could not be
corrected or deleted while Redis was away would otherwise bring back a session that has moved on, or has ended.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, SessionBase, UpdateError
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.contrib.sessions.backends.db import SessionStore as RowStore
from django.core import signing
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import DatabaseError, IntegrityError
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import BrowserSession
from infra import statements
from infra.prepared import Prepared, PreparedInsert, PreparedUpdate
from infra.statements import Given

log = logging.getLogger(__name__)

COPY_SECONDS = 60
STARTED, SEEN = "started", "seen"  # Unix seconds, written at sign-in and at most once a minute
BROWSER = "browser"  # its name, for its owner to tell sessions apart


def hash_of(session_key: str) -> str:
    """What a session is found by: 160 bits of SHA-256, in hexadecimal. The key itself has 165 random bits."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(CachedStore):
    _session_key: str | None
    _cache: BaseCache  # which Django's stubs do not know
    _session: dict[str, Any]

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    @property
    def cache_key(self) -> str:
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]
        return f"{self.cache_key_prefix}{hash_of(key)}"

    def load(self) -> dict[str, Any]:
        if not self.session_key:
            return {}
        copy = self._read_copy()
        if copy is not None:
            return copy
        data: dict[str, Any] = RowStore.load(self)
        if data:
            self._keep_copy(data)
        return data

    def _get_session_from_db(self) -> BrowserSession | None:
        row = _living.first(pk=hash_of(str(self.session_key)), now=timezone.now())
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return _rows(session_key).exists()

    def _get_new_session_key(self) -> str:
        """Nobody is asked whether it is free: it has 165 random bits, and the column is unique."""
        return get_random_string(32, VALID_KEY_CHARS)

    def cycle_key(self) -> None:
        """A new key for the same data. The old one is void from now on; the new row is written by `save`, once.

        Raises UpdateError when the session has ended since it was read: it does not come back under a new key.
        """
        data, old = self._session, self.session_key
        if old and not end([hash_of(old)]):
            raise UpdateError
        self._session_key, self._session_cache, self.modified = None, data, True

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        """The row of the session, with what its owner sees of it in a list."""
        row: BrowserSession = super().create_model_instance(data)  # type: ignore[assignment]
        row.session_key = hash_of(row.session_key)
        row.user_id = data.get(SESSION_KEY)
        row.name = data.get(BROWSER, "")
        row.started_at, row.seen_at = _moment(data.get(STARTED)), _moment(data.get(SEEN))
        return row

    def save(self, must_create: bool = False) -> None:
        """One statement. Raises CreateError when the key is taken, UpdateError when the row has gone meanwhile."""
        if self.session_key is None:
            self.create()
            return
        row = self.create_model_instance(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if must_create:
            _insert(row)
        else:
            _update(row)
        self._keep_copy(self._session)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            end([hash_of(key)])

    def _read_copy(self) -> dict[str, Any] | None:
        with _cache_may_be_away():
            copy = self._cache.get(self.cache_key)
            if isinstance(copy, str):
                try:
                    data: dict[str, Any] = signing.loads(copy, salt=self._salt(), max_age=COPY_SECONDS)
                except signing.BadSignature:
                    log.warning("a session's copy that the portal did not write")
                else:
                    return data
        return None

    def _keep_copy(self, data: dict[str, Any]) -> None:
        with _cache_may_be_away():
            self._cache.set(self.cache_key, signing.dumps(data, salt=self._salt()), COPY_SECONDS)

    def _salt(self) -> str:
        return f"accounts.session_copy.{self.session_key}"


def end(hashes: Iterable[str]) -> int:
    """Delete these sessions, rows and copies. Returns how many rows there were."""
    rows = list(hashes)
    ended, _ = BrowserSession.objects.filter(pk__in=rows).delete()
    with _cache_may_be_away():
        caches[settings.SESSION_CACHE_ALIAS].delete_many([SessionStore.cache_key_prefix + row for row in rows])
    return ended


def hold(session: SessionBase) -> None:
    """Raise UpdateError if the session has ended since it was read, else keep others from ending it until the
    transaction does."""
    if not _rows(session.session_key or "").select_for_update().exists():
        raise UpdateError


def _rows(session_key: str) -> QuerySet[BrowserSession]:
    return BrowserSession.objects.filter(pk=hash_of(session_key))


def _insert(row: BrowserSession) -> None:
    try:
        _insert_row.run(row)
    except IntegrityError:
        raise CreateError from None


_living = Prepared(lambda: BrowserSession.objects.filter(pk=Given("pk"), expire_date__gt=Given("now", DateTimeField())))
_insert_row = PreparedInsert(BrowserSession)
_CHANGED = [field.attname for field in BrowserSession._meta.concrete_fields if not field.primary_key]
_update_row = PreparedUpdate(lambda: BrowserSession.objects.filter(pk=Given("pk")), *_CHANGED)


def _update(row: BrowserSession) -> None:
    try:
        found = _update_row.run(statements.prepared(row, _CHANGED), pk=row.pk)
    except DatabaseError:
        raise UpdateError from None
    if not found:
        raise UpdateError


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@contextmanager
def _cache_may_be_away() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        log.warning("a session without its copy: %s", type(error).__name__)
