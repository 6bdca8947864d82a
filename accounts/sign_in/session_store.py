"""Sessions in PostgreSQL, with a copy in the cache that nothing depends on.

Django's `cached_db` lets an unreachable cache fail the page in three places: a session that must be read, made or
ended. Here the row is the truth and the copy a convenience. It lives one minute, because a copy that could not be
corrected or deleted while Redis was away would otherwise bring back a session that has moved on, or has ended.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.contrib.sessions.backends.db import SessionStore as RowStore
from django.core.cache.backends.base import BaseCache

log = logging.getLogger(__name__)

COPY_SECONDS = 60


class SessionStore(CachedStore):
    _cache: BaseCache  # which Django's stubs do not know
    _session: dict[str, Any]

    def load(self) -> dict[str, Any]:
        copy: dict[str, Any] | None = None
        with _cache_may_be_away():
            copy = self._cache.get(self.cache_key)
        if copy is not None:
            return copy
        data: dict[str, Any] = RowStore.load(self)
        if data:
            self._keep_copy(data)
        return data

    def exists(self, session_key: str) -> bool:
        return bool(RowStore.exists(self, session_key))

    def save(self, must_create: bool = False) -> None:
        RowStore.save(self, must_create)
        self._keep_copy(self._session)

    def delete(self, session_key: str | None = None) -> None:
        RowStore.delete(self, session_key)
        key = session_key or self.session_key
        if key:
            with _cache_may_be_away():
                self._cache.delete(self.cache_key_prefix + key)

    def _keep_copy(self, data: dict[str, Any]) -> None:
        with _cache_may_be_away():
            self._cache.set(self.cache_key, data, COPY_SECONDS)


@contextmanager
def _cache_may_be_away() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        log.warning("a session without its copy: %s", type(error).__name__)
