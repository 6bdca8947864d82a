from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.passwords import hasher
from infra import throttle
from tests.accounts import helpers


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    helpers.clear_limits()


@pytest.fixture
def redis_away(settings: Settings) -> Iterator[None]:
    """Nobody answers at the address of Redis."""
    away = "redis://127.0.0.1:1/0"
    settings.REDIS_URL = away
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": away}}
    throttle._client.cache_clear()
    yield
    throttle._client.cache_clear()


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the hasher was asked to do, in order."""
    made: list[str] = []
    encode, verify = hasher.PortalArgon2.encode, hasher.PortalArgon2.verify

    def counted_encode(self: hasher.PortalArgon2, password: str, salt: str) -> str:
        made.append("encode")
        return encode(self, password, salt)

    def counted_verify(self: hasher.PortalArgon2, password: str, encoded: str) -> bool:
        made.append("verify")
        return verify(self, password, encoded)

    monkeypatch.setattr(hasher.PortalArgon2, "encode", counted_encode)
    monkeypatch.setattr(hasher.PortalArgon2, "verify", counted_verify)
    return made
