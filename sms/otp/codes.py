"""One-time codes that are stored nowhere: derived from a key and a random nonce whenever they are needed.

`derive` is HOTP (RFC 4226 §5.3, with HMAC-SHA256) over the purpose and the nonce instead of a counter. The row keeps
the nonce; without the key it tells nothing. The worker derives the code when it sends, the form when it compares.
"""

import hmac
import secrets

from django.conf import settings

DIGITS = 6
NONCE_BYTES = 16


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def derive(purpose: str, nonce: bytes) -> str:
    """The six digits (ASCII, leading zeros kept) that belong to a purpose and a nonce."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"tamin-portal one-time code", "sha256")
    mac = hmac.digest(key, purpose.encode() + b"\0" + nonce, "sha256")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matches(code: str, purpose: str, nonce: bytes) -> bool:
    """Compare in constant time; `code` is what was typed, already in ASCII digits."""
    return hmac.compare_digest(code.encode(), derive(purpose, nonce).encode())
