"""An OTP challenge that a browser session holds: which one it is, and when a new one must begin.

A session holds the id of a row, and the row is the truth: the challenge itself, or a row of the caller that points to
it and outlives a challenge that died (a draft, a recovery). What else a session must remember is the caller's.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone

from infra.limits import LimitReached
from sms.models import OtpChallenge
from sms.otp import challenge as otp

HELD = "held_code"  # the session's name for the id of a challenge whose code is held back
LIFETIME = timedelta(minutes=30)  # from the first challenge's beginning to whatever it was confirmed for
LONGEST = timedelta(hours=5)  # from the newest code, for who says to be still there: ten times half an hour


def held(challenge_id: int | None, *, purpose: str, national_code: str, mobile: str = "") -> OtpChallenge | None:
    """The challenge with the id that a session holds, if it is for just this and neither used up, ended nor over.

    Without `mobile` (E.164) it may be for any one. Codes that are sent again do not make its time longer: what was
    shown before the first one, a password or a session, was shown then.
    """
    if challenge_id is None:
        return None
    challenges = OtpChallenge.objects.filter(
        pk=challenge_id, purpose=purpose, national_code=national_code, consumed_at=None, began_at__gt=Now() - LIFETIME
    )
    return (challenges.filter(mobile=mobile) if mobile else challenges).exclude(otp.ENDED).first()


def begin(
    before: OtpChallenge | None, *, purpose: str, mobile: str, national_code: str, client_ip: str
) -> OtpChallenge:
    """`before`, which the session holds, while it serves for just this; else a new challenge, whose code is queued.

    With an empty `mobile` it only looks as if a code were sent (challenge.pretend). Was another one sent less than the
    gap ago, the code is held back (challenge.hold). Raises infra.limits.LimitReached.
    """
    wanted = (purpose, mobile or otp.nobodys_mobile(national_code), national_code)
    if before and (before.purpose, before.mobile, before.national_code) == wanted and not otp.is_dead(before):
        return before
    try:
        if not mobile:
            return otp.pretend(purpose=purpose, national_code=national_code, client_ip=client_ip)
        return otp.start(purpose=purpose, mobile=mobile, national_code=national_code, client_ip=client_ip)
    except LimitReached as limit:
        return otp.hold(limit, purpose=purpose, mobile=mobile, national_code=national_code, client_ip=client_ip)


def stay(challenge: OtpChallenge) -> None:
    """Who holds it is still there: it ends LIFETIME from now, as far as LONGEST allows."""
    mine = OtpChallenge.objects.filter(pk=challenge.pk, began_at__gt=Now() - LIFETIME, consumed_at=None)
    mine.exclude(otp.ENDED).update(began_at=put_off("began_at", challenge))
    challenge.refresh_from_db(fields=["began_at"])


def put_off(began: str, challenge: OtpChallenge) -> Greatest:
    """For an update: the moment in the column `began`, from which LIFETIME counts, as `stay` moves it."""
    return Greatest(began, Least(Now(), Value(challenge.created_at + LONGEST - LIFETIME)))


def seconds_left(challenge: OtpChallenge, began_at: datetime) -> tuple[int, int]:
    """Until what this challenge was asked for ends if nothing happens, and until it ends in any case."""
    now = timezone.now()
    ends = (began_at + LIFETIME, max(began_at + LIFETIME, challenge.created_at + LONGEST))
    idle, in_any_case = (max(0, int((end - now).total_seconds())) for end in ends)
    return idle, in_any_case


def keep_held(session: SessionBase, challenge: OtpChallenge) -> None:
    """Remember of a challenge that was begun just now whether its code was held back."""
    if challenge.is_held:
        session[HELD] = challenge.pk


def is_held(session: SessionBase, challenge: OtpChallenge) -> bool:
    """Whether the code of this challenge has not been sent yet."""
    return session.get(HELD) == challenge.pk and challenge.confirmed_at is None


def sent(session: SessionBase) -> None:
    session.pop(HELD, None)


def resend(
    challenge: OtpChallenge, client_ip: str, keep: Callable[[OtpChallenge], object], *, by_voice: bool = False
) -> None:
    """Send the code again, or have it read out by telephone. Raises infra.limits.LimitReached.

    Was the challenge dead or about to die, a new one begins, and `keep` puts it in its place, in the same transaction.
    """
    with transaction.atomic():
        current = otp.call(challenge, client_ip) if by_voice else otp.resend(challenge, client_ip)
        if current != challenge:
            keep(current)
