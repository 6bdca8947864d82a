"""Proving that somebody holds a mobile: start, resend, confirm, consume. All that moves a Verification stands here.

A page that must not tell whether it knows a mobile uses `pretend`: a proof without a nonce, which no code can give.
"""

import hmac
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from infra import locks
from infra.limits import client_ip_key
from sms import limits
from sms.models import Message, Verification
from sms.otp import codes
from sms.outbox import queue as outbox

CODE_LIFETIME = timedelta(minutes=10)  # NIST SP 800-63B's longest
TOO_OLD_TO_RESEND = timedelta(minutes=2)  # an SMS may take that long; a code must not die on the way
CALL_AFTER_SENDS = 3  # the first and two repetitions
CALL_WINDOW = timedelta(hours=1)
TEMPLATES = {Verification.Purpose.RECOVERY: "code_recovery"}  # a text of its own, else "code"


class Answer(Enum):
    """What became of a code that somebody typed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    DEAD = "dead"  # expired, or its five tries are spent: only a new code helps


def start(*, purpose: str, mobile: str, subject: str, source: str) -> Verification:
    """Begin a proof and queue its code in one transaction. Raises LimitReached.

    `mobile` is E.164, `subject` the national code that the proof is for, `source` the citizen's address.
    """
    with transaction.atomic():
        now = limits.check_sends(mobile, subject, client_ip_key(source))
        return _start(now, purpose, mobile, subject, source, codes.new_nonce())


def pretend(*, purpose: str, subject: str, source: str) -> Verification:
    """The same as `start`, in rows, limits and work, for a subject without a mobile: no message, no right code.

    Raises LimitReached whenever `start` would for a mobile that nothing else is sent to.
    """
    mobile = _nobodys_mobile(subject)
    with transaction.atomic():
        now = limits.check_sends(mobile, subject, client_ip_key(source))
        return _start(now, purpose, mobile, subject, source, b"")


def _nobodys_mobile(subject: str) -> str:
    """096…, a block without an operator; always the same one for a subject, so that its limits count."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"nobody's mobile\0{subject}".encode(), "sha256")
    return f"+9896{int.from_bytes(digest[:8], 'big') % 10**8:08}"


def _start(
    now: datetime, purpose: str, mobile: str, subject: str, source: str, nonce: bytes, *, by_voice: bool = False
) -> Verification:
    limits.check_wrong_codes(mobile)
    verification = Verification.objects.create(
        purpose=purpose, mobile=mobile, subject=subject, nonce=nonce, expires_at=now + CODE_LIFETIME
    )
    _send(verification, source, by_voice=by_voice)
    return verification


def resend(verification: Verification, source: str) -> Verification:
    """Send the same code again while it lives, else begin anew; returns the row that counts from now on.

    So messages that come late or out of order all carry a code that works. A proof that was given meanwhile stays as it
    is, and nothing is sent. Raises LimitReached.
    """
    return _again(verification, source, by_voice=False)


def call(verification: Verification, source: str) -> Verification:
    """`resend`, but the code is read out by telephone: for phones that texts do not reach. Raises LimitReached.

    A call costs more than a text, so before CALL_AFTER_SENDS it is a text, whatever the browser asks for.
    """
    return _again(verification, source, by_voice=may_call(verification))


def may_call(verification: Verification) -> bool:
    """Whether enough texts were sent in vain for a call to be offered."""
    return sends(verification) >= CALL_AFTER_SENDS


def sends(verification: Verification) -> int:
    """How many codes were sent for this purpose, subject and mobile in the last hour, by whatever proof."""
    recent = Message.objects.filter(recipient=verification.mobile, created_at__gt=Now() - CALL_WINDOW)
    return recent.filter(purpose=verification.purpose, subject=verification.subject).count()


def _again(verification: Verification, source: str, *, by_voice: bool) -> Verification:
    with transaction.atomic():
        locks.lock(f"mobile {verification.mobile}")  # a code may just now be confirmed in another tab
        row = Verification.objects.filter(pk=verification.pk)
        if row.filter(confirmed_at__isnull=False).exists():
            return verification
        now = limits.check_sends(verification.mobile, verification.subject, client_ip_key(source))
        lasting = row.filter(attempts__lt=Verification.MAX_ATTEMPTS, expires_at__gt=Now() + TOO_OLD_TO_RESEND)
        if lasting.exists():
            _send(verification, source, by_voice=by_voice)
            return verification
        nonce = codes.new_nonce() if verification.nonce else b""
        purpose, mobile, subject = verification.purpose, verification.mobile, verification.subject
        return _start(now, purpose, mobile, subject, source, nonce, by_voice=by_voice)


def _send(verification: Verification, source: str, *, by_voice: bool) -> None:
    queue = outbox.add if verification.nonce else outbox.pretend
    queue(
        recipient=verification.mobile,
        purpose=verification.purpose,
        template=TEMPLATES.get(Verification.Purpose(verification.purpose), "code"),
        code_nonce=bytes(verification.nonce),
        expires_at=verification.expires_at,
        subject=verification.subject,
        source=client_ip_key(source),
        by_voice=by_voice,
    )


def confirm(verification: Verification, code: str) -> Answer:
    """Judge a typed code (ASCII digits). An attempt is spent before comparing, so parallel guesses share nothing.

    Confirming again with the right code is harmless and costs nothing. Raises LimitReached after too many
    wrong codes for this mobile today. Refuses to run inside a transaction: rolled back, it would give the attempt back.
    """
    right = codes.matches(code, verification.purpose, bytes(verification.nonce)) and bool(verification.nonce)
    row = Verification.objects.filter(pk=verification.pk)
    with transaction.atomic(durable=True):
        locks.lock(f"mobile {verification.mobile}")
        if row.filter(confirmed_at__isnull=False).exists():
            return Answer.CONFIRMED if right else Answer.WRONG
        limits.check_wrong_codes(verification.mobile)
        alive = row.filter(attempts__lt=Verification.MAX_ATTEMPTS, expires_at__gt=Now())
        if not alive.update(attempts=F("attempts") + 1):
            return Answer.DEAD
        if not right:
            return Answer.WRONG
        row.update(confirmed_at=Now())
    return Answer.CONFIRMED


def is_dead(verification: Verification) -> bool:
    """Whether its code can no longer be confirmed, so that only a new one helps."""
    over = verification.attempts >= Verification.MAX_ATTEMPTS or verification.expires_at <= timezone.now()
    return verification.confirmed_at is None and over


def consume(verification_id: int) -> bool:
    """Use a proof up, inside the caller's transaction; False when it was never given or is used already."""
    proof = Verification.objects.filter(pk=verification_id, confirmed_at__isnull=False, consumed_at=None)
    return proof.update(consumed_at=Now()) == 1
