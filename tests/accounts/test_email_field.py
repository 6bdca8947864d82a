"""An e-mail address is what its owner sees, and leads where he reads that it does."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.email_field import EmailField

FIELD = EmailField()
UNSEEN = [
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\u00ad", "\ufeff", "\u2060", "\u180e"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"),  # bidi
    *("\u034f", "\u115f", "\u3164", "\uffa0", "\u2800", "\ufe0f", "\u00a0", "\u3000", "\u2028", "\U000e0001"),
    *("\x00", "\x01", "\x08", "\t", "\n", "\x1b", "\x7f", "\x85", "\x9f"),
]
# What IDNA 2003, by which mail is sent, and IDNA 2008, by which domains are registered, take for different hosts.
ELSEWHERE = [
    "a@stra\u00dfe.de",
    "a@\u03c0\u03b1\u03bb\u03b1\u03b9\u03cc\u03c2.gr",
    "a@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.ir",
]


def refused(address: str) -> bool:
    try:
        FIELD.clean(address)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize(
    "address", ["na{}me@example.com", "name@exa{}mple.com", "name@example.c{}om", '"a{}b"@example.com']
)
def test_no_sign_that_nobody_sees(address: str) -> None:
    assert [sign for sign in UNSEEN if not refused(address.format(sign))] == []


def test_marks_around_an_address_are_refused_with_words_of_their_own() -> None:
    """They come with what is pasted from a chat: who sees no mistake must be told what to do."""
    for sign in ("\u200e", "\u200f", "\u202a", "\u2069", "\ufeff"):
        with pytest.raises(ValidationError) as error:
            FIELD.clean(f"{sign}name@example.com")
        assert error.value.code == "unseen"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_domain_that_programs_read_in_two_ways(address: str) -> None:
    assert refused(address)


@pytest.mark.parametrize(
    "address",
    [
        "name@example.com",
        "A.B+c@Example.COM",
        "o'neil_1@mail.example.co.uk",
        "name@\u0645\u062b\u0627\u0644.\u0627\u06cc\u0631\u0627\u0646",
        "name@xn--mgba3a4f16a.example",
    ],
)
def test_usual_addresses_stay_as_they_are(address: str) -> None:
    assert FIELD.clean(f" {address} ") == address


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_accepted_has_no_sign_that_nobody_sees(name: str, domain: str) -> None:
    address = f"a{name}@{domain}b.com"
    if not refused(address):
        accepted = FIELD.clean(address)
        assert all(unicodedata.category(sign)[0] in "LMNPS" for sign in accepted)
        assert accepted.rpartition("@")[0].isascii()
