"""Codes that a citizen tells the clerk: the new SIM of an account is in the citizen's own hands.

A clerk's session keeps the id of a challenge, the row is the truth. It is good for the account as it was when the code
was sent: errands compare `security_version` again, and a change of the protection ends the code.
"""

from collections.abc import Callable
from copy import copy

from accounts import protection
from accounts.errands import alone
from accounts.errands.errand import LOCKED, OPEN, Errand, NotPossible, on
from accounts.models import AccountEvent, Device, User
from accounts.notices import tell, tell_by_email
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

Kind, Purpose = AccountEvent.Kind, OtpChallenge.Purpose
MOBILE_STATES = frozenset({OPEN, LOCKED})


def held(user: User, purpose: str, mobile: str, challenge_id: int | None) -> OtpChallenge | None:
    """The challenge that a clerk's session keeps, if it is for just this and not over."""
    return otp_session.held(challenge_id, purpose=purpose, national_code=user.national_code, mobile=mobile)


def send_to_new_mobile(account_id: int, errand: Errand, mobile: str, before: OtpChallenge | None) -> OtpChallenge:
    """Send a code to the number (E.164) that is to be the account's; `before` goes on while it serves for just this.

    A code that goes is an event, here and in `send_again`: one that is held back, when it is sent. Raises NotPossible,
    alone.ColleagueNeeded of who has started a recovery, ChangedMeanwhile, infra.limits.LimitReached.
    """
    with on(account_id, errand, MOBILE_STATES) as user:
        alone.refuse_alone(user, errand.by, Kind.MOBILE_CHANGED)
        if mobile == user.mobile:
            raise NotPossible
        challenge = otp_session.begin(
            before,
            purpose=Purpose.DESK,
            mobile=mobile,
            national_code=user.national_code,
            client_ip=errand.client_ip,
        )
        if challenge != before and not challenge.is_held:
            errand.note(user, Kind.CODE_SENT, {"mobile": ["", mobile]})
    return challenge


def send_again(
    account_id: int, errand: Errand, challenge: OtpChallenge, keep: Callable[[OtpChallenge], object]
) -> None:
    """`keep` gets the challenge that counts from now on, if it is another one.

    Raises NotPossible, also if the code was confirmed or ended meanwhile; ChangedMeanwhile, infra.limits.LimitReached.
    """
    with on(account_id, errand, MOBILE_STATES) as user:
        present = held(user, Purpose.DESK, challenge.mobile, challenge.pk)
        if present is None or present.confirmed_at:
            raise NotPossible
        otp_session.resend(challenge, errand.client_ip, keep)
        errand.note(user, Kind.CODE_SENT, {"mobile": ["", challenge.mobile]})


def change_mobile(account_id: int, errand: Errand, challenge: OtpChallenge) -> None:
    """The mobile of the confirmed challenge becomes the account's. Everything that is under way ends, devices are
    forgotten; the old number, the new one and the e-mail are told.

    Raises NotPossible, also if the code was not confirmed, or used; alone.ColleagueNeeded; ChangedMeanwhile.
    """
    with on(account_id, errand, MOBILE_STATES) as user:
        alone.refuse_alone(user, errand.by, Kind.MOBILE_CHANGED)
        before = copy(user)
        if held(user, Purpose.DESK, challenge.mobile, challenge.pk) is None or not otp.consume(challenge.pk):
            raise NotPossible
        protection.overrule(user, mobile=challenge.mobile)
        Device.objects.filter(user=user).delete()
        tell(before, "mobile_changed")
        tell(user, "mobile_set")
        errand.note(user, Kind.MOBILE_CHANGED, {"mobile": [before.mobile, user.mobile]})
    tell_by_email(before, "mobile_changed")
