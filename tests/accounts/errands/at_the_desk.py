"""An errand as the desk's pages hand it over, and what a test looks at afterwards."""

from typing import Any

from accounts.errands.errand import Errand
from accounts.models import AccountEvent, User
from tests.accounts.helpers import make_account

CLIENT_IP = "192.0.2.77"


def clerk(number: int = 500) -> User:
    known = User.objects.filter(mobile=f"+98997{100 + number:07}").first()
    return known or make_account(number, is_staff=True, first_name="مینا", last_name="کارگر")


def errand(user: User, words: str = "صاحب حساب حضور دارد", *, by: User | None = None, **fields: Any) -> Errand:
    """For the account as it is now."""
    version = User.objects.values_list("security_version", flat=True).get(pk=user.pk)
    return Errand(**{"by": by or clerk(), "client_ip": CLIENT_IP, "words": words, "version": version, **fields})


def kinds(user: User) -> list[str]:
    """Of what happened, oldest first."""
    return list(AccountEvent.objects.filter(account=user.pk).values_list("kind", flat=True))
