"""Which draft belongs to this browser: the session keeps the row's id for each flow, and the id of what was submitted."""

import time

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.functions import Now

from registration.models import RegistrationRequest
from registration.purging import DRAFT_LIFETIME

Status = RegistrationRequest.Status
SEEN, REMEMBER_EVERY = "form_seen", 60  # Unix seconds


def open_draft(session: SessionBase, flow: str) -> RegistrationRequest | None:
    """The draft that this browser works on in `flow`, with its proof; None when there is none or it is over."""
    pk = session.get(f"draft_{flow}")
    if pk is None or int(time.time()) - session.get(SEEN, 0) > settings.WIZARD_IDLE_SECONDS:
        return None
    stay(session)
    drafts = RegistrationRequest.objects.select_related("verification")
    return drafts.filter(pk=pk, flow=flow, status=Status.DRAFT, created_at__gt=Now() - DRAFT_LIFETIME).first()


def keep_draft(session: SessionBase, draft: RegistrationRequest) -> None:
    session[f"draft_{draft.flow}"] = draft.pk
    stay(session)


def forget_draft(session: SessionBase, flow: str) -> None:
    session.pop(f"draft_{flow}", None)


def keep_received(session: SessionBase, request: RegistrationRequest) -> None:
    forget_draft(session, request.flow)
    session[f"received_{request.flow}"] = request.pk


def received(session: SessionBase, flow: str) -> RegistrationRequest | None:
    """What this browser submitted last in `flow`."""
    pk = session.get(f"received_{flow}")
    submitted = RegistrationRequest.objects.exclude(status=Status.DRAFT)
    return submitted.filter(pk=pk, flow=flow).first() if pk is not None else None


def stay(session: SessionBase) -> None:
    """The form ends half an hour after its last sign of life (CONTRACT §6); noted at most once a minute."""
    now = int(time.time())
    if now - session.get(SEEN, 0) >= REMEMBER_EVERY:
        session[SEEN] = now
