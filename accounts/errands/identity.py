"""An identity that changed by law (a new name, a new birth certificate): one person enters it, another one confirms.

Both have seen the documents. Until then the account keeps what it has; nobody confirms the own entry, which the
database refuses, too.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.errands import scope
from accounts.errands.alone import ColleagueNeeded
from accounts.errands.errand import CLOSED, LOCKED, OPEN, ChangedMeanwhile, Errand, NotPossible, on
from accounts.models import AccountEvent, IdentityChange, User
from accounts.models.changes import as_value, kept
from accounts.notices import tell, tell_by_email

Kind, State = AccountEvent.Kind, IdentityChange.State
STATES = frozenset({OPEN, LOCKED})


class NothingChanged(Exception):  # noqa: N818  a state of affairs, not a fault
    """The account has all of it already."""


class AlreadyWaiting(NotPossible):
    """A change of this account waits for its second person."""


def enter(account_id: int, errand: Errand, values: Mapping[str, Any]) -> IdentityChange:
    """The first of two persons: `values`, one for each of IDENTITY_FIELDS as a form has cleaned it.

    Raises NotPossible, AlreadyWaiting, NothingChanged, ChangedMeanwhile.
    """
    with on(account_id, errand, STATES) as user:
        if waiting(user):
            raise AlreadyWaiting
        changes = {
            name: [kept(getattr(user, name)), kept(values[name])]
            for name in User.IDENTITY_FIELDS
            if getattr(user, name) != values[name]
        }
        if not changes:
            raise NothingChanged
        event = errand.note(user, Kind.IDENTITY_ENTERED, changes)
        return IdentityChange.objects.create(account=user, changes=changes, words=event.words, entered_by=errand.by)


def confirm(account_id: int, errand: Errand, change_id: int) -> None:
    """The second person: the account gets what was entered, and its owner is told.

    Raises ColleagueNeeded of who has entered it; NotPossible, also if it waits no more; ChangedMeanwhile, also if the
    identity is not what it was then.
    """
    with on(account_id, errand, STATES) as user:
        change = _present(user, change_id)
        if change.entered_by_id == errand.by.pk:
            raise ColleagueNeeded(Kind.IDENTITY_ENTERED)
        if any(kept(getattr(user, name)) != before for name, (before, _) in change.changes.items()):
            raise ChangedMeanwhile
        values = {name: as_value(User, name, after) for name, (_, after) in change.changes.items()}
        identity = {name: getattr(user, name) for name in User.IDENTITY_FIELDS} | values
        # No registry has seen this, and where nothing is known of a check there stays nothing.
        check = {"identity_check": User.IdentityCheck.BRANCH} if user.identity_check else {}
        User.objects.filter(pk=user.pk).update(**User.with_keys(identity), **check)
        _decide(change, State.CONFIRMED, errand)
        errand.note(user, Kind.IDENTITY_CHANGED, change.changes)
        tell(user, "identity_changed")
    tell_by_email(user, "identity_changed")


def refuse(account_id: int, errand: Errand, change_id: int) -> None:
    """It does not become the account's. Whoever has entered it may take it back so, too. Raises NotPossible,
    ChangedMeanwhile.
    """
    with on(account_id, errand, {OPEN, LOCKED, CLOSED}) as user:
        _decide(_present(user, change_id), State.REFUSED, errand)
        errand.note(user, Kind.IDENTITY_REFUSED)


def waiting(user: User) -> IdentityChange | None:
    """What waits for the second person."""
    return user.identity_changes.filter(state=State.WAITING).select_related("entered_by").first()


def queue(staff: User) -> QuerySet[IdentityChange]:
    """What waits on the lists of this person, the oldest first."""
    rows = IdentityChange.objects.filter(scope.on_lists_of(staff, account="account__"), state=State.WAITING)
    return rows.filter(account__is_staff=False).order_by("entered_at", "pk")


def _present(user: User, change_id: int) -> IdentityChange:
    """The account's row is locked, so that this one is. Raises NotPossible."""
    change = user.identity_changes.filter(pk=change_id, state=State.WAITING).first()
    if change is None:
        raise NotPossible
    return change


def _decide(change: IdentityChange, state: str, errand: Errand) -> None:
    rows = IdentityChange.objects.filter(pk=change.pk, state=State.WAITING)
    rows.update(state=state, decided_by=errand.by, decided_at=Now())
