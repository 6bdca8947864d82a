"""Decisions about requests: every move of RegistrationRequest.status but the first, which is submission's, and the
citizen's own last one (withdrawal).

A move is one conditional UPDATE; when it changes no row, somebody was faster. With it, in the same transaction or in
the same statement: the account, the text message, the event.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts import protection
from accounts.models import User
from infra import leases, locks, statements
from infra.statements import Given
from registration.lifecycle import documents, events, result_texts, scope
from registration.lifecycle.documents import OtherFirst, Seen, TwoNeeded
from registration.lifecycle.emptying import empty_account
from registration.lifecycle.moves import move, moving
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import Message
from sms.outbox import queue as outbox

Identity, Ownership = RegistrationRequest.Identity, RegistrationRequest.Ownership
Kind = RequestEvent.Kind
Check = User.IdentityCheck
NOTHING_NAMED = Seen()
ANSWER = ("identity", "findings", "provider_reference")  # to the second question
ANSWERS = ("ownership", *ANSWER)  # to both
_GIVEN_BACK: dict[str, Any] = {"lease_token": None, "lease_until": None}
# Written with a move: what was under way about the request has come to nothing.
_OVER = dict.fromkeys(("undelivered", "asking_again", "awaits_second"), False)
ENDED: dict[str, Any] = {"decided_at": Now(), **_OVER, **_GIVEN_BACK}


class AlreadyDecided(Exception):  # noqa: N818  a state of affairs, not a fault
    """The request is not in a state that allows this: somebody was faster."""


def record(request: RegistrationRequest) -> bool:
    """Decide a leased request by its answers (`ownership`, `identity`, both set) as docs/contract.md, decisions, says.

    The answer about the identity is written with the decision. False: the lease was lost to another worker, or the
    request is decided already. Raises ValueError for answers from which nothing follows.
    """
    target = _outcome(request)
    if target == Status.MISMATCH:
        return _end(request, target, Kind.DECIDED)
    check = Check.REGISTRY if target == Status.ACTIVATED else ""
    account = User(national_code=request.national_code)
    _fill(account, request, check)
    if _end(request, target, Kind.DECIDED, account):
        return True
    answer = {name: getattr(request, name) for name in ANSWER}
    with transaction.atomic():  # there is an account; or somebody was faster
        locks.lock(f"request {request.national_code}")
        if not _move(leases.held(request), {Status.SUBMITTED}, target, **answer, last_error=""):
            return False
        _open_account(request, check)
        _event(request, Kind.DECIDED, Status.SUBMITTED, target)
        _tell(request, target, Message.Purpose.RESULT)
    return True


def _outcome(request: RegistrationRequest) -> Status:
    if request.identity in {Identity.MISMATCH, Identity.NOT_FOUND, Identity.DECEASED}:
        return Status.MISMATCH
    if request.identity != Identity.MATCH or request.ownership not in Ownership.values:
        raise ValueError("no decision follows from these answers")
    return Status.ACTIVATED if request.ownership == Ownership.OWNED else Status.BRANCH


def activate(
    request_id: int, *, by: User, client_ip: str, seen: Seen = NOTHING_NAMED, words: str = ""
) -> RegistrationRequest:
    """A clerk has seen the documents: open the account. `words` names them for the record.

    Raises AlreadyDecided; NotSeen when `seen` is not enough for what the registry said; TwoNeeded when nobody may do
    this alone.
    """
    with transaction.atomic():
        request = waiting(request_id, by)
        if documents.needs_two(request):
            raise TwoNeeded
        documents.refuse_unseen(request, seen)
        _decide(request, Status.ACTIVATED, by=by, client_ip=client_ip, kind=Kind.DOCUMENTS_SEEN, words=words)
        _open_account(request, Check.BRANCH)
    return request


def give_first_word(request_id: int, *, by: User, client_ip: str, seen: Seen, words: str) -> None:
    """The first of two persons has seen the documents; the request waits for the second. `words` names them.

    Raises AlreadyDecided, NotSeen; OtherFirst when somebody has given it already; ValueError where one is enough.
    """
    with transaction.atomic():
        request = waiting(request_id, by)
        if not documents.needs_two(request):
            raise ValueError("one word is enough for this request")
        documents.refuse_unseen(request, seen)
        if documents.first_word(request):
            raise OtherFirst
        RegistrationRequest.objects.filter(pk=request.pk).update(awaits_second=True)
        _event(request, Kind.FIRST_WORD, request.status, request.status, by=by, words=words, client_ip=client_ip)


def give_second_word(request_id: int, *, by: User, client_ip: str, seen: Seen, words: str) -> RegistrationRequest:
    """Somebody else says so, too: open the account. Raises AlreadyDecided, NotSeen, TwoNeeded if no other was first."""
    with transaction.atomic():
        request = waiting(request_id, by)
        first = documents.first_word(request)
        if first is None or first.actor_id == by.pk:
            raise TwoNeeded
        documents.refuse_unseen(request, seen)
        _decide(request, Status.ACTIVATED, by=by, client_ip=client_ip, kind=Kind.SECOND_WORD, words=words)
        _open_account(request, Check.BRANCH)
    return request


def reject(request_id: int, *, by: User, words: str, client_ip: str) -> RegistrationRequest:
    """A clerk refuses; `words` is the reason for the record, cut off after 300 characters. Raises AlreadyDecided."""
    with transaction.atomic():
        request = waiting(request_id, by)
        _decide(request, Status.REJECTED, by=by, client_ip=client_ip, kind=Kind.REJECTED, words=words)
        empty_account(request)
    return request


def cap(request: RegistrationRequest) -> bool:
    """End a leased request of a person about whom nothing more may be asked today; False: the lease was lost.

    It must not wait: until it is decided it would block the person, who may not be the one that sent it.
    """
    return _end(request, Status.EXPIRED, Kind.CAPPED)


def expire() -> int:
    """End what could not be decided in DECISION_HOURS; those citizens may register again. Returns how many."""
    late = RegistrationRequest.objects.filter(
        status=Status.SUBMITTED, submitted_at__lt=Now() - timedelta(hours=settings.DECISION_HOURS)
    )
    return sum(_end(one, Status.EXPIRED, Kind.EXPIRED) for one in late.iterator())


def _end(request: RegistrationRequest, target: Status, kind: Kind, account: User | None = None) -> bool:
    """Move a submitted request, open its account, tell the citizen and write the event, all in one statement.

    Under the request's lease, but for an end of time. False, and nothing has happened: the request may not be moved any
    more, or a row of the account is there.
    """
    event = RequestEvent(request_id=request.pk, kind=kind, from_status=Status.SUBMITTED, to_status=target)
    message = outbox.text(**result_texts.message(request, target, Message.Purpose.RESULT))
    ending = _ending(kind, target, opens=account is not None)
    opened = {"account": statements.insert(account, source="held", unless="national_code")} if account else {}
    written = statements.together(
        {
            "turn": ending["turn"],
            "held": ending["held"],
            **opened,
            "moved": ending["moved"],
            "event": statements.insert(event, source="moved"),
            "message": statements.insert(message, source="moved"),
        },
        pk=request.pk,
        token=request.lease_token,
        person=f"request {request.national_code}",
        **statements.prepared(request, ANSWER),
    )
    for message.pk in written["message"]:
        outbox.wake_for(message)
    return bool(written["moved"])


@cache
def _ending(kind: Kind, target: Status, *, opens: bool) -> dict[str, statements.Sql]:
    """What is the same in every `_end`."""
    row = RegistrationRequest.objects.filter(pk=Given("pk"))
    changes: dict[str, Any] = {"decided_at": Now(), **_GIVEN_BACK}
    if kind == Kind.CAPPED:
        changes["capped"] = True
    if kind != Kind.EXPIRED:
        row = row.filter(lease_token=Given("token"))
    if kind == Kind.DECIDED:
        changes |= {name: Given(name) for name in ANSWER} | {"last_error": ""}
    return {
        "turn": statements.turn(Given("person")),
        "held": statements.hold(row.filter(status=Status.SUBMITTED), source="turn"),
        "moved": moving(row, [Status.SUBMITTED], target, source="account" if opens else "held", **changes),
    }


def supersede(national_code: str) -> None:
    """A newer request of the person takes the place of those that wait for a clerk, in the caller's transaction."""
    older = RegistrationRequest.objects.filter(national_code=national_code, status__in=RegistrationRequest.OPEN)
    for request in older.select_for_update():
        one = RegistrationRequest.objects.filter(pk=request.pk)
        if _move(one, RegistrationRequest.OPEN, Status.SUPERSEDED):
            _event(request, Kind.SUPERSEDED, request.status, Status.SUPERSEDED)


def waiting(request_id: int, by: User) -> RegistrationRequest:
    """The request as it is now, if it waits for staff; no other one of its person moves until the transaction ends.

    Raises AlreadyDecided, registration.lifecycle.scope.Elsewhere.
    """
    request = locked(request_id, by)
    if request.status not in RegistrationRequest.OPEN:
        raise AlreadyDecided
    return request


def locked(request_id: int, by: User | None) -> RegistrationRequest:
    """The request as it is now; no other one of its person moves until the transaction ends.

    `by`: None for its citizen. Raises scope.Elsewhere.
    """
    request = RegistrationRequest.objects.get(pk=request_id)
    locks.lock(f"request {request.national_code}")
    request.refresh_from_db()
    if by:
        scope.refuse_elsewhere(request, by)
    return request


def _decide(request: RegistrationRequest, target: Status, *, by: User, client_ip: str, kind: Kind, words: str) -> None:
    if not _move(RegistrationRequest.objects.filter(pk=request.pk), RegistrationRequest.OPEN, target):
        raise AlreadyDecided
    _event(request, kind, request.status, target, by=by, words=words, client_ip=client_ip)
    _tell(request, target, Message.Purpose.DESK_DECISION)


def _move(requests: QuerySet[RegistrationRequest], sources: Collection[Status], target: Status, **changes: Any) -> bool:
    return move(requests, sources, target, **ENDED, **changes)


# What an account takes over from its request beside the identity.
COPIED = (
    *("mobile", "country", "city", "province", "email"),
    *("question_1_id", "question_2_id", "question_3_id", "answers_hash"),
)


def _open_account(request: RegistrationRequest, check: str) -> None:
    """Make the account, or bring the one that was never active up to date with the newest approved request.

    `check`: how the identity was checked (User.IdentityCheck); empty where the account is not to be active yet.
    """
    user = User.objects.select_for_update().filter(national_code=request.national_code).first()
    if user and user.activated_at:
        # Only staff can have made it since the request was submitted; a citizen's form never overwrites an account.
        _event(request, Kind.ACCOUNT_EXISTED, request.status, request.status)
        return
    user = user or User(national_code=request.national_code)
    _fill(user, request, check)
    user.save()
    protection.end_all(user)


def _fill(user: User, request: RegistrationRequest, check: str) -> None:
    for field in (*User.identity_columns(), *COPIED):
        setattr(user, field, getattr(request, field))
    user.password, user.is_active, user.identity_check = request.password_hash, bool(check), check
    user.activated_at = timezone.now() if check else None


def _tell(request: RegistrationRequest, status: Status, purpose: Message.Purpose) -> None:
    outbox.add(**result_texts.message(request, status, purpose))


def _event(
    request: RegistrationRequest,
    kind: RequestEvent.Kind,
    source_status: str,
    target: str,
    *,
    by: User | None = None,
    client_ip: str | None = None,
    words: str = "",
) -> None:
    moved = {"from_status": source_status, "to_status": target}
    events.note(request, kind, by=by, client_ip=client_ip, words=words, **moved)
