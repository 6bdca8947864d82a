"""Closing an account, for a death or because its owner wishes it, and opening it again when that was a mistake.

What protected it, the e-mail and the city go at once: nobody signs in with it any more. Identity, mobile and events
stay, as those of requests do (docs/operations.md, how long rows live).
"""

from copy import copy

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Now

from accounts import protection
from accounts.errands.errand import CLOSED, LOCKED, OPEN, Errand, on
from accounts.models import AccountEvent, Device, User
from accounts.notices import tell, tell_by_email

Kind = AccountEvent.Kind
NOTHING = {"answers_hash": "", "email": "", "country": "", "city": ""}
NOTHING_ASKED = dict.fromkeys(("question_1", "question_2", "question_3"))


def close_for_death(account_id: int, errand: Errand) -> None:
    """Nobody is told: the telephone may be a mourner's. Raises NotPossible, ChangedMeanwhile."""
    with on(account_id, errand, {OPEN, LOCKED}) as user:
        _close(user, errand)


def close_by_wish(account_id: int, errand: Errand) -> None:
    """The owner is told at the number and the e-mail of before. Raises NotPossible, ChangedMeanwhile."""
    with on(account_id, errand, {OPEN, LOCKED}) as user:
        before = copy(user)
        _close(user, errand)
        tell(before, "account_closed")
    tell_by_email(before, "account_closed")


def _close(user: User, errand: Errand) -> None:
    gone = {**NOTHING, **NOTHING_ASKED, "password": make_password(None)}
    protection.overrule(user, is_active=False, closed_at=Now(), **gone)
    Device.objects.filter(user=user).delete()
    errand.note(user, Kind.CLOSED)


def reopen(account_id: int, errand: Errand) -> None:
    """Without a password: its owner gets one by a recovery that the branch starts. Raises NotPossible,
    ChangedMeanwhile.
    """
    with on(account_id, errand, {CLOSED}) as user:
        protection.overrule(user, is_active=True, closed_at=None)
        tell(user, "account_reopened")
        errand.note(user, Kind.REOPENED)
