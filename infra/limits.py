"""What a limit says when it is reached, and what counts as one client."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from infra import security_log

P = ParamSpec("P")
T = TypeVar("T")


class LimitReached(Exception):  # noqa: N818  a state of affairs, not a fault
    """A limit was reached. `retry_after` in seconds; `busy`: by all visitors together, not by this one.

    That it came to this is a line of the security log, wherever the limit is answered.
    """

    def __init__(self, rule: str, retry_after: int, *, busy: bool = False) -> None:
        super().__init__(rule)
        self.rule, self.retry_after, self.busy = rule, retry_after, busy
        security_log.tell("limit", rule=rule, wait=retry_after)


def returns_limit(act: Callable[P, T]) -> Callable[P, T | LimitReached]:
    """`act`, but a limit that is reached is returned instead of raised: pages have one shape to handle it in."""

    @wraps(act)
    def returning(*args: P.args, **kwargs: P.kwargs) -> T | LimitReached:
        try:
            return act(*args, **kwargs)
        except LimitReached as limit:
            return limit

    return returning


def client_ip_key(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the /64 network of an IPv6 address."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def wide_network(address: str) -> str:
    """The wider network that is counted too: /24 of IPv4, /48 of IPv6, which a provider gives to one customer."""
    key = ipaddress.ip_address(client_ip_key(address))
    return str(ipaddress.ip_network((key, 24 if key.version == 4 else 48), strict=False).network_address)


def client_ip_network(address: str) -> str:
    """What the record of an event keeps of an address: the /24 network of IPv4, the /64 network of IPv6."""
    key = client_ip_key(address)
    return key if ":" in key else str(ipaddress.ip_network((key, 24), strict=False).network_address)
