"""Keys by purpose: each derived by its name from a secret of its own, else from SECRET_KEY; others are still accepted.

NAME_KEY is the secret of a purpose, NAME_KEY_FALLBACKS others that are accepted: older ones, or the next one.
SECRET_KEY and SECRET_KEY_FALLBACKS are accepted too, so that a purpose can get a secret of its own at any time. What is
made under a key names it by the first four bytes of its nonce: later the same key is taken, and no other beside it.
(docs/keys.md; docs/decisions/0049.)
"""

import hmac
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

NAME_BYTES = 4
NONCE_BYTES = 16  # the key's name included
FINGERPRINTS = "FINGERPRINTS_KEY"


@dataclass(frozen=True)
class Purpose:
    """What one key is for. `setting`: the secret it has of its own. `label`: what its key is derived by."""

    setting: str
    label: bytes

    def ring(self) -> list[bytes]:
        """All that are accepted, the one in use first; 256 bits each."""
        return [self._derived(secret) for secret in accepted(self.setting)]

    def new_nonce(self) -> bytes:
        """Random, but for the name of the key in use, which it begins with."""
        return name_of(self.ring()[0]) + secrets.token_bytes(NONCE_BYTES - NAME_BYTES)

    def keys_of(self, nonce: bytes) -> list[bytes]:
        """The key that the nonce names. If it names none, it may be of before keys had names: those of SECRET_KEY."""
        named = [key for key in self.ring() if name_of(key) == nonce[:NAME_BYTES]]
        return named or [self._derived(secret) for secret in portal_secrets()]

    def _derived(self, secret: str) -> bytes:
        return hmac.digest(secret.encode(), self.label, "sha256")


def portal_secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def accepted(setting: str) -> list[str]:
    """The secrets that a purpose's keys are derived from, the one in use first."""
    own: str = getattr(settings, setting)
    others: list[str] = getattr(settings, f"{setting}_FALLBACKS")
    return [*([own] if own else []), *portal_secrets(), *others]


def name_of(key: bytes) -> bytes:
    """Tells keys apart and nothing of them."""
    return hmac.digest(key, b"name", "sha256")[:NAME_BYTES]


def mark(salt: str, value: str, digits: int) -> str:
    """A salted HMAC-SHA256 under SECRET_KEY, so many hexadecimal digits: for what comes back from a browser."""
    return _mark(salt, value, settings.SECRET_KEY)[:digits]


def is_mark(marked: str, salt: str, value: str, digits: int) -> bool:
    """Whether `marked` is such a mark, under any SECRET_KEY that is accepted; compared in constant time."""
    made = [_mark(salt, value, secret)[:digits] for secret in portal_secrets()]
    return any(constant_time_compare(one, marked) for one in made)


def _mark(salt: str, value: str, secret: str) -> str:
    return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()
