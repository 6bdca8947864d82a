"""Django's Redis cache with one kept client; its own builds one for every operation."""

from functools import cached_property
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _KeptClient(RedisCacheClient):
    @cached_property
    def _kept(self) -> "redis.Redis":
        return super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> "redis.Redis":
        return self._kept


class KeptRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
