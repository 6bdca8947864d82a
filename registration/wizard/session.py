"""Which draft belongs to this browser: the session keeps the row's id for each flow, and the id of what was submitted.

Both end half an hour after the last sign of life: the next person at a public computer finds nothing. A page that is
still open then is not lost: what it holds may be written into its draft (`left_open`), and comes back after a code.
"""

import time
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.http import HttpRequest

from infra import keys
from infra.prepared import Prepared
from infra.statements import Given
from registration.lifecycle.draft import earlier
from registration.lifecycle.retention import DRAFT_LIFETIME
from registration.models import RegistrationRequest
from registration.wizard.flows import ACTIVATION, FLOWS
from sms.models import OtpChallenge
from sms.otp import asked, tries

Status = RegistrationRequest.Status
SEEN, REMEMBER_EVERY = "form_seen", 60  # Unix seconds
MARK, MARK_DIGITS = "registration.drafts", 16


# What a session keeps. `draft`: the open one; `before`: the one it took the place of; `closed`: closed as idle.
NAMES = (SEEN, "came_by", *(f"{kind}_{flow}" for kind in ("draft", "before", "closed", "received") for flow in FLOWS))


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
        columns = tries.columns("challenge") | {"earlier": earlier()}
    drafts = RegistrationRequest.objects.select_related("challenge").annotate(**columns)
    open_ones = drafts.filter(status=Status.DRAFT, created_at__gt=Now() - DRAFT_LIFETIME)
    return Prepared(lambda: open_ones.filter(pk=Given("pk"), flow=Given("flow")))


def also_read(request: HttpRequest) -> Also:
    """What a request to the form needs."""
    if request.method != "POST":
        return Also.PAGE
    return Also.ANSWER if request.POST.get("registration-current_step") == ACTIVATION else Also.NOTHING


def keep_draft(session: SessionBase, draft: RegistrationRequest, before: RegistrationRequest | None = None) -> None:
    """`before`: the draft that this one takes the place of, whose identity it gets once its mobile is proved."""
    session.pop(f"closed_{draft.flow}", None)
    session[f"draft_{draft.flow}"] = draft.pk
    if before:
        session[f"before_{draft.flow}"] = before.pk
    stay(session)


def before(session: SessionBase, flow: str) -> int | None:
    """The id of the draft that the present one has taken the place of."""
    pk: int | None = session.get(f"before_{flow}")
    return pk


def previous(session: SessionBase, flow: str, contact: Mapping[str, str]) -> RegistrationRequest | None:
    """That draft, if its mobile is proved and the first step, answered with `contact`, asks for it again."""
    pk = before(session, flow)
    if pk is None:
        return None
    draft = _drafts(Also.NOTHING, ()).first(pk=pk, flow=flow)
    if draft is None or draft.challenge.confirmed_at is None:
        return None
    return draft if all(getattr(draft, name) == contact[name] for name in ("national_code", "mobile")) else None


def had_draft(session: SessionBase, flow: str) -> bool:
    """Whether this browser holds a draft, be it over or not."""
    return f"draft_{flow}" in session


def kept(session: SessionBase, flow: str) -> int | None:
    """The id of the draft that this browser holds, be it over or not, or of the one that was closed last."""
    pk: int | None = session.get(f"draft_{flow}") or session.get(f"closed_{flow}")
    return pk


def left_open(session: SessionBase, flow: str, named: str) -> RegistrationRequest | None:
    """The draft of a page that this browser has left open for too long; `named`: the page's mark of it.

    Nothing of it may be shown before its mobile is proved again.
    """
    pk = kept(session, flow)
    if pk is None or not keys.is_mark(named, MARK, str(pk), MARK_DIGITS):
        return None
    return _drafts(Also.NOTHING, ()).first(pk=pk, flow=flow)


def is_young(pk: int, flow: str) -> bool:
    """Whether the draft has not come to the end that every draft has."""
    return _drafts(Also.NOTHING, ()).first(pk=pk, flow=flow) is not None


def mark(draft: RegistrationRequest) -> str:
    """Names a draft in its own pages, so that a page that was left open never answers for another draft. No secret."""
    return keys.mark(MARK, str(draft.pk), MARK_DIGITS)


def is_marked(draft: RegistrationRequest, named: str) -> bool:
    """Whether a page that names its draft so is one of this draft's."""
    return keys.is_mark(named, MARK, str(draft.pk), MARK_DIGITS)


def close(session: SessionBase, flow: str) -> None:
    """This browser shows nothing of its draft any more."""
    pk = session.pop(f"draft_{flow}", None)
    if pk is not None:
        session[f"closed_{flow}"] = pk


def forget_draft(session: SessionBase, flow: str) -> None:
    for name in ("draft", "closed", "before"):
        session.pop(f"{name}_{flow}", None)


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


def sent(session: SessionBase, flow: str) -> RegistrationRequest | None:
    """What this browser submitted last in `flow`, be it that the session that knows it was lost with an answer."""
    pk = session.get(f"draft_{flow}")
    lost = None if pk is None or _is_idle(session) else _submitted.first(pk=pk, flow=flow)
    return lost or received(session, flow)


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


def seconds_left(session: SessionBase) -> int:
    """Until the form ends if nothing happens."""
    return max(0, int(session.get(SEEN, 0) + settings.WIZARD_IDLE_SECONDS - time.time()))


def _is_idle(session: SessionBase) -> bool:
    return bool(int(time.time()) - session.get(SEEN, 0) > settings.WIZARD_IDLE_SECONDS)
