"""OTP challenges: start, resend, confirm, consume. Whatever changes an OtpChallenge stands here.

A page that must not tell whether it knows a mobile uses `pretend`: a challenge without a nonce, which no code confirms.
"""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from infra import keys, security_log, statements, throttle
from infra.limits import LimitReached, client_ip_key, wide_network
from infra.statements import Given, Sql
from sms.limits import sends as send_limits
from sms.limits import wrong_codes
from sms.limits.ledger import Wanted
from sms.limits.sends import Grant, Look
from sms.limits.windows import gap
from sms.models import Message, OtpChallenge
from sms.otp import asked, codes, tries
from sms.otp.tries import Seen
from sms.outbox import queue as outbox

CODE_LIFETIME = timedelta(minutes=10)  # NIST SP 800-63B's longest
TOO_OLD_TO_RESEND = timedelta(minutes=2)  # an SMS may take that long; a code must not die on the way
_AT_ONCE = F("created_at") + timedelta(microseconds=1)  # no code lives so short: how `end` marks what it has ended
ENDED = Q(expires_at__lte=_AT_ONCE)
TEMPLATES = {  # each purpose has a text of its own: nobody reads a recovery out as the code of a registration
    OtpChallenge.Purpose.REGISTRATION: "code",
    OtpChallenge.Purpose.RECOVERY: "code_recovery",
    OtpChallenge.Purpose.DEVICE: "code_device",
    OtpChallenge.Purpose.MOBILE_CHANGE: "code_mobile",
    OtpChallenge.Purpose.REAUTHENTICATION: "code_reauthentication",
    OtpChallenge.Purpose.DESK: "code_desk",
    OtpChallenge.Purpose.CALLER: "code_caller",
    OtpChallenge.Purpose.REQUEST: "code_request",
}


class Hindered(Exception):  # noqa: N818  a state of affairs, not a fault
    """What the caller named is in the way; nothing was sent."""


class CodeOutcome(Enum):
    """What became of a code that somebody typed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    DEAD = "dead"  # expired, or its five tries are spent: only a new code helps


def start(
    *,
    purpose: str,
    mobile: str,
    national_code: str,
    client_ip: str,
    unless: Sql | None = None,
    owner: Model | None = None,
) -> OtpChallenge:
    """Begin a challenge and queue its code in one statement. Raises LimitReached.

    `purpose` is an OtpChallenge.Purpose, `mobile` E.164, `national_code` the person's, `client_ip` the citizen's.
    `unless`: a query, given purpose, mobile and national code; when it has rows, Hindered is raised before any limit is
    told. `owner`: a new row whose field `challenge` gets this one; it is inserted with it.
    """
    wanted = Wanted(purpose, mobile, national_code)
    return _begin(_Code(wanted, client_ip, codes.new_nonce()), unless=unless, owner=owner)


def pretend(*, purpose: str, national_code: str, client_ip: str) -> OtpChallenge:
    """The same as `start`, in rows, limits and work, for who has no mobile here: no message is sent, no code is right.

    Raises LimitReached whenever `start` would.
    """
    return _begin(_Code(Wanted(purpose, nobodys_mobile(national_code), national_code), client_ip, b""))


def hold(limit: LimitReached, *, purpose: str, mobile: str, national_code: str, client_ip: str) -> OtpChallenge:
    """A challenge whose code is not sent yet, because another one was sent less than the gap between two ago (`limit`):
    `resend` sends it. Without `mobile` none ever is.

    Raises the limit where it lasts longer, or where too many are held for this address.
    """
    _, seconds = gap(settings.LIMIT_SENDS_PER_MOBILE)
    if limit.rule != send_limits.PER_MOBILE or limit.retry_after > seconds:
        raise limit
    throttle.hit_all(
        throttle.Limit("held-ip", client_ip_key(client_ip), settings.LIMIT_UNCONFIRMED_PER_IP),
        throttle.Limit("held-network", wide_network(client_ip), settings.LIMIT_UNCONFIRMED_PER_NETWORK),
    )
    held = OtpChallenge.objects.create(
        purpose=purpose,
        mobile=mobile or nobodys_mobile(national_code),
        national_code=national_code,
        nonce=codes.new_nonce() if mobile else b"",
        expires_at=timezone.now() + CODE_LIFETIME,
    )
    held.is_held = True
    return held


def nobodys_mobile(national_code: str) -> str:
    """+9896…, a block without an operator; always the same one for a national code."""
    secret = keys.accepted(keys.FINGERPRINTS)[0]
    digest = hmac.digest(secret.encode(), f"nobody's mobile\0{national_code}".encode(), "sha256")
    return f"+9896{int.from_bytes(digest[:8], 'big') % 10**8:08}"


class _Code(NamedTuple):
    """A code that is to be sent; of `challenge`, else of a new one, which takes the place of `before` if there is one.

    Without a `nonce` it is none.
    """

    wanted: Wanted
    client_ip: str
    nonce: bytes
    challenge: OtpChallenge | None = None
    before: OtpChallenge | None = None
    by_voice: bool = False


def _begin(code: _Code, *, unless: Sql | None = None, owner: Model | None = None) -> OtpChallenge:
    begun = None
    while begun is None:  # each further round means that somebody else's code was sent, and those are limited
        look = send_limits.look(code.wanted, code.client_ip, {"hindrance": unless} if unless else {})
        if "hindrance" in look.found:
            raise Hindered
        begun = _send(code, look, owner)
    return begun


def _send(code: _Code, look: Look, owner: Model | None = None) -> OtpChallenge | None:
    """Write the message, the challenge if it is new, and its owner; None if `look` is not what holds any more."""
    grant = send_limits.check(code.wanted, look)
    challenge = code.challenge
    if challenge is None:
        leaves = wrong_codes.check(code.wanted, look.tried) and grant.leaves
        grant = grant._replace(leaves=leaves)
        began = {"began_at": code.before.began_at} if code.before else {}
        challenge = OtpChallenge(
            **code.wanted._asdict(), nonce=code.nonce, expires_at=look.now + CODE_LIFETIME, **began
        )
        of = statements.insert(challenge, "unchanged")
    else:
        of = "SELECT %s AS pk FROM unchanged", (challenge.pk,)
    message = _message(code, challenge, grant, look.now)
    written = {"challenge": of, "message": statements.insert(message, "challenge")}
    rows: list[Model] = [challenge, message]
    if owner:
        rows.append(owner)
        written["owner"] = statements.insert(owner, "challenge", challenge_id="challenge.pk")
    parts = {**look.parts, "unchanged": look.unchanged, **written}
    answer = f"SELECT STATEMENT_TIMESTAMP(), {statements.keys_of(*written)}"
    now, *ids = statements.run(parts, answer, locks=look.locks, given=look.given)
    if ids[0] is None:
        return None
    for row, pk in zip(rows, ids, strict=True):
        statements.inserted(row, pk, now)
    if owner:
        owner.challenge = challenge  # type: ignore[attr-defined]
    outcome = "held-back" if not grant.leaves else "called" if code.by_voice else "sent"
    security_log.tell("code", purpose=challenge.purpose, outcome=outcome, national_code=challenge.national_code)
    outbox.wake_for(message)
    return challenge


def _message(code: _Code, challenge: OtpChallenge, grant: Grant, now: datetime) -> Message:
    """Not yet a row. What only pretends takes the same work, and its place in the limits' ledger."""
    leaves = bool(challenge.nonce) and grant.leaves
    return Message(
        recipient=challenge.mobile,
        purpose=challenge.purpose,
        template=TEMPLATES[OtpChallenge.Purpose(challenge.purpose)],
        code_nonce=bytes(challenge.nonce) if leaves else None,
        expires_at=challenge.expires_at,
        national_code=challenge.national_code,
        client_ip=client_ip_key(code.client_ip),
        client_network=wide_network(code.client_ip),
        unconfirmed=True,
        by_voice=code.by_voice,
        state=Message.State.QUEUED if leaves else Message.State.CANCELLED,
        send_at=now + grant.delay if leaves else None,
    )


def resend(challenge: OtpChallenge, client_ip: str) -> OtpChallenge:
    """Send the same code again while it lives, else begin anew; returns the row that counts from now on.

    So messages that come late or out of order all carry a code that works. A challenge that was confirmed meanwhile
    stays as it is, and so does one that was ended; nothing is sent. Raises LimitReached.
    """
    return _again(challenge, client_ip, by_voice=False)


def call(challenge: OtpChallenge, client_ip: str) -> OtpChallenge:
    """`resend`, but the code is read out by telephone: for phones that texts do not reach. Raises LimitReached.

    A call costs more than a text, so before it is offered (sms.otp.asked) it is a text, whatever the browser asks for.
    """
    return _again(challenge, client_ip, by_voice=asked.of(challenge).may_call)


def _again(challenge: OtpChallenge, client_ip: str, *, by_voice: bool) -> OtpChallenge:
    wanted, current = tries.wanted(challenge), None
    while current is None:  # as in _begin; or the code was confirmed meanwhile in another tab
        look = send_limits.look(wanted, client_ip, _standing(), challenge=challenge.pk)
        if {"confirmed", "ended"} & look.found:
            return challenge
        same = challenge if "lasting" in look.found else None
        nonce = codes.new_nonce() if challenge.nonce else b""
        current = _send(_Code(wanted, client_ip, nonce, same, challenge, by_voice), look)
    return current


@cache
def _standing() -> dict[str, Sql]:
    """Parts of a statement that is given a `challenge`: whether it is confirmed, or ended; whether its code lives long
    enough."""
    row = OtpChallenge.objects.filter(pk=Given("challenge"))
    lasting = row.filter(attempts__lt=OtpChallenge.MAX_ATTEMPTS, expires_at__gt=Now() + TOO_OLD_TO_RESEND)
    return {
        "confirmed": statements.select(row.filter(confirmed_at__isnull=False).values("pk")),
        "ended": statements.select(row.filter(ENDED).values("pk")),
        "lasting": statements.select(lasting.values("pk")),
    }


def confirm(challenge: OtpChallenge, code: str, seen: Seen | None = None) -> CodeOutcome:
    """Compare a typed code (ASCII digits). An attempt is spent before, so parallel guesses cannot share one.

    `challenge.attempts` is one more then. Confirming again with the right code is harmless and costs nothing; the first
    time gives back the places that its codes took in the limits by address. Raises LimitReached after too many wrong
    codes today. Refuses to run inside a transaction: rolled back, it would give the attempt back. `seen`: what was read
    with the challenge, if it was.
    """
    statements.refuse_transaction()
    right = codes.matches(code, challenge.purpose, bytes(challenge.nonce)) and bool(challenge.nonce)
    while True:  # each further round means that somebody spent a try for this mobile, and those are limited
        known = seen or tries.look(challenge)
        if known.is_confirmed:
            return CodeOutcome.CONFIRMED if right else CodeOutcome.WRONG
        good = wrong_codes.check(tries.wanted(challenge), wrong_codes.read(known.tried, known.now)) and right
        if not known.is_alive:
            return CodeOutcome.DEAD
        if tries.spend(challenge, known, right=good):
            challenge.attempts += 1
            return CodeOutcome.CONFIRMED if good else CodeOutcome.WRONG
        seen = None


def is_dead(challenge: OtpChallenge) -> bool:
    """Whether its code can no longer be confirmed, so that only a new one helps."""
    over = challenge.attempts >= OtpChallenge.MAX_ATTEMPTS or challenge.expires_at <= timezone.now()
    return challenge.confirmed_at is None and over


def tries_left(challenge: OtpChallenge) -> int:
    return max(0, OtpChallenge.MAX_ATTEMPTS - challenge.attempts)


def consume(challenge_id: int) -> bool:
    """Use a confirmed challenge up, inside the caller's transaction; False if it is not confirmed or used already."""
    return confirmed(challenge_id).update(consumed_at=Now()) == 1


def confirmed(challenge_id: int | Given) -> QuerySet[OtpChallenge]:
    """The row, while it is confirmed and not used up."""
    return OtpChallenge.objects.filter(pk=challenge_id, confirmed_at__isnull=False, consumed_at=None)


def consuming(challenges: QuerySet[OtpChallenge]) -> Sql:
    """`consume` as a part of a statement (infra.statements), for a row of `confirmed`."""
    return statements.update(challenges, consumed_at=Now())


def begun(national_code: str, purposes: Collection[str]) -> QuerySet[OtpChallenge]:
    """What is not used up, for these purposes; not that of a registration, which ends with its request."""
    ours = OtpChallenge.objects.filter(national_code=national_code, purpose__in=purposes, consumed_at=None)
    return ours.exclude(purpose=OtpChallenge.Purpose.REGISTRATION)  # the condition of its index


def end(national_code: str, purposes: Collection[str]) -> None:
    """What was `begun` can be neither confirmed nor used up any more, nor sent."""
    begun(national_code, purposes).filter(confirmed_at__isnull=False).update(consumed_at=Now())
    begun(national_code, purposes).filter(confirmed_at=None).update(expires_at=_AT_ONCE)
