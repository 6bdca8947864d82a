"""A limit that is reached, as pages get it: returned by what they call."""

import pytest

from infra.limits import LimitReached, client_ip_network, returns_limit

LIMIT = LimitReached("sends-per-mobile", 77)


@returns_limit
def act(*, free: bool) -> str:
    """What it does."""
    if not free:
        raise LIMIT
    return "done"


def test_a_limit_is_returned_instead_of_raised() -> None:
    assert act(free=True) == "done"
    assert act(free=False) is LIMIT
    assert act.__doc__ == "What it does."


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("198.51.100.7", "198.51.100.0"),
        ("198.51.100.255", "198.51.100.0"),
        ("198.51.101.7", "198.51.101.0"),
        ("::ffff:198.51.100.7", "198.51.100.0"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_of_an_address_an_event_keeps_the_network(address: str, kept: str) -> None:
    assert client_ip_network(address) == kept
