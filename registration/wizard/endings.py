"""Each way in which a form ends has its own sentence."""

from enum import Enum

from django.contrib.sessions.backends.base import SessionBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.models import RegistrationRequest
from registration.wizard import session as wizard_session


class End(Enum):
    """Why a browser has no open form although it had one, or sends a page of one."""

    IDLE = "idle"
    OLD = "old"
    SENT = "sent"
    UNKNOWN = "unknown"


SENTENCES: dict[End, Promise] = {
    End.IDLE: _(
        "Nothing was done in this form for half an hour, so it was closed to protect your details. What you had typed "
        "is kept for a day: begin with the same national code and mobile phone number, and after the code it is here "
        "again."
    ),
    End.OLD: _("This form was begun more than a day ago, and what had been typed is deleted. Please begin again."),
    End.SENT: _("This request has been sent already. “Track a request” shows its state."),
    End.UNKNOWN: _(
        "This browser has no open form any more: it was closed, its cookies were deleted, or somebody signed out. "
        "Begin with the same national code and mobile phone number, and what was saved is here again after the code."
    ),
}
WOKEN = _(
    "Nothing was done in this form for half an hour. What you typed is kept; to go on, enter the code that was sent to "
    "you just now."
)
REFUSED = _(
    "This page was opened before somebody signed in, and nothing was sent. What you typed is here; press the button "
    "again."
)


def end(session: SessionBase, flow: str) -> Promise:
    """Why the form of this browser is over, in a sentence; from now on the browser has none."""
    pk = wizard_session.kept(session, flow)
    if pk is None:
        return SENTENCES[End.UNKNOWN]
    row = RegistrationRequest.objects.filter(pk=pk).values_list("status", flat=True).first()
    if row == RegistrationRequest.Status.DRAFT and wizard_session.is_young(pk, flow):
        wizard_session.close(session, flow)
        return SENTENCES[End.IDLE]
    wizard_session.forget_draft(session, flow)
    return SENTENCES[End.OLD if row in (None, RegistrationRequest.Status.DRAFT) else End.SENT]
