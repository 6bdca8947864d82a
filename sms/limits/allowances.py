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
    SESSION_OWN_MOBILE = 3
    STAFF = 4
    TRACKING_CODE = 5


SHOWN: dict[str, Shown] = {
    Purpose.REGISTRATION: Shown.NOTHING,
    Purpose.RECOVERY: Shown.NOTHING,
    Purpose.DEVICE: Shown.PASSWORD,
    Purpose.MOBILE_CHANGE: Shown.SESSION,
    Purpose.REAUTHENTICATION: Shown.SESSION_OWN_MOBILE,
    Purpose.REQUEST: Shown.TRACKING_CODE,
    Purpose.DESK: Shown.STAFF,
    Purpose.CALLER: Shown.STAFF,
}
# The visitor types these mobiles. All others are an account's or a request's, shown to be its owner's before.
TYPED = frozenset({Purpose.REGISTRATION, Purpose.MOBILE_CHANGE})
# Their texts go to mobiles that may be anybody's: typed, or of an account whose national code is typed.
TO_ANYBODY = TYPED | {Purpose.RECOVERY}


def together(purpose: str) -> frozenset[str]:
    """The purposes whose codes take from one allowance, `purpose` among them."""
    return frozenset(other for other, shown in SHOWN.items() if shown is SHOWN[purpose])


def told_by(purpose: str) -> tuple[str, ...]:
    """What two codes of this purpose have in common if the one may make who asks for the other wait in so many words.

    Codes of other purposes never may. Else who recovers a national code, and then begins a registration with some
    mobile, would learn by the wait that the one belongs to the other. For the same reason recoveries count by the
    national code, and a change of mobile by the account as well: what others sent to the mobile is not told.
    """
    if purpose == Purpose.RECOVERY:
        return ("national_code",)
    return ("mobile", "national_code") if purpose == Purpose.MOBILE_CHANGE else ("mobile",)
