"""Locking an account, unlocking it, ending its sessions: what the desk does when somebody else may be in it."""

from accounts import protection
from accounts.errands.errand import LOCKED, OPEN, Errand, on
from accounts.models import AccountEvent, Device
from accounts.notices import tell

Kind = AccountEvent.Kind


def lock(account_id: int, errand: Errand) -> None:
    """Nobody signs in, recovers or goes on with anything until it is unlocked. Devices are forgotten, the owner told.

    Raises NotPossible, ChangedMeanwhile.
    """
    with on(account_id, errand, {OPEN}) as user:
        protection.overrule(user, is_active=False)
        Device.objects.filter(user=user).delete()
        tell(user, "account_locked")
        errand.note(user, Kind.LOCKED)


def unlock(account_id: int, errand: Errand) -> None:
    """With the password of before. Raises NotPossible, ChangedMeanwhile."""
    with on(account_id, errand, {LOCKED}) as user:
        protection.overrule(user, is_active=True)
        tell(user, "account_unlocked")
        errand.note(user, Kind.UNLOCKED)


def end_sessions(account_id: int, errand: Errand) -> None:
    """All of them, and every device is forgotten: the next sign-in takes a code.

    Raises NotPossible, ChangedMeanwhile.
    """
    with on(account_id, errand, {OPEN, LOCKED}) as user:
        protection.overrule(user)
        Device.objects.filter(user=user).delete()
        tell(user, "sessions_ended")
        errand.note(user, Kind.SESSIONS_ENDED)
