"""Which requests somebody of the staff works on: those of the province of the own branch.

A request whose province nobody knows, or of somebody abroad, is everybody's. One from another province is opened with
a reason, which stays as an event; from then on it can be worked on for a working day, as any other.
"""

from datetime import timedelta

from django.db.models.functions import Now

from accounts.models import User
from accounts.staff import provinces
from accounts.staff.provinces import ANYWHERE, LASTS
from registration.lifecycle import events
from registration.models import RegistrationRequest, RequestEvent

EVERYWHERE = "registration.everywhere_registrationrequest"
REPEATED_VIEW = timedelta(hours=1)


class Elsewhere(Exception):  # noqa: N818  a state of affairs, not a fault
    """The request is of another province, and this person has given no reason to open it. `request_id`: which one."""

    def __init__(self, request_id: int) -> None:
        super().__init__("of another province")
        self.request_id = request_id


def province_of(staff: User) -> str | None:
    """The province of somebody's branch, "" without a branch; None: all provinces are theirs."""
    return provinces.province_of(staff, EVERYWHERE)


def is_elsewhere(request: RegistrationRequest, staff: User) -> bool:
    """Whether the request is of a province that is not this person's."""
    if request.province == ANYWHERE:
        return False
    return province_of(staff) not in {None, request.province}


def refuse_elsewhere(request: RegistrationRequest, staff: User) -> None:
    """Raises Elsewhere, unless the request is this person's or was opened with a reason within LASTS."""
    if not is_elsewhere(request, staff):
        return
    opened = RequestEvent.objects.filter(
        request=request.pk, actor=staff, kind=RequestEvent.Kind.REACHED, at__gt=Now() - LASTS
    )
    if not opened.exists():
        raise Elsewhere(request.pk)


def reach(request: RegistrationRequest, *, by: User, client_ip: str, words: str) -> None:
    """Open a request of another province. `words` is the reason, cut off after events.LONGEST characters.

    Raises ValueError without one. What is this person's anyway needs none, and writes nothing.
    """
    if not words.strip():
        raise ValueError("a request of another province is opened for a reason")
    if is_elsewhere(request, by):
        events.note(request, RequestEvent.Kind.REACHED, by=by, client_ip=client_ip, words=words.strip())


def viewed(request: RegistrationRequest, *, by: User, client_ip: str) -> None:
    """Note that somebody of the staff opened the record, once an hour at most. Raises Elsewhere."""
    refuse_elsewhere(request, by)
    seen = RequestEvent.objects.filter(
        request=request, actor=by, kind=RequestEvent.Kind.VIEWED, at__gt=Now() - REPEATED_VIEW
    )
    if not seen.exists():
        events.note(request, RequestEvent.Kind.VIEWED, by=by, client_ip=client_ip)
