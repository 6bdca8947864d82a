"""Tracking codes: eleven random digits and a check digit (ISO/IEC 7064, MOD 11,10) that notices a slip of the pen."""

import secrets

LENGTH = 12


def new() -> str:
    """A tracking code; whether it is free, the unique column says."""
    return of(secrets.randbelow(10**11))


def of(number: int) -> str:
    """The tracking code that begins with these eleven digits."""
    eleven = f"{number:011}"
    return eleven + str(_check_digit(eleven))


def is_well_formed(code: str) -> bool:
    """Twelve ASCII digits whose last one agrees with the others."""
    if len(code) != LENGTH or not (code.isascii() and code.isdecimal()):
        return False
    return int(code[-1]) == _check_digit(code[:-1])


def _check_digit(digits: str) -> int:
    product = 10
    for digit in digits:
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return (11 - product) % 10
