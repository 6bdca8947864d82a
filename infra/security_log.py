"""Lines by which an attack can be followed: limits, passwords, codes, sign-ins, second factors, recovery, changes.

A line is `event key=value …`. It names no person and no address: `account` and `address` are keyed fingerprints, the
same for the same national code and client IP, and tell nothing without their key (`manage.py fingerprint` makes one
for an operator who looks for somebody). All lines of one request to the portal carry the same request id.
(docs/operations.md, what the log says.)
"""

import hmac
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from infra import keys

log = logging.getLogger(__name__)

KEY = keys.Purpose(keys.FINGERPRINTS, b"tamin-portal log fingerprint")

NO_REQUEST = "-"
_VALUE = re.compile("[a-z0-9._-]*", re.ASCII)
_ID = re.compile("[0-9a-f]{16}", re.ASCII)


@dataclass
class _Visit:
    """One request to the portal. `client_ip`: of infra.limits.client_ip_key. `area`: which part of the portal."""

    request_id: str
    client_ip: str
    area: str
    national_code: str = ""


_visit: ContextVar[_Visit | None] = ContextVar("visit", default=None)
_carried: ContextVar[str] = ContextVar("carried", default=NO_REQUEST)  # to a worker, with the message that woke it


@contextmanager
def visit(client_ip: str, area: str) -> Iterator[str]:
    """While a request is answered; gives its id, 16 random hexadecimal digits."""
    request_id = secrets.token_hex(8)
    before = _visit.set(_Visit(request_id, client_ip, area))
    try:
        yield request_id
    finally:
        _visit.reset(before)


def request_id() -> str:
    """The id of the request that is being answered, or that woke this worker's task; "-" where there is none."""
    present = _visit.get()
    return present.request_id if present else _carried.get()


def carry(told: object) -> None:
    """What this thread does from now on belongs to the request with this id; anything but an id of ours: to none."""
    _carried.set(told if isinstance(told, str) and _ID.fullmatch(told) else NO_REQUEST)


def concerns(national_code: str) -> None:
    """The request that is being answered is about the account with this national code, whether there is one or not."""
    if present := _visit.get():
        present.national_code = national_code


def tell(event: str, *, national_code: str = "", **facts: str | int) -> None:
    """Write one line. Names and values of `facts` are words of ours: small Latin letters, digits, `.`, `_` and `-`.

    `national_code` is the account's; left out, that of `concerns`.
    """
    present = _visit.get()
    told: dict[str, str | int] = {}
    if present:
        told = {"area": present.area, "address": fingerprint("address", present.client_ip)}
    if about := national_code or (present.national_code if present else ""):
        told["account"] = fingerprint("account", about)
    values = {name: str(value) for name, value in {**facts, **told}.items()}
    if odd := [name for name, value in values.items() if not _VALUE.fullmatch(value)]:
        raise ValueError(f"{event}: {', '.join(odd)} is no word of ours")  # the value may be somebody's
    log.info("%s %s", event, " ".join(f"{name}={value}" for name, value in values.items()))


def fingerprint(kind: str, value: str) -> str:
    """16 hexadecimal digits, by a key of their own: nobody finds the value by trying all of them without it."""
    return hmac.digest(KEY.ring()[0], f"{kind}\0{value}".encode(), "sha256").hex()[:16]
