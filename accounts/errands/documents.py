"""A clerk has compared identity documents with an account: services that ask for such a check accept it from now on."""

from accounts.errands.errand import OPEN, Errand, NotPossible, on
from accounts.models import AccountEvent, User
from accounts.notices import tell

BRANCH = User.IdentityCheck.BRANCH


def see(account_id: int, errand: Errand) -> None:
    """Once: raises NotPossible where the identity was checked at a branch before; ChangedMeanwhile."""
    with on(account_id, errand, {OPEN}) as user:
        if user.identity_check == BRANCH:
            raise NotPossible
        user.identity_check = BRANCH
        user.save(update_fields=["identity_check"])
        tell(user, "identity_seen")
        errand.note(user, AccountEvent.Kind.IDENTITY_SEEN)
