"""Django's Redis cache with one client per process and JSON instead of pickle; it fails fast when Redis is away.

Django builds a client for every operation, which costs a third of a page; and it pickles, so that whoever can write to
Redis could run code in the web processes.
"""

import json
from functools import cached_property
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from infra import redis as infra_redis


class JsonSerializer:
    def dumps(self, value: object) -> str:
        return json.dumps(value, separators=(",", ":"))

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class _KeptClient(RedisCacheClient):
    @cached_property
    def _kept(self) -> "redis.Redis":
        return infra_redis.connect(self._servers[0])  # type: ignore[attr-defined]

    def get_client(self, key: Any = None, *, write: bool = False) -> "redis.Redis":
        return self._kept


class KeptRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
