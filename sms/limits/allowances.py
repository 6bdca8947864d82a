"""What somebody has shown before a code is sent for a purpose: the allowance that the code takes from.

What a stranger can spend, having shown nothing, never uses up what a right password or a signed-in session may spend
(docs/decisions/0019).
"""

from enum import IntEnum

from sms.models import OtpChallenge

Purpose = OtpChallenge.Purpose


class Shown(IntEnum):
    """The classes of docs/contract.md, limits."""

    NOTHING = 0
    PASSWORD = 1
    SESSION = 2
    STAFF = 3


SHOWN: dict[str, Shown] = {
    Purpose.REGISTRATION: Shown.NOTHING,
    Purpose.RECOVERY: Shown.NOTHING,
    Purpose.DEVICE: Shown.PASSWORD,
    Purpose.MOBILE_CHANGE: Shown.SESSION,
    Purpose.REAUTHENTICATION: Shown.SESSION,
    Purpose.DESK: Shown.STAFF,
}
# The visitor types these mobiles. All others are an account's, shown to be its owner's when it was opened.
TYPED = frozenset({Purpose.REGISTRATION, Purpose.MOBILE_CHANGE})


def together(purpose: str) -> frozenset[str]:
    """The purposes whose codes take from one allowance, `purpose` among them."""
    return frozenset(other for other, shown in SHOWN.items() if shown is SHOWN[purpose])


def visible(purpose: str) -> frozenset[str]:
    """The purposes whose codes may make a visitor with `purpose` wait in so many words.

    Without a password that is the purpose alone. Else who recovers a national code, and then begins a registration with
    some mobile, would learn by the wait that the one belongs to the other.
    """
    return frozenset({purpose}) if SHOWN[purpose] is Shown.NOTHING else together(purpose)
