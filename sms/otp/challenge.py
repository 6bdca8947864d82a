"""OTP challenges: start, resend, confirm, consume. Whatever changes an OtpChallenge stands here.

A page that must not tell whether it knows a mobile uses `pretend`: a challenge without a nonce, which no code confirms.
"""

import hmac
from collections.abc import Collection
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from infra import locks, security_log, statements
from infra.limits import client_ip_key, wide_network
from infra.statements import Sql
from sms.limits import ledger, unconfirmed, wrong_codes
from sms.limits import sends as send_limits
from sms.limits.ledger import Wanted
from sms.limits.sends import Grant
from sms.models import Message, OtpChallenge
from sms.otp import codes
from sms.outbox import queue as outbox

CODE_LIFETIME = timedelta(minutes=10)  # NIST SP 800-63B's longest
TOO_OLD_TO_RESEND = timedelta(minutes=2)  # an SMS may take that long; a code must not die on the way
CALL_AFTER_SENDS = 3  # the first and two repetitions
CALL_WINDOW = timedelta(hours=1)
TEMPLATES = {  # each purpose has a text of its own: nobody reads a recovery out as the code of a registration
    OtpChallenge.Purpose.REGISTRATION: "code",
    OtpChallenge.Purpose.RECOVERY: "code_recovery",
    OtpChallenge.Purpose.DEVICE: "code_device",
    OtpChallenge.Purpose.MOBILE_CHANGE: "code_mobile",
    OtpChallenge.Purpose.REAUTHENTICATION: "code_reauthentication",
}


class CodeOutcome(Enum):
    """What became of a code that somebody typed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    DEAD = "dead"  # expired, or its five tries are spent: only a new code helps


def start(*, purpose: str, mobile: str, national_code: str, client_ip: str) -> OtpChallenge:
    """Begin a challenge and queue its code in one transaction. Raises LimitReached.

    `purpose` is an OtpChallenge.Purpose, `mobile` E.164, `national_code` the person's, `client_ip` the citizen's.
    """
    wanted = Wanted(purpose, mobile, national_code)
    with transaction.atomic():
        return _start(send_limits.check(wanted, client_ip), wanted, client_ip, codes.new_nonce())


def pretend(*, purpose: str, national_code: str, client_ip: str) -> OtpChallenge:
    """The same as `start`, in rows, limits and work, for who has no mobile here: no message is sent, no code is right.

    Raises LimitReached whenever `start` would.
    """
    wanted = Wanted(purpose, nobodys_mobile(national_code), national_code)
    with transaction.atomic():
        return _start(send_limits.check(wanted, client_ip), wanted, client_ip, b"")


def nobodys_mobile(national_code: str) -> str:
    """+9896…, a block without an operator; always the same one for a national code."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), f"nobody's mobile\0{national_code}".encode(), "sha256")
    return f"+9896{int.from_bytes(digest[:8], 'big') % 10**8:08}"


def _start(grant: Grant, wanted: Wanted, client_ip: str, nonce: bytes, *, by_voice: bool = False) -> OtpChallenge:
    grant = grant._replace(leaves=wrong_codes.check(wanted, wrong_codes.ask(wanted)) and grant.leaves)
    challenge = OtpChallenge.objects.create(**wanted._asdict(), nonce=nonce, expires_at=grant.now + CODE_LIFETIME)
    _send(challenge, client_ip, grant, by_voice=by_voice)
    return challenge


def resend(challenge: OtpChallenge, client_ip: str) -> OtpChallenge:
    """Send the same code again while it lives, else begin anew; returns the row that counts from now on.

    So messages that come late or out of order all carry a code that works. A challenge that was confirmed meanwhile
    stays as it is, and nothing is sent. Raises LimitReached.
    """
    return _again(challenge, client_ip, by_voice=False)


def call(challenge: OtpChallenge, client_ip: str) -> OtpChallenge:
    """`resend`, but the code is read out by telephone: for phones that texts do not reach. Raises LimitReached.

    A call costs more than a text, so before CALL_AFTER_SENDS it is a text, whatever the browser asks for.
    """
    return _again(challenge, client_ip, by_voice=may_call(challenge))


def may_call(challenge: OtpChallenge) -> bool:
    """Whether enough texts were sent in vain for a call to be offered."""
    return sends(challenge) >= CALL_AFTER_SENDS


def sends(challenge: OtpChallenge) -> int:
    """How many codes were sent for this purpose, national code and mobile in the last hour, of whatever challenge."""
    recent = Message.objects.filter(recipient=challenge.mobile, created_at__gt=Now() - CALL_WINDOW)
    return recent.filter(purpose=challenge.purpose, national_code=challenge.national_code).count()


def _again(challenge: OtpChallenge, client_ip: str, *, by_voice: bool) -> OtpChallenge:
    with transaction.atomic():
        locks.lock(f"mobile {challenge.mobile}")  # a code may just now be confirmed in another tab
        row = OtpChallenge.objects.filter(pk=challenge.pk)
        if row.filter(confirmed_at__isnull=False).exists():
            return challenge
        wanted = _wanted(challenge)
        grant = send_limits.check(wanted, client_ip)
        lasting = row.filter(attempts__lt=OtpChallenge.MAX_ATTEMPTS, expires_at__gt=Now() + TOO_OLD_TO_RESEND)
        if lasting.exists():
            _send(challenge, client_ip, grant, by_voice=by_voice)
            return challenge
        nonce = codes.new_nonce() if challenge.nonce else b""
        return _start(grant, wanted, client_ip, nonce, by_voice=by_voice)


def _wanted(challenge: OtpChallenge) -> Wanted:
    return Wanted(challenge.purpose, challenge.mobile, challenge.national_code)


def _send(challenge: OtpChallenge, client_ip: str, grant: Grant, *, by_voice: bool) -> None:
    outcome = "held-back" if not grant.leaves else "called" if by_voice else "sent"
    security_log.tell("code", purpose=challenge.purpose, outcome=outcome, national_code=challenge.national_code)
    queue = outbox.add if challenge.nonce and grant.leaves else outbox.pretend
    queue(
        recipient=challenge.mobile,
        purpose=challenge.purpose,
        template=TEMPLATES[OtpChallenge.Purpose(challenge.purpose)],
        code_nonce=bytes(challenge.nonce),
        expires_at=challenge.expires_at,
        national_code=challenge.national_code,
        client_ip=client_ip_key(client_ip),
        client_network=wide_network(client_ip),
        by_voice=by_voice,
        delay=grant.delay,
    )


def confirm(challenge: OtpChallenge, code: str) -> CodeOutcome:
    """Compare a typed code (ASCII digits). An attempt is spent before, so parallel guesses cannot share one.

    Confirming again with the right code is harmless and costs nothing; the first time gives back the places that its
    codes took in the limits by address. Raises LimitReached after too many wrong codes today. Refuses to run inside a
    transaction: rolled back, it would give the attempt back.
    """
    statements.refuse_transaction()
    right = codes.matches(code, challenge.purpose, bytes(challenge.nonce)) and bool(challenge.nonce)
    outcome = None
    while outcome is None:  # each further round means that somebody spent a try for this mobile, and those are limited
        outcome = _try(challenge, right=right)
    return outcome


def _try(challenge: OtpChallenge, *, right: bool) -> CodeOutcome | None:
    """One round of `confirm`; None when somebody else was faster."""
    wanted = _wanted(challenge)
    row = OtpChallenge.objects.filter(pk=challenge.pk)
    alive = row.filter(attempts__lt=OtpChallenge.MAX_ATTEMPTS, expires_at__gt=Now(), confirmed_at=None)
    tried = ledger.as_text(wrong_codes.rows(wanted))
    now, is_confirmed, is_alive, text = statements.run(
        {
            "tried": tried,
            "confirmed": statements.select(row.filter(confirmed_at__isnull=False).values("pk")),
            "alive": statements.select(alive.values("pk")),
        },
        "SELECT STATEMENT_TIMESTAMP(), EXISTS (SELECT FROM confirmed), EXISTS (SELECT FROM alive), text FROM tried",
    )
    if is_confirmed:
        return CodeOutcome.CONFIRMED if right else CodeOutcome.WRONG
    right = wrong_codes.check(wanted, wrong_codes.read(text, now)) and right
    if not is_alive:
        return CodeOutcome.DEAD
    return _spend(challenge, alive, tried, text, right=right)


def _spend(
    challenge: OtpChallenge, alive: QuerySet[OtpChallenge], tried: Sql, text: str, *, right: bool
) -> CodeOutcome | None:
    """Spend a try; with the right code, confirm and give back what its messages hold. None if `tried` is not `text`."""
    confirmed = {"confirmed_at": Now()} if right else {}
    spent = statements.update(alive, attempts=F("attempts") + 1, **confirmed)
    parts = {
        "tried": tried,
        "spent": statements.only_if(spent, "(SELECT text FROM tried) = %s RETURNING 1", text),
    }
    if right:
        given_back = statements.update(unconfirmed.of(challenge), unconfirmed=False)
        parts["given_back"] = statements.only_if(given_back, "EXISTS (SELECT FROM spent)")
    mobile = f"mobile {challenge.mobile}"
    [tries] = statements.run(parts, "SELECT count(*) FROM spent", locks=(mobile,))
    outcome = CodeOutcome.CONFIRMED if right else CodeOutcome.WRONG
    return outcome if tries else None


def is_dead(challenge: OtpChallenge) -> bool:
    """Whether its code can no longer be confirmed, so that only a new one helps."""
    over = challenge.attempts >= OtpChallenge.MAX_ATTEMPTS or challenge.expires_at <= timezone.now()
    return challenge.confirmed_at is None and over


def consume(challenge_id: int) -> bool:
    """Use a confirmed challenge up, inside the caller's transaction; False if it is not confirmed or used already."""
    return confirmed(challenge_id).update(consumed_at=Now()) == 1


def confirmed(challenge_id: int) -> QuerySet[OtpChallenge]:
    """The row, while it is confirmed and not used up."""
    return OtpChallenge.objects.filter(pk=challenge_id, confirmed_at__isnull=False, consumed_at=None)


def consuming(challenges: QuerySet[OtpChallenge]) -> Sql:
    """`consume` as a part of a statement (infra.statements), for a row of `confirmed`."""
    return statements.update(challenges, consumed_at=Now())


def end(national_code: str, purposes: Collection[str]) -> None:
    """What was begun for these purposes and is not used up can be neither confirmed nor used up any more."""
    open_ones = OtpChallenge.objects.filter(national_code=national_code, purpose__in=purposes, consumed_at=None)
    open_ones.filter(confirmed_at__isnull=False).update(consumed_at=Now())
    open_ones.filter(confirmed_at=None, expires_at__gt=Now()).update(
        expires_at=Greatest(Now(), F("created_at") + timedelta(microseconds=1))
    )
