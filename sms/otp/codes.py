"""One-time codes that are stored nowhere: derived from a key and a random nonce whenever they are needed.

`derive` is HOTP (RFC 4226 §5.3, with HMAC-SHA256) over the purpose and the nonce instead of a counter. The row keeps
the nonce, which names the key and without it tells nothing. The worker derives the code when it sends, the form when it
compares.
"""

import hmac

from infra import keys

DIGITS = 6
KEY = keys.Purpose("CODES_KEY", b"tamin-portal one-time code")


def new_nonce() -> bytes:
    return KEY.new_nonce()


def derive(purpose: str, nonce: bytes) -> str:
    """The six digits (ASCII, leading zeros kept) that belong to a purpose and a nonce."""
    return _digits(KEY.keys_of(nonce)[0], purpose, nonce)


def matches(code: str, purpose: str, nonce: bytes) -> bool:
    """Compare in constant time; `code` is what was typed, already in ASCII digits."""
    right = [_digits(key, purpose, nonce) for key in KEY.keys_of(nonce)]
    return any(hmac.compare_digest(code.encode(), one.encode()) for one in right)


def _digits(key: bytes, purpose: str, nonce: bytes) -> str:
    mac = hmac.digest(key, purpose.encode() + b"\0" + nonce, "sha256")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
