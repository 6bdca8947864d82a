"""What all errands have in common: whose account it is, that nobody was faster, and what is refused to everybody."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from accounts import events
from accounts.errands import scope
from accounts.models import AccountEvent, StaffEnrolment, User


class NotPossible(Exception):  # noqa: N818  a state of affairs, not a fault
    """The account is not in a state that allows this, or it is none that the desk looks after."""


class ChangedMeanwhile(Exception):  # noqa: N818
    """What protects the account is not what it was when its page was read: somebody was faster."""


@dataclass(frozen=True)
class Errand:
    """Who does it, from where, and why. `words` is the reason, and which documents were seen, for the record.

    `version`: the account's security_version on the page that was read.
    """

    by: User
    client_ip: str
    words: str
    version: int

    def note(self, user: User, kind: AccountEvent.Kind, changes: dict[str, list[str]] | None = None) -> AccountEvent:
        return events.note(user, kind, by=self.by, client_ip=self.client_ip, words=self.words, changes=changes)


def looked_after(user: User) -> bool:
    """Whether the desk does errands for this account: a citizen's that was once active. Staff are no citizens here, nor
    are those who are invited: an errand and the code together would be the whole account (docs/decisions/0042).
    """
    return user.activated_at is not None and not user.is_staff and not invited(user.pk)


def invited(account_id: int) -> bool:
    """Whether somebody holds a code by which this person becomes a member of the staff."""
    return StaffEnrolment.objects.filter(user=account_id, expires_at__gt=Now()).exists()


@contextmanager
def on(account_id: int, errand: Errand, states: Collection[str]) -> Iterator[User]:
    """The account, kept from others until the transaction ends, which is that of the body.

    Raises NotPossible unless its state is one of `states`; ChangedMeanwhile; scope.Elsewhere; ValueError without a
    reason.
    """
    if not errand.words.strip():
        raise ValueError("nothing is done with an account without a reason")
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=account_id)
        scope.refuse_elsewhere(user, errand.by)
        if user.security_version != errand.version:
            raise ChangedMeanwhile
        if not looked_after(user) or state(user) not in states:
            raise NotPossible
        yield user


OPEN, LOCKED, CLOSED = "open", "locked", "closed"


def state(user: User) -> str:
    """OPEN, LOCKED or CLOSED, of an account that was once active."""
    if user.closed_at:
        return CLOSED
    return OPEN if user.is_active else LOCKED
