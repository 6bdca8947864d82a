"""Whether who has called holds the account's mobile: a code goes there, and the caller reads it out to the clerk.

It shows that and no more. A code has a purpose of its own: what is told by telephone changes no number and activates
nothing.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db.models.functions import Now

from accounts.errands.codes import held
from accounts.errands.errand import LOCKED, OPEN, Errand, NotPossible, on
from accounts.models import AccountEvent, User
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

Kind, Purpose = AccountEvent.Kind, OtpChallenge.Purpose
STATES = frozenset({OPEN, LOCKED})
VERIFIED_FOR = timedelta(minutes=15)  # one conversation


def present(user: User, challenge_id: int | None) -> OtpChallenge | None:
    """The challenge that a clerk's session keeps, if it is of a call about this account and not over."""
    return held(user, Purpose.CALLER, user.mobile, challenge_id)


def send_code(account_id: int, errand: Errand, before: OtpChallenge | None) -> OtpChallenge:
    """Send a code to the account's mobile; `before` goes on while it serves for just this.

    A code that goes is an event, here and in `send_again`: one that is held back, when it is sent. Raises NotPossible,
    ChangedMeanwhile, infra.limits.LimitReached.
    """
    with on(account_id, errand, STATES) as user:
        if not user.mobile:
            raise NotPossible
        whose = {"mobile": user.mobile, "national_code": user.national_code}
        challenge = otp_session.begin(before, purpose=Purpose.CALLER, client_ip=errand.client_ip, **whose)
        if challenge != before and not challenge.is_held:
            errand.note(user, Kind.CALLER_CODE)
    return challenge


def send_again(
    account_id: int, errand: Errand, challenge: OtpChallenge, keep: Callable[[OtpChallenge], object]
) -> None:
    """`keep` gets the challenge that counts from now on, if it is another one.

    Raises NotPossible, also if the code was confirmed or ended meanwhile; ChangedMeanwhile, infra.limits.LimitReached.
    """
    with on(account_id, errand, STATES) as user:
        now = present(user, challenge.pk)
        if now is None or now.confirmed_at:
            raise NotPossible
        otp_session.resend(challenge, errand.client_ip, keep)
        errand.note(user, Kind.CALLER_CODE)


def verify(account_id: int, errand: Errand, challenge: OtpChallenge) -> None:
    """The caller told the right code: use the confirmed challenge up.

    Raises NotPossible, also if the code was not confirmed, or used; ChangedMeanwhile.
    """
    with on(account_id, errand, STATES) as user:
        if present(user, challenge.pk) is None or not otp.consume(challenge.pk):
            raise NotPossible
        errand.note(user, Kind.CALLER_VERIFIED)


def fail(account_id: int, errand: Errand, challenge: OtpChallenge) -> None:
    """The caller told five wrong codes, or none: the code ends. Raises NotPossible, ChangedMeanwhile."""
    with on(account_id, errand, STATES) as user:
        now = present(user, challenge.pk)
        if now is None or now.confirmed_at:
            raise NotPossible
        otp.end(user.national_code, [Purpose.CALLER])
        errand.note(user, Kind.CALLER_FAILED)


def verified(user: User, by: User) -> AccountEvent | None:
    """The event by which the caller counts as verified now, for this clerk and the account as it was then."""
    told = AccountEvent.objects.filter(account=user.pk, actor=by, kind__in=[Kind.CALLER_VERIFIED, Kind.CALLER_FAILED])
    lately = told.filter(at__gt=Now() - VERIFIED_FOR, security_version=user.security_version).order_by("-pk").first()
    return lately if lately and lately.kind == Kind.CALLER_VERIFIED else None
