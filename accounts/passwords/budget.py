"""How many hashes one draft, recovery, account or address may ask for, so that nobody fills the lane again and again.

Counted before the hash is made. (docs/contract.md, limits.)
"""

from django.conf import settings

from infra import throttle
from infra.limits import client_ip_key

RULE, BY_ADDRESS = "hashes", "hashes-ip"


def limit(whose: str) -> throttle.Limit:
    """`whose`: a kind and an id, as in `draft 17`."""
    return throttle.Limit(RULE, whose, settings.LIMIT_HASHES)


def count(whose: str, client_ip: str, hashes: int = 1) -> None:
    """Count so many hashes before they are made. Raises infra.limits.LimitReached."""
    address = throttle.Limit(BY_ADDRESS, client_ip_key(client_ip), settings.LIMIT_HASHES_PER_IP)
    throttle.hit_all(limit(whose), address, events=hashes)
