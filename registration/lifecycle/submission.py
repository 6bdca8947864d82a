"""From the first answer to the submitted request: drafts, what is written into them, and the one submission."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar, cast

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.questions.answers import hash_answers
from infra import locks, security_log, statements, throttle
from infra.limits import client_ip_key, client_ip_network, returns_limit, wide_network
from infra.statements import Given, Sql
from infra.wake import wake
from registration.lifecycle import decisions, tracking_code
from registration.lifecycle.moves import moving
from registration.models import RegistrationRequest, RequestEvent
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

T = TypeVar("T")
Status = RegistrationRequest.Status
ONE_SUBMITTED = "request_one_submitted_per_person"  # the constraint's name
PLACE = ("country", "city", "province")  # where a person lives, asked together with the identity


class AlreadyRequested(Exception):  # noqa: N818  a state of affairs, not a fault
    """A request of this person is being checked, or the account exists."""


class DraftClosed(Exception):  # noqa: N818
    """The draft cannot be submitted: its challenge is not confirmed, or it was submitted before."""


def is_taken(national_code: str) -> bool:
    """Does a request in checking, or an account that was ever active, block a new one? docs/contract.md, decisions."""
    return blocking(national_code).exists()


def blocking(national_code: str | Given) -> QuerySet[Any, Any]:
    """The rows that do."""
    waiting = RegistrationRequest.objects.filter(national_code=national_code, status=Status.SUBMITTED)
    account = User.objects.filter(national_code=national_code, activated_at__isnull=False)
    return waiting.values("pk").union(account.values("pk"))


@cache
def _blocking() -> Sql:
    return statements.select(blocking(Given("national_code")))


def check_free(national_code: str, client_ip: str) -> None:
    """Raise AlreadyRequested when the national code is taken, LimitReached when this address was told so too often."""

    def look() -> None:
        if is_taken(national_code):
            raise otp.Hindered

    _unless_taken(national_code, client_ip, look)


def _unless_taken(national_code: str, client_ip: str, act: Callable[[], T]) -> T:
    """What `act` returns, which finds out whether the national code is taken (otp.Hindered). Raises as `check_free`.

    The guide wants this said at the first step, so everybody may ask; the limit keeps it from becoming a directory. It
    has the numbers of the codes that nobody confirms, because both answers must cost a stranger the same. Where it is
    reached nobody is told anything. Who is told is counted before; who is sent a code is counted in its row.
    """
    security_log.concerns(national_code)
    told = [
        throttle.Limit("taken-ip", client_ip_key(client_ip), settings.LIMIT_UNCONFIRMED_PER_IP),
        throttle.Limit("taken-network", wide_network(client_ip), settings.LIMIT_UNCONFIRMED_PER_NETWORK),
    ]
    throttle.check_all(*told)
    try:
        return act()
    except otp.Hindered:
        throttle.hit_all(*told)
        security_log.tell("registration", outcome="already-requested")
        raise AlreadyRequested from None


@returns_limit
def start(
    before: RegistrationRequest | None, *, flow: str, national_code: str, operator: str, mobile: str, client_ip: str
) -> RegistrationRequest:
    """Begin a registration with the answers of the first step; its code is on its way.

    Returns `before`, the draft that the browser has, if it is for the same person and mobile, else a new draft. Raises
    AlreadyRequested. Returns infra.limits.LimitReached if too many were begun or too many codes sent.
    """
    draft = before if before and (before.national_code, before.mobile) == (national_code, mobile) else None
    if draft and not otp.is_dead(draft.challenge):
        check_free(national_code, client_ip)
        if draft.operator != operator:
            _drafts(draft).update(operator=operator)
            draft.operator = operator
        return draft

    if draft is None:
        new = RegistrationRequest(flow=flow, national_code=national_code, operator=operator, mobile=mobile)
        _unless_taken(national_code, client_ip, lambda: _challenge(new, client_ip, owner=new))
        return new
    draft.operator = operator
    _begin_again(draft, client_ip)
    return draft


def _challenge(draft: RegistrationRequest, client_ip: str, *, owner: RegistrationRequest | None = None) -> OtpChallenge:
    return otp.start(
        purpose=OtpChallenge.Purpose.REGISTRATION,
        mobile=draft.mobile,
        national_code=draft.national_code,
        client_ip=client_ip,
        unless=_blocking(),
        owner=owner,
    )


def _begin_again(draft: RegistrationRequest, client_ip: str) -> None:
    """A new code for a draft, and its operator as it is now."""
    with transaction.atomic():
        challenge = _unless_taken(draft.national_code, client_ip, lambda: _challenge(draft, client_ip))
        _drafts(draft).update(operator=draft.operator, challenge=challenge)
    draft.challenge = challenge


@returns_limit
def prove_again(draft: RegistrationRequest, client_ip: str) -> None:
    """Send a new code for a draft that was left alone for too long; until it is confirmed the draft is closed.

    Raises AlreadyRequested. Returns infra.limits.LimitReached if no code may be sent.
    """
    _begin_again(draft, client_ip)


def _drafts(draft: RegistrationRequest) -> QuerySet[RegistrationRequest]:
    """The row, while it is a draft."""
    return RegistrationRequest.objects.filter(pk=draft.pk, status=Status.DRAFT)


@returns_limit
def resend_code(draft: RegistrationRequest, client_ip: str, *, by_voice: bool = False) -> None:
    """Send the code again, or a new one when the old one is dead; or have it read out by telephone.

    Returns infra.limits.LimitReached if it may not.
    """

    def keep(challenge: OtpChallenge) -> None:
        _drafts(draft).update(challenge=challenge)
        draft.challenge = challenge

    otp_session.resend(draft.challenge, client_ip, keep, by_voice=by_voice)


def is_submitted(draft: RegistrationRequest) -> bool:
    """Whether the row is a draft no longer, as the database has it now."""
    return RegistrationRequest.objects.exclude(status=Status.DRAFT).filter(pk=draft.pk).exists()


@sensitive_variables()
def identity_fields(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft keeps of the identity step (cleaned form data): the person, with comparison keys, and the place."""
    stated = {name: answers[name] for name in RegistrationRequest.IDENTITY_FIELDS}  # no password goes any further
    return RegistrationRequest.with_keys(stated) | {name: answers[name] for name in PLACE}


@sensitive_variables()
def account_fields(answers: Mapping[str, Any], questions: int) -> dict[str, Any]:
    """What a draft keeps of the account step: e-mail, questions, and hashes made here and now of the secrets.

    Without a password, or without every answer, there is no hash of it: the form lets those be left out that the draft
    holds already.
    """
    numbers = range(1, questions + 1)
    fields = {f"question_{number}": answers[f"question_{number}"] for number in numbers}
    fields["email"] = answers["email"]
    if answers["password1"]:
        fields["password_hash"] = make_password(answers["password1"])
    texts = [answers[f"answer_{number}"] for number in numbers]
    if all(texts):
        fields["answers_hash"] = hash_answers(texts)
    return fields


def submit(draft: RegistrationRequest, fields: Mapping[str, Any], client_ip: str) -> None:
    """Submit a draft whose challenge is confirmed, together with the last `fields` written into it.

    One transaction: the challenge is used up, older requests that wait for a clerk are superseded, the request is due
    for its identity check. Of parallel submissions one wins. Raises AlreadyRequested, DraftClosed.
    """
    for last_try in (False, False, False, False, True):
        try:
            _submit(draft, fields, client_ip)
        except IntegrityError as error:
            if _violated(error) == ONE_SUBMITTED:
                raise AlreadyRequested from None  # without the error's text, which holds the national code
            if last_try or "tracking_code" not in _violated(error):
                raise
        else:
            return


def _submit(draft: RegistrationRequest, fields: Mapping[str, Any], client_ip: str) -> None:
    written = {**fields, "tracking_code": tracking_code.new(), "typed": {}}
    found = _move(draft, written, client_ip)
    if found.older:
        with transaction.atomic():
            locks.lock(_lock(draft))
            decisions.supersede(draft.national_code)
            found = _move(draft, written, client_ip)
            found.refuse()
    found.refuse()
    # A partial has no name, which Django would log.
    transaction.on_commit(lambda: wake("registration.check_identity", draft.pk), robust=True)


class _Found(NamedTuple):
    """What a submission met. `is_open`: a draft whose challenge is confirmed. `older`: what waits for a clerk."""

    is_open: bool
    is_taken: bool
    older: bool
    moved: bool

    def refuse(self) -> None:
        """Unless it moved. Who clicked twice has submitted the draft, and is not told that somebody has a request."""
        if self.is_open and self.is_taken:
            raise AlreadyRequested
        if not self.moved:
            raise DraftClosed


def _move(draft: RegistrationRequest, written: Mapping[str, Any], client_ip: str) -> _Found:
    """Submit, in one statement under the person's lock, unless something is in the way."""
    event = RequestEvent(
        request_id=draft.pk,
        kind=RequestEvent.Kind.SUBMITTED,
        from_status=Status.DRAFT,
        to_status=Status.SUBMITTED,
        client_network=client_ip_network(client_ip),
    )
    parts = {**_consuming(), "moved": _moving(tuple(written)), "event": statements.insert(event, "moved")}
    given = {"challenge": draft.challenge_id, "national_code": draft.national_code, "draft": draft.pk}
    given |= {f"new {name}": value for name, value in statements.as_taken(RegistrationRequest, written).items()}
    answer = f"SELECT {statements.have_rows('open', 'taken', 'older', 'moved')}"
    with statements.undone_alone():
        return _Found(*statements.run(parts, answer, locks=(_lock(draft),), given=given))


@cache
def _consuming() -> dict[str, Sql]:
    """Parts of a statement that is given `challenge` and `national_code`: what is in the way; the challenge is used up
    if nothing is."""
    unused = otp.confirmed(Given("challenge"))
    older = RegistrationRequest.objects.filter(
        national_code=Given("national_code"), status__in=RegistrationRequest.OPEN
    )
    free = "EXISTS (SELECT FROM open) AND NOT EXISTS (SELECT FROM taken) AND NOT EXISTS (SELECT FROM older)"
    return {
        "open": statements.select(unused.filter(registration_request__status=Status.DRAFT).values("pk")),
        "taken": statements.select(blocking(Given("national_code"))),
        "older": statements.select(older.values("pk")),
        "consumed": statements.only_if(otp.consuming(unused), f"{free} RETURNING 1"),
    }


@cache
def _moving(names: tuple[str, ...]) -> Sql:
    """The part that submits the `draft`, if its challenge was used up, and writes these columns, given as `new …`."""
    drafts = RegistrationRequest.objects.filter(pk=Given("draft"))
    changes = {name: Given(f"new {name}") for name in names}
    moments = {"submitted_at": Now(), "due_at": Now()}
    return moving(drafts, [Status.DRAFT], Status.SUBMITTED, source="consumed", **changes, **moments)


def _lock(draft: RegistrationRequest) -> str:
    """What is decided about one person is decided one after another."""
    return f"request {draft.national_code}"


def _violated(error: IntegrityError) -> str:
    """The name of the constraint, as the driver's error says it, which Django wraps."""
    return str(cast("psycopg.Error", error.__cause__).diag.constraint_name)
