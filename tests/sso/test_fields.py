"""Which addresses and which sets of keys a service may have."""

import warnings
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from sso.desk.rules import is_address, is_key_set

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["https://a.example/*", "https://a.example/\n", "https://a.example/ ", "ftp://a.example/", "https:///x", "https://[",
     "https://a.example:port/", "https://a.example/x/../y", "https://کد.example/", "https://a.example/" + "x" * 300],
)  # fmt: skip
def test_odd_addresses(address: str) -> None:
    assert not is_address(address)


def test_addresses_of_this_machine_only_in_a_trial(settings: Any) -> None:
    assert is_address("http://localhost:8000/back")
    settings.SSO_TRIAL = False
    assert not is_address("http://localhost:8000/back")
    assert is_address("https://service.example/back?x=1")


def test_key_sets_hold_public_keys_that_are_strong() -> None:
    strong, curve = RSAKey.generate_key(2048), ECKey.generate_key("P-384")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        short = RSAKey.generate_key(1024)
        assert not is_key_set({"keys": [short.as_dict(private=False)]})
    assert is_key_set({"keys": [strong.as_dict(private=False), ECKey.generate_key("P-256").as_dict(private=False)]})
    keys: list[Any] = [strong.as_dict(private=True), curve.as_dict(private=False), {}, 1]
    sets: list[Any] = [[], {}, {"keys": {}}, None, "x"]
    for odd in [*({"keys": [key]} for key in keys), *sets]:
        assert not is_key_set(odd)
