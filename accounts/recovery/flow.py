"""Recovering a password: the code on the registered mobile, then all answers, then a new password, in this order.

Whoever asks for a national code that has no account here gets the same pages, rows, limits and work, and no code that
works. Staff, accounts that are not active, and those without a mobile or answers recover at a branch only. Where a
branch has started it (permits), the code leads to a new password and new questions at once. Nothing here ever locks the
sign-in. (docs/contract.md, limits; docs/guides.md.)
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import events, protection
from accounts.models import AccountEvent, Device, RecoveryRun, SecurityQuestion, User
from accounts.notices import tell, tell_by_email
from accounts.passwords.hasher import LaneFull
from accounts.questions.answers import answers_match, hash_answers
from accounts.recovery import permits
from infra import locks, security_log
from infra.limits import LimitReached, returns_limit
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

KEPT = "recovery"  # the session's name for the id of its run


class Step(Enum):
    """What a run waits for."""

    CODE = "code"
    ANSWERS = "answers"
    PASSWORD = "password"  # noqa: S105
    ANEW = "anew"  # password and questions, without answers


class Verdict(Enum):
    """What became of a set of answers. Which one was wrong is not known to anybody."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"  # no more tries in this run


class Over(Enum):
    """Why a run is over. Who has not confirmed its code is not told whether there is an account."""

    TIME = "time"
    CHANGED = "changed"
    ENDED = "ended"


class RunEnded(Exception):  # noqa: N818  a state of affairs, not a fault
    """The run has ended, or another one of this account was faster."""


@returns_limit
def begin(session: SessionBase, national_code: str, client_ip: str) -> None:
    """Send a code to the account's mobile, or do as if. Returns infra.limits.LimitReached if nothing may be sent.

    Who asks once more for the same national code in the same browser goes on with the code that is under way.
    """
    run, account = open_run(session), _recoverable(national_code)
    with transaction.atomic():
        challenge = otp_session.begin(
            run.challenge if run else None,
            purpose=OtpChallenge.Purpose.RECOVERY,
            mobile=account.mobile if account else "",
            national_code=national_code,
            client_ip=client_ip,
        )
        if run and challenge == run.challenge:
            return
        version = account.security_version if account else 0
        run = RecoveryRun.objects.create(user=account, challenge=challenge, security_version=version)
        session[KEPT] = run.pk
        otp_session.keep_held(session, challenge)
    security_log.tell("recovery", outcome="begun", national_code=national_code)


def _recoverable(national_code: str) -> User | None:
    active = User.objects.filter(is_active=True, is_staff=False).exclude(mobile="")
    user = active.filter(national_code=national_code).first()
    if user is None or (user.answers_hash and user.question_1_id):
        return user
    return user if permits.holds(user) else None


def open_run(session: SessionBase) -> RecoveryRun | None:
    """The run of this browser, with its challenge and its account; None when there is none or it is over."""
    if KEPT not in session:
        return None
    return _open(session[KEPT]).select_related("challenge", "user").first()


def _open(pk: int) -> QuerySet[RecoveryRun]:
    """The row, while its time lasts and the account is protected as it was when the run began."""
    as_it_was = Q(user=None) | Q(user__security_version=F("security_version"), user__is_active=True)
    return RecoveryRun.objects.filter(as_it_was, pk=pk, ended_at=None, created_at__gt=Now() - otp_session.LIFETIME)


def stay(run: RecoveryRun) -> None:
    """Who recovers is still there: the run ends half an hour from now, at latest otp_session.LONGEST after its code."""
    _open(run.pk).update(created_at=otp_session.put_off("created_at", run.challenge))
    run.refresh_from_db(fields=["created_at"])


def seconds_left(run: RecoveryRun) -> tuple[int, int]:
    """Until the run ends if nothing happens, and until it ends in any case."""
    return otp_session.seconds_left(run.challenge, run.created_at)


def why_over(session: SessionBase) -> Over | None:
    """Why the run of this browser is not open; None when there was none."""
    if KEPT not in session:
        return None
    run = RecoveryRun.objects.select_related("challenge").filter(pk=session[KEPT]).first()
    if run is None:
        return Over.TIME
    if run.created_at <= timezone.now() - otp_session.LIFETIME:
        return Over.TIME
    return Over.CHANGED if run.challenge.confirmed_at else Over.ENDED


def step(run: RecoveryRun) -> Step:
    if run.challenge.confirmed_at is None or run.user is None:
        return Step.CODE
    if run.answered_at is not None:
        return Step.PASSWORD
    return Step.ANEW if permits.holds(run.user) else Step.ANSWERS


@returns_limit
def resend(run: RecoveryRun, client_ip: str) -> None:
    """Send the code again, or a new one when the old one is dead. Returns infra.limits.LimitReached if it may not.

    Raises RunEnded.
    """
    mine = _open(run.pk)
    with transaction.atomic():
        if not mine.update(security_version=F("security_version")):  # nothing new; it locks the row
            raise RunEnded
        otp_session.resend(run.challenge, client_ip, lambda challenge: mine.update(challenge=challenge))


def questions(user: User) -> list[SecurityQuestion]:
    """The account's questions, in the order of its answers."""
    chosen = [user.question_1_id, user.question_2_id, user.question_3_id]
    texts = SecurityQuestion.objects.in_bulk([pk for pk in chosen if pk])
    return [texts[pk] for pk in chosen if pk]


def check_not_stopped(user: User) -> None:
    """Raise LimitReached while too many wrong answers keep this account from being recovered."""
    runs = RecoveryRun.objects.filter(user=user, stopped_until__gt=Now())
    until = runs.order_by("-stopped_until").values_list("stopped_until", flat=True).first()
    if until:
        raise LimitReached("answers", max(1, round((until - timezone.now()).total_seconds())))


@sensitive_variables("answers")
def judge_answers(run: RecoveryRun, user: User, answers: Sequence[str]) -> Verdict:
    """Compare the answers to all questions of `user`, whose run this is. Raises LimitReached if too many were wrong,
    LaneFull if they cannot be compared just now, RunEnded if the account was changed meanwhile.

    A try is spent before, under the account's lock, so parallel guesses cannot share one.
    """
    security_log.concerns(user.national_code)
    mine = _open(run.pk)
    with transaction.atomic(durable=True):
        locks.lock(f"answers {user.pk}")
        check_not_stopped(user)
        if not mine.filter(answered_at=None, attempts__lt=RecoveryRun.MAX_ATTEMPTS).update(attempts=F("attempts") + 1):
            if RecoveryRun.objects.filter(pk=run.pk, attempts__gte=RecoveryRun.MAX_ATTEMPTS).exists():
                return Verdict.OVER
            raise RunEnded
        _stop_after_too_many(run, user)
    try:
        right = answers_match(answers, user.answers_hash)
    except LaneFull:  # nothing was tried
        mine.filter(attempts__gte=1).update(attempts=F("attempts") - 1, stopped_until=None)
        raise
    if right:
        if not mine.update(answered_at=Now(), stopped_until=None):
            raise RunEnded
        security_log.tell("recovery", outcome="right-answers")
        return Verdict.RIGHT
    security_log.tell("recovery", outcome="wrong-answers")
    check_not_stopped(user)
    spent = mine.filter(attempts__gte=RecoveryRun.MAX_ATTEMPTS).update(ended_at=Now())
    return Verdict.OVER if spent else Verdict.WRONG


def _stop_after_too_many(run: RecoveryRun, user: User) -> None:
    """Stop the account's recoveries once a limit of tries is full; a right answer takes that back.

    All tries of a run count from the run's beginning.
    """
    for allowed, seconds in settings.LIMIT_ANSWERS:
        runs = RecoveryRun.objects.filter(user=user, created_at__gt=Now() - timedelta(seconds=seconds))
        tried = runs.aggregate(tried=Sum("attempts"))["tried"] - runs.filter(answered_at__isnull=False).count()
        if tried >= allowed:
            RecoveryRun.objects.filter(pk=run.pk).update(stopped_until=Now() + timedelta(seconds=seconds))


def tries_left(run: RecoveryRun) -> int:
    run.refresh_from_db(fields=["attempts"])
    return RecoveryRun.MAX_ATTEMPTS - run.attempts


@sensitive_variables("password", "password_hash")
def finish(run: RecoveryRun, user: User, password: str) -> None:
    """Give `user` the new password, which must keep the rules. Raises RunEnded.

    Every session of the account ends, and all that is under way for it; every device is forgotten. The owner is told by
    a text message.
    """
    password_hash = make_password(password)  # outside the transaction: it takes long
    user.security_version = run.security_version
    _finish(run, user, Q(answered_at__isnull=False), {"password": password_hash})
    tell_by_email(user, "recovered")


@sensitive_variables("password", "answers", "fields")
def finish_anew(
    run: RecoveryRun, user: User, password: str, chosen: Sequence[SecurityQuestion], answers: Sequence[str]
) -> None:
    """`finish` without answers, which a branch has permitted: new questions and answers, too; both keep the rules."""
    none_left = dict.fromkeys(("question_1", "question_2", "question_3"))
    fields = none_left | {f"question_{number}": question for number, question in enumerate(chosen, 1)}
    fields |= {"password": make_password(password), "answers_hash": hash_answers(answers)}
    user.security_version = run.security_version
    if not permits.holds(user):  # of this very version, which is compared once more where it is raised
        raise RunEnded
    with transaction.atomic():
        _finish(run, user, Q(answered_at=None), fields)
        events.note(user, AccountEvent.Kind.RECOVERED, by=None)
    tell_by_email(user, "recovered")


@sensitive_variables("fields")
def _finish(run: RecoveryRun, user: User, stands: Q, fields: dict[str, Any]) -> None:
    try:
        with protection.change(user, **fields):
            # Not _open: it compares the version, which has just been raised.
            mine = RecoveryRun.objects.filter(stands, pk=run.pk, user=user, ended_at=None)
            in_time = mine.filter(created_at__gt=Now() - otp_session.LIFETIME)
            if not (in_time.update(ended_at=Now()) and otp.consume(run.challenge_id)):
                raise RunEnded
            Device.objects.filter(user=user).delete()
            tell(user, "recovered")
    except protection.ChangedElsewhere:
        raise RunEnded from None
    security_log.tell("recovery", outcome="password-set", national_code=user.national_code)
