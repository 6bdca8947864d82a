"""The portal's own keys, by which ID tokens and notices of sign-outs are signed (docs/operations.md, keys).

One file (settings.SSO_KEYS_FILE) holds them as private JWKs with two members of ours: `announced_at`, since when the
public half stands in the JWKS, and `used_from`, since when the key signs; both ISO 8601, the latter null before. Of
each algorithm the key that was taken into use last signs; those before it stay in the JWKS until retired. Without
the file, or without a key in it that signs, other services cannot sign anybody in: their addresses answer 404.

Parsing an RSA key costs more than hashing a password, so a process does it once for each version of the file; it looks
once a minute whether there is a new one.
"""

import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key

from infra.kept import Kept
from sso.models import ALGORITHMS

log = logging.getLogger(__name__)

ANNOUNCED_FOR = timedelta(days=1)  # before a key signs: services keep the JWKS for so long
KEPT_FOR = timedelta(days=1)  # after another one signs
SIGNS_FOR = timedelta(days=365)  # then another one is due; nothing stops when it is late
OURS = ("announced_at", "used_from")

Key = RSAKey | ECKey


@dataclass(frozen=True)
class Keys:
    """`signing`: by algorithm. `public`: what the JWKS shows. `every`: to verify by. `ends`: when the first of those
    that sign is to be replaced."""

    signing: dict[str, Key]
    public: list[dict[str, Any]]
    every: KeySet = field(repr=False)
    ends: datetime | None = None


def read(path: Path) -> list[dict[str, Any]]:
    """The keys of the file as it holds them. Raises OSError, ValueError."""
    document = json.loads(path.read_text("utf-8"))
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) and key.get("alg") in ALGORITHMS for key in keys):
        raise ValueError("not a set of keys of ours")
    return keys


def in_use(keys: list[dict[str, Any]], algorithm: str) -> dict[str, Any] | None:
    """The key of the file that signs with this algorithm now."""
    ready = [key for key in keys if key["alg"] == algorithm and key.get("used_from")]
    return max(ready, key=lambda key: datetime.fromisoformat(key["used_from"]), default=None)


def _load() -> Keys | None:
    path = settings.SSO_KEYS_FILE
    if not path:
        return None
    try:
        stamp = Path(path).stat()
        return _parsed(path, stamp.st_mtime_ns, stamp.st_size)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        log.error("SSO_KEYS_FILE cannot be used: %s", type(error).__name__)
        return None


_last: tuple[tuple[object, ...], Keys] | None = None


def _parsed(path: str, *stamp: int) -> Keys:
    global _last
    if _last is None or _last[0] != (path, *stamp):
        rows = read(Path(path))
        parsed = {row["kid"]: _key(row) for row in rows}
        used = {name: row for name in ALGORITHMS if (row := in_use(rows, name))}
        signing = {name: parsed[row["kid"]] for name, row in used.items()}
        ends = min((datetime.fromisoformat(row["used_from"]) + SIGNS_FOR for row in used.values()), default=None)
        public = [dict(key.as_dict(private=False)) for key in parsed.values()]
        _last = ((path, *stamp), Keys(signing, public, KeySet(list(parsed.values())), ends))
    return _last[1]


def _key(row: dict[str, Any]) -> Key:
    bare = {name: value for name, value in row.items() if name not in OURS}
    key = import_key(bare)
    if not isinstance(key, RSAKey | ECKey) or not key.is_private:
        raise ValueError("not a private key of ours")
    return key


current = Kept(_load)


def is_offered() -> bool:
    """Whether other services can sign people in here: both algorithms have a key."""
    keys = current()
    return keys is not None and set(keys.signing) == set(ALGORITHMS)


def sign(claims: dict[str, Any], algorithm: str, kind: str = "JWT") -> str:
    """A compact JWS. Only while is_offered()."""
    keys = current()
    if keys is None:
        raise RuntimeError("Nothing is signed without keys.")
    key = keys.signing[algorithm]
    return jwt.encode({"alg": algorithm, "kid": key.kid, "typ": kind}, claims, key, [algorithm])


def verified(token: str) -> dict[str, Any] | None:
    """The claims of a token that was signed here, by any key that the JWKS shows; None if it was not.

    Whether it has expired is not looked at.
    """
    keys = current()
    if keys is None:
        return None
    try:
        return dict(jwt.decode(token, keys.every, list(ALGORITHMS)).claims)
    except (JoseError, ValueError, TypeError):
        return None
