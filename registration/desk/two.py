"""Who may activate a request alone, and what is asked of the first and of the second of two persons."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import User
from registration.lifecycle import decisions, documents
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest

CONFIRM = "registration.confirm_registrationrequest"


class NotYours(Exception):  # noqa: N818  a state of affairs, not a fault
    """This person cannot give the word that is missing; the text says why."""


class Two(NamedTuple):
    """Where a request that needs two persons stands, for one who looks at it.

    `first`: who gave the first word, "" for nobody; `told`: which documents they named. `may`: whether this person can
    give the word that is missing.
    """

    first: str
    told: str
    may: bool


def state(request: RegistrationRequest, clerk: User) -> Two | None:
    """None for a request that one person may activate."""
    if not documents.needs_two(request):
        return None
    first = documents.first_word(request)
    if first is None:
        return Two("", "", may=True)
    by = first.actor.get_full_name() if first.actor else ""
    return Two(by, first.words, may=first.actor_id != clerk.pk and clerk.has_perm(CONFIRM))


def activate(request: RegistrationRequest, *, by: User, client_ip: str, seen: Seen, words: str) -> str:
    """Carry out what activating means for this request and this person now; what to tell them.

    Raises NotYours, registration.lifecycle.decisions.AlreadyDecided; documents.ChangedMeanwhile, too, when the request
    asks for more or for another word by now than `request`, `seen` was enough for.
    """
    two = state(request, by)
    try:
        return _activate(request, two, by=by, client_ip=client_ip, seen=seen, words=words)
    except (documents.NotSeen, documents.TwoNeeded):
        raise documents.ChangedMeanwhile from None


def _activate(
    request: RegistrationRequest, two: Two | None, *, by: User, client_ip: str, seen: Seen, words: str
) -> str:
    if two is None:
        decisions.activate(request.pk, by=by, client_ip=client_ip, seen=seen, words=words)
        return _("The account is active; the citizen gets a text message")
    if not two.first:
        try:
            decisions.give_first_word(request.pk, by=by, client_ip=client_ip, seen=seen, words=words)
        except documents.OtherFirst:
            raise NotYours(_("A colleague gave the first word a moment ago. Look at the record anew.")) from None
        except ValueError:  # one word is enough by now
            raise documents.ChangedMeanwhile from None
        return _("Your word is kept. The request now waits for the second person.")
    not_yours = NotYours(_("The second word is a supervisor’s who did not give the first one."))
    if not two.may:
        raise not_yours
    try:
        decisions.give_second_word(request.pk, by=by, client_ip=client_ip, seen=seen, words=words)
    except documents.TwoNeeded:
        raise not_yours from None
    return _("The account is active; the citizen gets a text message")
