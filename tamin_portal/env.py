"""Reading settings from the environment. A value that cannot be used stops the start with one line.

Every helper takes the variable's name, its default, and refuses what it does not understand by raising `Refused`, a
`SystemExit`: the process ends with status 1 and the one line `NAME: what it takes`. Values are never echoed, they may
be secrets.
"""

import ipaddress
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from redis.connection import parse_url

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Refused(SystemExit):
    """A setting that cannot be used; its text is the one line the operator reads."""

    def __init__(self, name: str, takes: str) -> None:
        super().__init__(f"{name}: {takes}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def secret(name: str) -> str:
    """A secret from NAME, or from the file that NAME_FILE names (Docker and systemd hand secrets over as files)."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return text(name)
    if os.environ.get(name):
        raise Refused(name, f"set {name} or {name}_FILE, not both.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Refused(f"{name}_FILE", "the path of a readable UTF-8 text file with the secret.") from None


def switch(name: str, default: str) -> bool:
    return choice(name, ("on", "off"), default) == "on"


def choice(name: str, values: tuple[str, ...], default: str) -> str:
    value = text(name) or default
    if value not in values:
        raise Refused(name, f"one of: {', '.join(values)}.")
    return value


def choices(name: str, values: tuple[str, ...], default: str) -> list[str]:
    """A comma-separated list of distinct values, at least one."""
    chosen = _split(text(name) or default)
    if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(values):
        raise Refused(name, f"a comma-separated list of: {', '.join(values)}, each at most once.")
    return chosen


def number(name: str, default: int, minimum: int, maximum: int) -> int:
    value = text(name) or str(default)
    if not re.fullmatch("[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
        raise Refused(name, f"a whole number from {minimum} to {maximum}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    return _split(text(name) or default)


def limit(name: str, default: str) -> list[tuple[int, int]]:
    """`count/seconds[,count/seconds…]` as pairs: at most `count` events in any `seconds` seconds."""
    parts = _split(text(name) or default)
    pairs = [re.fullmatch("([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", part) for part in parts]
    if not pairs or not all(pairs):
        raise Refused(name, "count/seconds[,count/seconds…], for example 3/900,8/86400.")
    return [(int(pair[1]), int(pair[2])) for pair in pairs if pair]


def networks(name: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(part) for part in words(name)]
    except ValueError:
        raise Refused(name, "a comma-separated list of IP addresses or networks, for example 10.0.0.0/8.") from None


def database(name: str) -> dict[str, Any]:
    """A PostgreSQL connection URI as Django's settings; sockets as `postgresql://user@/name?host=/directory`."""
    takes = "the address of a PostgreSQL database, for example postgresql://user:password@host:5432/name."
    url = secret(name)
    if not url.startswith(("postgresql://", "postgres://")):
        raise Refused(name, takes)
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise Refused(name, takes) from None
    if not parts.get("dbname"):
        raise Refused(name, takes)
    own = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {key: str(parts.pop(part, "") or "") for part, key in own.items()}
    return settings | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": dict(parts)}


def broker(redis_url: str) -> str:
    """The same Redis as Celery spells it: on a Unix socket kombu knows neither `unix://` nor `db=` nor `password=`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    parts = parse_url(redis_url)  # type: ignore[no-untyped-call]
    who = ":".join(quote(str(parts.get(part) or ""), safe="") for part in ("username", "password"))
    return f"redis+socket://{who}@{quote(str(parts['path']))}?virtual_host={parts.get('db') or 0}"


def url(name: str, default: str, schemes: Iterable[str]) -> str:
    """An address without a trailing slash. `http` counts only for this machine itself: nobody listens in between."""
    schemes = tuple(schemes)
    value = (secret(name) or default).rstrip("/")
    scheme, separator, rest = value.partition("://")
    host = re.split("[/:?]", rest, maxsplit=1)[0]
    local = scheme == "http" and host in {"127.0.0.1", "localhost"}
    if not separator or not rest or not (scheme in schemes or local):
        raise Refused(name, f"an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    return value


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
