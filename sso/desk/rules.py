"""What an address and a set of keys of a service must look like."""

import math
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

LONGEST = 300
_PLAIN = re.compile("[!-~]+", re.ASCII)
LOOPBACK = ("localhost", "127.0.0.1")
SMALLEST_RSA = 2048
DEEPEST = 10
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def is_address(value: str) -> bool:
    """`https://…` without user, fragment, wild cards; `http://` for this machine alone, where the portal is a trial."""
    if not _PLAIN.fullmatch(value) or len(value) > LONGEST or set('*<>"\\^`{|}') & set(value):
        return False
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "#" in value or "/../" in f"{parts.path}/":
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK and settings.SSO_TRIAL)


def is_key_set(value: Any) -> bool:
    """A JWKS of public keys alone: RSA of 2048 bits or more, or P-256."""
    try:
        keys = KeySet.import_key_set(value).keys
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return bool(keys) and all(_is_usable(key) for key in keys)


def can_be_kept(value: Any) -> bool:
    """Whether jsonb keeps what was read from JSON: no NUL, no half of a pair of surrogates, no number without end; and
    nested DEEPEST times at most, a JWKS needs four."""
    level = [value]
    for _depth in range(DEEPEST):
        if not all(map(_is_kept_itself, level)):
            return False
        level = [part for whole in level for part in _parts(whole)]
    return not level


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _is_kept_itself(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not _SURROGATE.search(value)
    return not isinstance(value, float) or math.isfinite(value)


def _is_usable(key: Any) -> bool:
    if isinstance(key, RSAKey):
        return not key.is_private and key.public_key.key_size >= SMALLEST_RSA
    return isinstance(key, ECKey) and not key.is_private and key.curve_name == "P-256"
