"""Browsers that an account knows: the first sign-in there takes a code by SMS, later ones the password alone.

A browser keeps one random token in a cookie for 90 days, whatever number of accounts it is known to; the rows keep its
hash. A known browser has an allowance of failed sign-ins of its own (gate.py), so that nobody who tries passwords
elsewhere can keep the owner out.
"""

import hashlib
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from accounts.models import Device, User
from sms.models import OtpChallenge

LIFETIME = timedelta(days=90)
MOST = 10  # of one account; the one that was not seen for the longest time makes room
NO_CODE_AFTER_CODE = timedelta(minutes=30)  # who has just confirmed one is not asked for another
# The session's name for the newest challenges that it holds, confirmed or not: pairs of an id, User.security_version.
CHALLENGES, MOST_CHALLENGES = "proved", 3


def token_of(request: HttpRequest) -> str:
    """What this browser is known by; empty if it has no cookie of ours."""
    return request.COOKIES.get(_cookie_name(), "")


def find(token: str, national_code: str) -> Device | None:
    """The device with this token, if the account with this national code knows it."""
    if not token:
        return None
    lasting = Device.objects.filter(seen_at__gt=Now() - LIFETIME)
    return lasting.filter(token_hash=_hash(token), user__national_code=national_code).first()


def keep_challenge(session: SessionBase, challenge: OtpChallenge, security_version: int = 0) -> None:
    """Remember a challenge of this browser: once it is confirmed, signing in asks for no other code.

    It is good for an account with this `security_version`: 0 is one that was never changed since it was opened.
    """
    kept, new = _kept(session), [challenge.pk, security_version]
    if new not in kept:
        session[CHALLENGES] = [*kept, new][-MOST_CHALLENGES:]


def _kept(session: SessionBase) -> list[list[int]]:
    """Pairs; an older release kept one of them alone."""
    kept = session.get(CHALLENGES, [])
    return [pair for pair in kept if isinstance(pair, list)] if isinstance(kept, list) else []


def has_confirmed(session: SessionBase, user: User) -> bool:
    """Whether a challenge for the account's mobile and national code was confirmed here in the last half hour.

    And whether nothing that protects the account was changed since then.
    """
    kept = [pk for pk, version in _kept(session) if version == user.security_version]
    if not kept:
        return False
    challenges = OtpChallenge.objects.filter(pk__in=kept, confirmed_at__gt=Now() - NO_CODE_AFTER_CODE)
    return challenges.filter(mobile=user.mobile, national_code=user.national_code).exists()


def seen(device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(seen_at=Now())


def remember(user: User, request: HttpRequest) -> tuple[Device, str]:
    """Make this browser a known device of `user`; the row and the token for `set_cookie`. In a transaction.

    The token is always a new one, so that a planted cookie is worth nothing; the other accounts follow to it.
    """
    token = secrets.token_urlsafe(32)
    if old := token_of(request):
        Device.objects.filter(token_hash=_hash(old)).update(token_hash=_hash(token))
    device, _ = Device.objects.update_or_create(
        user=user,
        token_hash=_hash(token),
        defaults={"name": browser_name(request.headers.get("User-Agent", "")), "seen_at": Now()},
    )
    mine = Device.objects.filter(user=user)
    mine.exclude(pk__in=list(mine.order_by("-seen_at").values_list("pk", flat=True)[:MOST])).delete()
    mine.filter(seen_at__lt=Now() - LIFETIME).delete()
    return device, token


def set_cookie(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        _cookie_name(),
        token,
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def browser_name(user_agent: str) -> str:
    """`Firefox, Windows`: enough to tell one's own devices apart. Empty for what is not known."""
    browsers = {
        "Edge": r"Edg(e|A|iOS)?/",
        "Opera": r"OPR/",
        "Samsung Internet": r"SamsungBrowser/",
        "Firefox": r"Firefox/|FxiOS/",
        "Chrome": r"Chrome/|CriOS/",
        "Safari": r"Safari/",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone|iPad",
        "Windows": "Windows",
        "macOS": "Mac OS X",
        "Linux": "Linux",
    }
    found = [
        next((name for name, mark in names.items() if re.search(mark, user_agent)), "") for names in (browsers, systems)
    ]
    return ", ".join(name for name in found if name)


def _cookie_name() -> str:
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
