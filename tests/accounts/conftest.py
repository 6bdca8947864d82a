import pytest

from accounts.passwords import hasher
from tests.accounts import helpers


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    helpers.clear_limits()


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
