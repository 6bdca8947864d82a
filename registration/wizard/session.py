"""Which draft belongs to this browser: the session keeps the row's id for each flow, and the id of what was submitted.

Both end half an hour after the last sign of life: the next person at a public computer finds nothing.
"""

import time
from enum import Enum
from functools import lru_cache

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from infra.prepared import Prepared
from infra.statements import Given
from registration.lifecycle.retention import DRAFT_LIFETIME
from registration.models import RegistrationRequest
from registration.wizard.flows import ACTIVATION
from sms.models import OtpChallenge
from sms.otp import asked, tries

Status = RegistrationRequest.Status
SEEN, REMEMBER_EVERY = "form_seen", 60  # Unix seconds


class Also(Enum):
    """What else is read in the same statement as a draft and its challenge."""

    NOTHING = "nothing"
    PAGE = "page"  # what the page of the code tells (sms.otp.asked)
    ANSWER = "answer"  # what its answer needs (sms.otp.tries)


def open_draft(session: SessionBase, flow: str, also: Also = Also.NOTHING) -> RegistrationRequest | None:
    """The draft that this browser works on in `flow`, with its challenge; None when there is none or it is over."""
    pk = session.get(f"draft_{flow}")
    if pk is None or _is_idle(session):
        return None
    stay(session)
    return _drafts(also, tuple(settings.LIMIT_SENDS_PER_MOBILE)).first(pk=pk, flow=flow)


@lru_cache(maxsize=8)
def _drafts(also: Also, limits: tuple[tuple[int, int], ...]) -> Prepared[RegistrationRequest]:
    """The open draft `pk` of `flow`, under these settings."""
    columns: dict[str, Combinable] = {}
    if also is Also.PAGE:
        columns = asked.columns(OtpChallenge.Purpose.REGISTRATION, "challenge")
    elif also is Also.ANSWER:
        columns = tries.columns("challenge")
    drafts = RegistrationRequest.objects.select_related("challenge").annotate(**columns)
    open_ones = drafts.filter(status=Status.DRAFT, created_at__gt=Now() - DRAFT_LIFETIME)
    return Prepared(lambda: open_ones.filter(pk=Given("pk"), flow=Given("flow")))


def also_read(request: HttpRequest) -> Also:
    """What a request to the form needs."""
    if request.method != "POST":
        return Also.PAGE
    return Also.ANSWER if request.POST.get("registration-current_step") == ACTIVATION else Also.NOTHING


def keep_draft(session: SessionBase, draft: RegistrationRequest) -> None:
    session[f"draft_{draft.flow}"] = draft.pk
    stay(session)


def had_draft(session: SessionBase, flow: str) -> bool:
    """Whether this browser holds a draft, be it over or not."""
    return f"draft_{flow}" in session


def mark(draft: RegistrationRequest) -> str:
    """Names a draft in its own pages, so that a page that was left open never answers for another draft. No secret."""
    # The salt keeps its old name: pages that are open while a new version starts hold marks made with it.
    return salted_hmac("registration.drafts", str(draft.pk), algorithm="sha256").hexdigest()[:16]


def forget_draft(session: SessionBase, flow: str) -> None:
    session.pop(f"draft_{flow}", None)


def keep_received(session: SessionBase, request: RegistrationRequest) -> None:
    forget_draft(session, request.flow)
    session[f"received_{request.flow}"] = request.pk
    stay(session)


def adopt_submitted(session: SessionBase, flow: str) -> bool:
    """Whether what this session calls its draft is submitted: by the other click of a double click, whose answer, with
    the session that knows it, is not here yet. From now on this session knows it too.
    """
    pk = session.get(f"draft_{flow}")
    submitted = _submitted.first(pk=pk, flow=flow) if pk else None
    if submitted and not _is_idle(session):
        keep_received(session, submitted)
        return True
    return False


def received(session: SessionBase, flow: str) -> RegistrationRequest | None:
    """What this browser submitted last in `flow`."""
    pk = session.get(f"received_{flow}")
    if pk is None or _is_idle(session):
        return None
    return _submitted.first(pk=pk, flow=flow)


_submitted = Prepared(
    lambda: RegistrationRequest.objects.exclude(status=Status.DRAFT).filter(pk=Given("pk"), flow=Given("flow"))
)


def stay(session: SessionBase) -> None:
    """Put off the form's end by half an hour (docs/contract.md, limits); noted at most once a minute."""
    now = int(time.time())
    if now - session.get(SEEN, 0) >= REMEMBER_EVERY:
        session[SEEN] = now


def _is_idle(session: SessionBase) -> bool:
    return bool(int(time.time()) - session.get(SEEN, 0) > settings.WIZARD_IDLE_SECONDS)
