"""Which accounts somebody of the staff works on: those of the province of the own branch, as with requests.

An account whose province nobody knows, or of somebody abroad, is everybody's. One from another province is opened with
a reason, which stays as an event; from then on errands can be done for it for a working day.
"""

from django.db.models import Q
from django.db.models.functions import Now

from accounts import events
from accounts.models import AccountEvent, User
from accounts.staff import provinces

EVERYWHERE = "accounts.everywhere_user"


class Elsewhere(Exception):  # noqa: N818  a state of affairs, not a fault
    """The account is of another province, and this person has given no reason to open it. `account_id`: which one."""

    def __init__(self, account_id: int) -> None:
        super().__init__("of another province")
        self.account_id = account_id


def on_lists_of(staff: User, *, account: str = "") -> Q:
    """Of accounts, or of rows that have one behind `account`, those on this person's lists."""
    own = provinces.province_of(staff, EVERYWHERE)
    return Q() if own is None else Q(**{f"{account}province__in": provinces.lists_of(own)})


def is_elsewhere(user: User, staff: User) -> bool:
    """Whether the account is of a province that is not this person's."""
    if user.province == provinces.ANYWHERE:
        return False
    return provinces.province_of(staff, EVERYWHERE) not in {None, user.province}


def refuse_elsewhere(user: User, staff: User) -> None:
    """Raises Elsewhere, unless the account is this person's or was opened with a reason within provinces.LASTS."""
    if not is_elsewhere(user, staff):
        return
    opened = AccountEvent.objects.filter(
        account=user.pk, actor=staff, kind=AccountEvent.Kind.REACHED, at__gt=Now() - provinces.LASTS
    )
    if not opened.exists():
        raise Elsewhere(user.pk)


def reach(user: User, *, by: User, client_ip: str, words: str) -> None:
    """Open an account of another province. `words` is the reason.

    Raises ValueError without one. What is this person's anyway needs none, and writes nothing.
    """
    if not words.strip():
        raise ValueError("an account of another province is opened for a reason")
    if is_elsewhere(user, by):
        events.note(user, AccountEvent.Kind.REACHED, by=by, client_ip=client_ip, words=words.strip())


def viewed(user: User, *, by: User, client_ip: str) -> None:
    """Note that somebody of the staff opened a page that names the person. Raises Elsewhere."""
    refuse_elsewhere(user, by)
    events.viewed(user, by=by, client_ip=client_ip)
