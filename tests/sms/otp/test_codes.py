import hashlib
import hmac
from collections import Counter

import pytest
from pytest_django import Settings

from sms.otp import codes

NONCE = bytes(range(16))


def test_known_answer_computed_by_hand(settings: Settings) -> None:
    settings.SECRET_KEY = "k" * 50

    # RFC 4226 §5.3 with SHA-256, written out: last nibble → offset → 31 bits → six decimal digits.
    key = hmac.new(b"k" * 50, b"tamin-portal one-time code", hashlib.sha256).digest()
    mac = hmac.new(key, b"registration\x00" + NONCE, hashlib.sha256).hexdigest()
    offset = 2 * int(mac[-1], 16)
    number = int(mac[offset : offset + 8], 16) % 2**31

    assert codes.derive("registration", NONCE) == str(number)[-6:].rjust(6, "0")
    # … and frozen, worked out with `openssl dgst`: a change of derivation kills every code that is on its way.
    assert codes.derive("registration", NONCE) == "461766"


def test_codes_are_six_ascii_digits_with_leading_zeros_and_evenly_spread() -> None:
    derived = [codes.derive("registration", number.to_bytes(16, "big")) for number in range(2000)]

    assert all(len(code) == 6 and set(code) <= set("0123456789") for code in derived)
    assert any(code.startswith("0") for code in derived)
    for position in range(6):
        seen = Counter(code[position] for code in derived)
        chi_square = sum((seen[digit] - 200) ** 2 / 200 for digit in "0123456789")
        assert chi_square < 27.9  # p = 0.001 at 9 degrees of freedom; the nonces are fixed, so this never wavers


def test_nonces_are_128_random_bits() -> None:
    nonces = {codes.new_nonce() for _ in range(1000)}

    assert len(nonces) == 1000
    assert {len(nonce) for nonce in nonces} == {16}


def test_purpose_nonce_and_key_each_change_the_code(settings: Settings) -> None:
    nonces = [number.to_bytes(16, "big") for number in range(20)]

    def derived(purpose: str) -> list[str]:
        return [codes.derive(purpose, nonce) for nonce in nonces]

    registration, recovery = derived("registration"), derived("recovery")
    settings.SECRET_KEY = "another-secret-key-of-at-least-fifty-characters-length"
    other_key = derived("registration")

    assert len(set(registration)) == 20
    for one, other in ((registration, recovery), (registration, other_key)):
        assert not any(a == b for a, b in zip(one, other, strict=True))


def test_purpose_and_nonce_cannot_flow_into_each_other() -> None:
    assert codes.derive("desk", b"x" + NONCE) != codes.derive("deskx", NONCE)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "۱۲۳۴۵۶", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_does_not_match(typed: str) -> None:
    assert not codes.matches(typed, "registration", NONCE)


def test_only_the_right_code_of_the_right_purpose_matches() -> None:
    right = codes.derive("registration", NONCE)
    wrong = f"{(int(right) + 1) % 10**6:06}"

    assert codes.matches(right, "registration", NONCE)
    assert not codes.matches(wrong, "registration", NONCE)
    assert not codes.matches(right, "recovery", NONCE)
