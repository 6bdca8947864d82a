"""What nobody does alone: one person who changes an account's mobile and starts its recovery would have the account.

Each of the two is an ordinary errand, and both together are one for somebody who has lost the SIM and forgotten
everything. So the second one is a colleague's, of any branch, for ACCOUNT_TWO_PERSONS_DAYS.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from accounts.errands.errand import NotPossible
from accounts.models import AccountEvent, User

Kind = AccountEvent.Kind
# What is to be done → what the same person must not have done.
APART = {Kind.RECOVERY_STARTED: Kind.MOBILE_CHANGED, Kind.MOBILE_CHANGED: Kind.RECOVERY_STARTED}


class ColleagueNeeded(NotPossible):
    """Somebody else must do this. `done`: what this person did to the account, or entered."""

    def __init__(self, done: str) -> None:
        super().__init__("not alone")
        self.done = done


def other_half(user: User, by: User, kind: AccountEvent.Kind) -> AccountEvent | None:
    """Why `by` may not do this: the newest event of what they did lately. None: they may."""
    lately = Now() - timedelta(days=settings.ACCOUNT_TWO_PERSONS_DAYS)
    done = AccountEvent.objects.filter(account=user.pk, actor=by, kind=APART[kind], at__gt=lately)
    return done.order_by("-pk").first()


def refuse_alone(user: User, by: User, kind: AccountEvent.Kind) -> None:
    """Raises ColleagueNeeded. The caller has locked the account's row."""
    if event := other_half(user, by, kind):
        raise ColleagueNeeded(event.kind)
