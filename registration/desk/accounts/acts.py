"""The errands that take one page at the desk: what each is called, asks and tells, and who does it. One table."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.errands import alone, callers, closing, codes, documents, identity, locking, recovering
from accounts.errands.errand import CLOSED, LOCKED, OPEN, Errand, looked_after, state
from accounts.models import AccountEvent, User
from registration.desk.forms import Reasons
from registration.desk.record import Text

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SERVE, REOPEN, CONFIRM = "accounts.serve_user", "accounts.reopen_user", "accounts.confirm_user"
Kind = AccountEvent.Kind
IN_PERSON: Reasons = [
    ("owner", _("The owner is here and asks for it")),
    ("trustee", _("A representative with a power of attorney asks for it")),
]


class Act(NamedTuple):
    """`name` ends its address. `states`: of accounts for which it is offered; `documents`: are asked."""

    name: str
    title: Text
    says: Text
    button: Text
    done: Text
    reasons: Reasons
    states: frozenset[str]
    do: Callable[[int, Errand], None]
    documents: bool = False
    permission: str = SERVE
    is_grave: bool = False


ACTS = (
    Act(
        "recovery",
        _("Start a recovery without answers"),
        _(
            "For 24 hours the owner recovers the password on an own device with the code to the account’s mobile, "
            "and chooses new security questions. If the mobile is lost, change it first."
        ),
        _("Start and send a text message"),
        _("The recovery is started; the owner gets a text message that says where to go on"),
        [("answers", _("The owner does not remember the answers")), *IN_PERSON],
        frozenset({OPEN}),
        recovering.start_recovery,
        documents=True,
    ),
    Act(
        "documents",
        _("Note that the identity was checked by documents"),
        _(
            "Some services accept only accounts whose identity was checked at a branch. Compare name, national code, "
            "birth date and photograph with the person; if anything differs, do not note it. The owner gets a text "
            "message."
        ),
        _("Note and send a text message"),
        _("The check is noted; the owner gets a text message"),
        [("service", _("A service asks the owner for it")), ("owner", _("The owner is here and asks for it"))],
        frozenset({OPEN}),
        documents.see,
        documents=True,
    ),
    Act(
        "lock",
        _("Lock the account"),
        _(
            "Nobody signs in or recovers the password until the account is unlocked at a branch. Sessions end, devices "
            "are forgotten, and the owner gets a text message."
        ),
        _("Lock and send a text message"),
        _("The account is locked; the owner gets a text message"),
        [
            ("lost", _("The owner has lost the telephone, or it was stolen")),
            ("stranger", _("The owner says that somebody else is in the account")),
            ("order", _("Order of a court or of the organization")),
        ],
        frozenset({OPEN}),
        locking.lock,
        is_grave=True,
    ),
    Act(
        "unlock",
        _("Unlock the account"),
        _("The owner signs in with the password of before, and gets a text message."),
        _("Unlock and send a text message"),
        _("The account is unlocked; the owner gets a text message"),
        [*IN_PERSON, ("order", _("The order ended"))],
        frozenset({LOCKED}),
        locking.unlock,
        documents=True,
    ),
    Act(
        "sessions",
        _("End all sessions and forget all devices"),
        _("Wherever somebody is signed in, they are signed out. The next sign-in takes the password and a code."),
        _("End and send a text message"),
        _("All sessions are ended; the owner gets a text message"),
        [
            ("left", _("The owner stayed signed in on somebody else’s device")),
            ("lost", _("The owner has lost a device, or it was stolen")),
            ("stranger", _("The owner says that somebody else is in the account")),
        ],
        frozenset({OPEN, LOCKED}),
        locking.end_sessions,
    ),
    Act(
        "close",
        _("Close the account as its owner wishes"),
        _(
            "Password, questions, e-mail and devices are deleted; identity, mobile and history stay. The person cannot "
            "register again, but a supervisor can open the account again. The owner gets a text message."
        ),
        _("Close and send a text message"),
        _("The account is closed; the owner gets a text message"),
        IN_PERSON,
        frozenset({OPEN, LOCKED}),
        closing.close_by_wish,
        documents=True,
        is_grave=True,
    ),
    Act(
        "death",
        _("Close the account of somebody who died"),
        _(
            "Password, questions, e-mail and devices are deleted; identity, mobile and history stay. A supervisor can "
            "open the account again. No text message is sent."
        ),
        _("Close"),
        _("The account is closed"),
        [
            ("certificate", _("The death is certified by the civil registration office")),
            ("heirs", _("The heirs have brought the certificate of death")),
        ],
        frozenset({OPEN, LOCKED}),
        closing.close_for_death,
        documents=True,
        is_grave=True,
    ),
    Act(
        "reopen",
        _("Open the account again"),
        _("It has no password: start a recovery without answers afterwards. The owner gets a text message."),
        _("Open and send a text message"),
        _("The account is open again; the owner gets a text message"),
        [("mistake", _("It was closed by mistake")), *IN_PERSON],
        frozenset({CLOSED}),
        closing.reopen,
        documents=True,
        permission=REOPEN,
    ),
)


CALLER, MOBILE, IDENTITY = _("Verify a caller"), _("Change the mobile"), _("Change the identity after a legal change")
# What is offered on the record: the name of its address, its title, the permission, the states.
OFFERED: tuple[tuple[str, Text, str, frozenset[str]], ...] = (
    ("caller", CALLER, SERVE, callers.STATES),
    ("mobile", MOBILE, SERVE, codes.MOBILE_STATES),
    ("identity", IDENTITY, SERVE, identity.STATES),
    *((act.name, act.title, act.permission, act.states) for act in ACTS),
)
APART = {"mobile": Kind.MOBILE_CHANGED, "recovery": Kind.RECOVERY_STARTED}
WHY_NOT: dict[str, "StrPromise"] = {
    Kind.MOBILE_CHANGED: _("You changed the mobile of this account lately: a colleague must start the recovery."),
    Kind.RECOVERY_STARTED: _("You started a recovery of this account lately: a colleague must change the mobile."),
    Kind.IDENTITY_ENTERED: _("You entered this change: a supervisor other than you confirms it."),
}


class Offer(NamedTuple):
    """`why_not`: why this person must leave it to a colleague; empty where they need not."""

    name: str
    title: Text
    why_not: Text


def offered(staff: User, user: User) -> list[Offer]:
    """What somebody may do for this account now."""
    if not looked_after(user):
        return []
    waits = identity.waiting(user) is not None
    return [
        Offer(name, title, _why_not(staff, user, name))
        for name, title, permission, states in OFFERED
        if _offers(staff, permission, states, user) and not (name == "identity" and waits)
    ]


def _why_not(staff: User, user: User, name: str) -> Text:
    other = alone.other_half(user, staff, APART[name]) if name in APART else None
    return WHY_NOT[other.kind] if other else ""


def may(staff: User, permission: str, states: frozenset[str], user: User) -> bool:
    """Whether somebody with `permission` may do for this account now what is offered in `states`."""
    return looked_after(user) and _offers(staff, permission, states, user)


def _offers(staff: User, permission: str, states: frozenset[str], user: User) -> bool:
    return state(user) in states and staff.has_perm(permission)
