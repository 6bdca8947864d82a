"""Tracking codes: random, and with a check digit that notices the usual slips of the pen."""

import re
import secrets

import pytest

from registration.lifecycle import tracking_code


def test_a_code_is_twelve_ascii_digits_that_agree_with_one_another() -> None:
    codes = {tracking_code.new() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(re.fullmatch("[0-9]{12}", code) for code in codes)
    assert all(tracking_code.is_well_formed(code) for code in codes)


def test_zeros_at_the_beginning_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: 7)
    assert tracking_code.new().startswith("00000000007")
    assert len(tracking_code.new()) == 12


@pytest.mark.parametrize("number", ["07945", "69435151530", "86095742719"])
def test_the_check_digit_is_that_of_the_standard(number: str) -> None:
    """ISO/IEC 7064, MOD 11,10: its own example, a Croatian OIB, a German tax number."""
    assert str(tracking_code._check_digit(number[:-1])) == number[-1]


def test_every_wrong_digit_is_noticed_and_nearly_every_exchange_of_neighbours() -> None:
    exchanged = noticed = 0
    for code in (tracking_code.new() for _ in range(50)):
        for place, digit in enumerate(code):
            for other in "0123456789".replace(digit, ""):
                assert not tracking_code.is_well_formed(code[:place] + other + code[place + 1 :])
        for place in range(11):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            if swapped != code:
                exchanged += 1
                noticed += not tracking_code.is_well_formed(swapped)
    assert noticed / exchanged > 0.9


@pytest.mark.parametrize(
    "code", ["", "1", "12345678901", "1234567890123", "۱۲۳۴۵۶۷۸۹۰۱۲", "12345678901a", " " * 12, "²" * 12]
)
def test_other_texts_are_no_codes(code: str) -> None:
    assert not tracking_code.is_well_formed(code)
