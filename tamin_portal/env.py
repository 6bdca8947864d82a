"""Reading settings from the environment. A value that cannot be used stops the start with one line.

Every helper takes the variable's name, its default, and refuses what it does not understand: `UnusableSetting`, a
`SystemExit`: the process ends with status 1 and the one line `NAME: what it takes`. Values are never echoed, they may
be secrets.
"""

import base64
import ipaddress
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from redis.connection import parse_url

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HOST = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
PORT = "(:[0-9]{1,5})?"
DOTTED_PATH = r"[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)+"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class UnusableSetting(SystemExit):
    """A setting that cannot be used; its text is the one line the operator reads."""

    def __init__(self, name: str, takes: str) -> None:
        super().__init__(f"{name}: {takes}")


def need(name: str, value: str, takes: str, looks: str = "(?s).+") -> None:
    """Refuse a value that is empty, or does not look as the regular expression `looks` says."""
    if not re.fullmatch(looks, value):
        raise UnusableSetting(name, takes)


def text(name: str, default: str = "") -> str:
    """An empty variable counts as one that is not set: that is how Compose files and unit files leave one out."""
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """A secret from NAME, or from the file that NAME_FILE names; else from a credential of systemd with its name in
    small letters (systemd.exec, LoadCredential)."""
    file = text(f"{name}_FILE")
    if not file and not text(name):
        handed_over = Path(text("CREDENTIALS_DIRECTORY", "/nonexistent"), name.lower())
        file = str(handed_over) if handed_over.exists() else ""
    if not file:
        return text(name)
    if text(name):
        raise UnusableSetting(name, f"set {name} or {name}_FILE, not both.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UnusableSetting(f"{name}_FILE", "the path of a readable UTF-8 text file with the secret.") from None


def keys(name: str, *, needed: bool = False) -> list[str]:
    """Secrets that keys are derived from: NAME, the one in use, then those of NAME_FALLBACKS, separated by blanks.

    Each may come from a file, as `secret` says. The first is empty if it may be and is.
    """
    used, others = secret(name), f"{name}_FALLBACKS"
    found = {name: [used] if used or needed else [], others: secret(others).split()}
    for where, given in found.items():
        if any(len(key) < 50 for key in given):
            raise UnusableSetting(where, f"a random text of 50 or more characters (or {where}_FILE, a file with it).")
    return [used, *found[others]]


def token(name: str, sign: str = "[A-Za-z0-9_-]") -> str:
    """A secret of 24 or more random signs that others send to us, or nothing; `sign`: what one of them looks like."""
    value = secret(name)
    if not re.fullmatch(f"({sign}{{24,}})?", value):
        raise UnusableSetting(name, f"24 or more random Latin letters, digits, - and _ (or {name}_FILE).")
    return value


def basic(name: str) -> str:
    """What follows `Basic ` in a header: base64 as it is, or `user:password`, which is brought into it."""
    value = secret(name).removeprefix("Basic ").strip()
    return base64.b64encode(value.encode()).decode() if ":" in value else value


def switch(name: str, default: str) -> bool:
    return choice(name, ("on", "off"), default) == "on"


def choice(name: str, values: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in values:
        raise UnusableSetting(name, f"one of: {', '.join(values)}.")
    return value


def choices(name: str, values: tuple[str, ...], default: str, *, classes: bool = False) -> list[str]:
    """A comma-separated list of distinct values, at least one; with `classes`, dotted paths of classes as well."""
    chosen = _split(text(name, default))
    ours = [part for part in chosen if part in values or (classes and re.fullmatch(DOTTED_PATH, part))]
    if not chosen or len(set(chosen)) != len(chosen) or ours != chosen:
        more = " or paths such as package.module.Class" if classes else ""
        raise UnusableSetting(name, f"a comma-separated list of: {', '.join(values)}{more}, each at most once.")
    return chosen


def number(name: str, default: int, minimum: int, maximum: int) -> int:
    value = text(name, str(default))
    if not re.fullmatch("[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
        raise UnusableSetting(name, f"a whole number from {minimum} to {maximum}.")
    return int(value)


def words(name: str, default: str, each: str, takes: str) -> list[str]:
    """A comma-separated list; the regular expression `each` tells what one of them looks like, `takes` says it."""
    found = _split(text(name, default))
    if not all(re.fullmatch(each, word) for word in found):
        raise UnusableSetting(name, f"a comma-separated list of {takes}.")
    return found


def host(name: str, default: str) -> str:
    value = text(name, default)
    if not re.fullmatch(HOST + PORT, value):
        raise UnusableSetting(name, "the name of a host as browsers show it, for example portal.example.ir.")
    return value


def hosts(name: str, default: str) -> list[str]:
    """Django's ALLOWED_HOSTS: names without a port; `.example.ir` stands for a whole domain, `*` for everything."""
    each = rf"\*|\.?{HOST}|\[[0-9A-Fa-f:.]+\]"
    return words(name, default, each, "host names without scheme and port")


def path(name: str, default: str) -> str:
    """Where a part of the site lies, without a slash in front and with one behind: `desk/`."""
    value = text(name, default).strip("/")
    if not re.fullmatch("[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", value):
        raise UnusableSetting(name, "a path of Latin letters, digits, - and _, for example desk/.")
    return f"{value}/"


def route(name: str, default: str) -> str:
    """A path of somebody else's service, with a slash in front and none behind: `/api/v1/question`."""
    value = text(name, default)
    if not re.fullmatch("(/[A-Za-z0-9._~-]+)+", value):
        raise UnusableSetting(name, "a path that begins with a slash, for example /api/v1/question.")
    return value


def limit(name: str, default: str) -> list[tuple[int, int]]:
    """`count/seconds[,count/seconds…]` as pairs: at most `count` events in any `seconds` seconds."""
    parts = _split(text(name, default))
    pairs = [re.fullmatch("([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", part) for part in parts]
    if not pairs or not all(pairs):
        raise UnusableSetting(name, "count/seconds[,count/seconds…], for example 3/900,8/86400.")
    return [(int(pair[1]), int(pair[2])) for pair in pairs if pair]


def networks(name: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(part) for part in _split(text(name))]
    except ValueError:
        raise UnusableSetting(
            name, "a comma-separated list of IP addresses or networks, for example 10.0.0.0/8."
        ) from None


def database(name: str) -> dict[str, Any]:
    """A PostgreSQL connection URI as Django's settings; sockets as `postgresql://user@/name?host=/directory`."""
    takes = "the address of a PostgreSQL database, for example postgresql://user:password@host:5432/name."
    url = secret(name)
    if not url.startswith(("postgresql://", "postgres://")):
        raise UnusableSetting(name, takes)
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise UnusableSetting(name, takes) from None
    if not parts.get("dbname") or not re.fullmatch("([0-9]{1,5})?", str(parts.get("port") or "")):
        raise UnusableSetting(name, takes)
    own = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {key: str(parts.pop(part, "") or "") for part, key in own.items()}
    return settings | {"ENGINE": "infra.postgresql", "OPTIONS": dict(parts)}


def redis(name: str) -> str:
    """The address of a Redis server as redis-py spells it."""
    value = secret(name)
    try:
        parts = parse_url(value)  # type: ignore[no-untyped-call]
    except (ValueError, AttributeError):  # the latter for a database number without digits
        parts = {}
    if not (parts.get("host") or parts.get("path")):
        raise UnusableSetting(name, "the address of a Redis server, for example redis://:password@host:6379/0.")
    return value


def broker(redis_url: str) -> str:
    """The same Redis as Celery spells it: on a Unix socket kombu knows neither `unix://` nor `db=` nor `password=`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    parts = parse_url(redis_url)  # type: ignore[no-untyped-call]
    who = ":".join(quote(str(parts.get(part) or ""), safe="") for part in ("username", "password"))
    return f"redis+socket://{who}@{quote(str(parts['path']))}?virtual_host={parts.get('db') or 0}"


def url(name: str, default: str) -> str:
    """A service's address, without a slash at the end.

    `http` counts only for this machine itself, where nobody listens in between. Nothing but scheme, host, port and
    path: a user's name or a query would end up in logs.
    """
    value = text(name, default).rstrip("/")
    parts = _parts(value)
    if parts is None:
        raise UnusableSetting(
            name, "an address such as https://host/path (http:// for this machine only), nothing after it."
        )
    return value


def _parts(value: str) -> tuple[str, str] | None:
    """Scheme and host of an address that `url` accepts."""
    if not re.fullmatch("[!-~]+", value) or set(value) & set("?#@\\"):
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    host = parts.hostname or ""
    if not re.fullmatch(rf"({HOST}|\[[0-9A-Fa-f:.]+\]){PORT}", parts.netloc):
        return None
    return (parts.scheme, host) if parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK) else None


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
