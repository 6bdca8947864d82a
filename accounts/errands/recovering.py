"""Starting a recovery for somebody who cannot answer the security questions, or has none."""

from accounts.errands import alone
from accounts.errands.errand import OPEN, Errand, NotPossible, on
from accounts.models import AccountEvent
from accounts.notices import tell


def start_recovery(account_id: int, errand: Errand) -> None:
    """For a day a recovery of the account takes the code to its mobile and no answers (accounts.recovery.permits).

    The citizen does it on an own device. Raises NotPossible, also without a mobile: it is changed first;
    alone.ColleagueNeeded of who has changed it; ChangedMeanwhile.
    """
    with on(account_id, errand, {OPEN}) as user:
        if not user.mobile:
            raise NotPossible
        alone.refuse_alone(user, errand.by, AccountEvent.Kind.RECOVERY_STARTED)
        tell(user, "recovery_started")
        errand.note(user, AccountEvent.Kind.RECOVERY_STARTED)
