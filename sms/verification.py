"""Proving that somebody holds a mobile: start, resend, confirm, consume. All that moves a Verification stands here."""

from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from sms import codes, limits, outbox
from sms.models import Verification

CODE_LIFETIME = timedelta(minutes=10)  # NIST SP 800-63B's longest
TOO_OLD_TO_RESEND = timedelta(minutes=2)  # an SMS may take that long; a code must not die on the way


class Answer(Enum):
    """What became of a code that somebody typed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    DEAD = "dead"  # expired, or its five tries are spent: only a new code helps


def start(*, purpose: str, mobile: str, subject: str, source: str) -> Verification:
    """Begin a proof and queue its code in one transaction. Raises limits.LimitReached.

    `mobile` is E.164, `subject` the national code that the proof is for, `source` the citizen's address.
    """
    with transaction.atomic():
        now = limits.check_sends(mobile, subject, limits.address_key(source))
        return _start(now, purpose, mobile, subject, source)


def _start(now: datetime, purpose: str, mobile: str, subject: str, source: str) -> Verification:
    limits.check_wrong_codes(mobile)
    verification = Verification.objects.create(
        purpose=purpose, mobile=mobile, subject=subject, nonce=codes.new_nonce(), expires_at=now + CODE_LIFETIME
    )
    _send(verification, source)
    return verification


def resend(verification: Verification, source: str) -> Verification:
    """Send the same code again while it lives, else begin anew; returns the row that counts from now on.

    So messages that come late or out of order all carry a code that works. A proof that was given meanwhile stays as it
    is, and nothing is sent. Raises limits.LimitReached.
    """
    with transaction.atomic():
        limits.lock(f"mobile {verification.mobile}")  # a code may just now be confirmed in another tab
        row = Verification.objects.filter(pk=verification.pk)
        if row.filter(confirmed_at__isnull=False).exists():
            return verification
        now = limits.check_sends(verification.mobile, verification.subject, limits.address_key(source))
        lasting = row.filter(attempts__lt=Verification.MAX_ATTEMPTS, expires_at__gt=Now() + TOO_OLD_TO_RESEND)
        if lasting.exists():
            _send(verification, source)
            return verification
        return _start(now, verification.purpose, verification.mobile, verification.subject, source)


def _send(verification: Verification, source: str) -> None:
    outbox.queue(
        recipient=verification.mobile,
        purpose=verification.purpose,
        template="code",
        code_nonce=bytes(verification.nonce),
        expires_at=verification.expires_at,
        subject=verification.subject,
        source=limits.address_key(source),
    )


def confirm(verification: Verification, code: str) -> Answer:
    """Judge a typed code (ASCII digits). An attempt is spent before comparing, so parallel guesses share nothing.

    Confirming again with the right code is harmless and costs nothing. Raises limits.LimitReached after too many
    wrong codes for this mobile today. Refuses to run inside a transaction: rolled back, it would give the attempt back.
    """
    right = codes.matches(code, verification.purpose, bytes(verification.nonce))
    row = Verification.objects.filter(pk=verification.pk)
    with transaction.atomic(durable=True):
        limits.lock(f"mobile {verification.mobile}")
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


def consume(verification_id: int) -> bool:
    """Use a proof up, inside the caller's transaction; False when it was never given or is used already."""
    proof = Verification.objects.filter(pk=verification_id, confirmed_at__isnull=False, consumed_at=None)
    return proof.update(consumed_at=Now()) == 1
