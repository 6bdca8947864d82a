"""How a member of the staff sets up password and app: alone, on an own device, by a code that serves once.

Who invites hands over the code and never sees more: neither the password nor the app's secret. The code is kept as a
keyed hash. A person with a password of before, a citizen's or a clerk's, is asked for it: the code alone takes over no
account. docs/decisions/0042.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Now
from django.views.decorators.debug import sensitive_variables

from accounts import protection
from accounts.models import StaffEnrolment, StaffEvent, StaffFactor, User
from accounts.passwords import rules as password_rules
from accounts.sign_in import gate, recovery_codes, totp
from accounts.staff.events import note
from infra import keys, security_log, throttle
from infra.limits import client_ip_key
from iran.numbers import NATIONAL_CODE

KEY = keys.Purpose("FACTORS_KEY", b"tamin-portal staff enrolment")
LIFETIME = timedelta(hours=72)
DIGITS = 12
BY_ACCOUNT = "staff-enrolment"


class Issued(NamedTuple):
    """What is handed over. `code`: twelve ASCII digits, known to nobody else and shown once."""

    user: User
    code: str
    expires_at: datetime

    def in_fours(self) -> str:
        """The code as it is read out."""
        return " ".join(self.code[at : at + 4] for at in range(0, DIGITS, 4))


class Expired(Exception):  # noqa: N818  a state of affairs, not a fault
    """The code was right, and is too old."""


class Gone(Exception):  # noqa: N818  a state of affairs, not a fault
    """The enrolment was finished, withdrawn, or begun in another browser meanwhile."""


@sensitive_variables("code")
def issue(user: User) -> Issued:
    """A new code for `user`, in the caller's transaction; the one before is void."""
    StaffEnrolment.objects.filter(user=user).delete()
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = StaffEnrolment.objects.create(user=user, code_hash=_hashes(user, code)[0], expires_at=Now() + LIFETIME)
    row.refresh_from_db(fields=["expires_at"])  # by the clock of the database, which judges it
    return Issued(user, code, row.expires_at)


@sensitive_variables("code")
def begin(national_code: str, code: str, client_ip: str) -> StaffEnrolment | None:
    """The enrolment whose code this is, with a new secret for the app; a browser that has begun before is out.

    Both arguments in ASCII digits. None: there is none, or the code is wrong, used, replaced, or was tried too often.
    Raises Expired, and infra.limits.LimitReached: wrong codes are counted as passwords are.
    """
    security_log.concerns(national_code)
    by_account = throttle.Limit(BY_ACCOUNT, national_code, settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE)
    by_address = throttle.Limit(gate.BY_DESK_ADDRESS, client_ip_key(client_ip), settings.LIMIT_SIGN_IN_PER_IP)
    event = throttle.hit_all(by_account, by_address)
    row = _of(national_code)
    if row is None or not _spend(row) or not _is_right(row, code) or not _may_enrol(row.user):
        security_log.tell("enrolment", outcome="wrong")
        return None
    throttle.forget(by_account.rule, by_account.value)
    throttle.refund(by_address.rule, by_address.value, event)
    begun = _alive(row.pk).update(openings=F("openings") + 1, nonce=totp.KEY.new_nonce())
    security_log.tell("enrolment", outcome="begun" if begun else "expired")
    if not begun:
        raise Expired
    row.refresh_from_db()
    return row


def present(pk: int, openings: int) -> StaffEnrolment | None:
    """The enrolment that a browser has begun, if it can go on; `openings`: what the row had when it began."""
    row = _alive(pk).select_related("user").filter(openings=openings).first()
    return row if row and _may_enrol(row.user) else None


def chooses_password(user: User) -> bool:
    """Whether the enrolment sets a password; who has one is asked for it instead."""
    return user.activated_at is None or not user.has_usable_password()


@sensitive_variables("password", "fresh")
def set_password(row: StaffEnrolment, password: str) -> None:
    """Of the person who enrols. Raises ValueError for one that breaks the rules, which the form has told, and Gone."""
    user = row.user
    names = {"first_name": user.first_name, "last_name": user.last_name}
    if password_rules.problems(password, **names, national_code=user.national_code):
        raise ValueError("the password breaks rules")
    fresh = User(pk=user.pk)
    fresh.set_password(password)
    with transaction.atomic():
        _hold(row)
        if not chooses_password(User.objects.select_for_update().get(pk=user.pk)):
            raise Gone
        User.objects.filter(pk=user.pk).update(password=fresh.password, security_version=F("security_version") + 1)


@sensitive_variables("code")
def finish(row: StaffEnrolment, code: str, client_ip: str) -> list[str] | None:
    """The person works at the desk from now on; the recovery codes, to be shown once. None: the app's code is wrong.

    Raises Gone, and infra.limits.LimitReached as accounts.sign_in.totp.use does.
    """
    factor = totp.confirm(row.user, bytes(row.nonce), code, client_ip)
    if factor is None:
        return None
    user = row.user
    with transaction.atomic():
        _hold(row)
        StaffFactor.objects.filter(user=user).delete()
        factor.confirmed_at = Now()
        factor.save(force_insert=True)
        shown = recovery_codes.make(factor)
        # The enrolment ends, too.
        protection.overrule(user, is_staff=True, is_active=True, activated_at=Coalesce("activated_at", Now()))
        note(user, StaffEvent.Kind.ENROLLED, by=user)
    return shown


def app_secret(row: StaffEnrolment) -> StaffFactor:
    """What accounts.sign_in.totp shows for the app: not a row yet."""
    return StaffFactor(user=row.user, nonce=bytes(row.nonce))


def _of(national_code: str) -> StaffEnrolment | None:
    if not re.fullmatch(NATIONAL_CODE, national_code):
        return None
    return StaffEnrolment.objects.select_related("user").filter(user__national_code=national_code).first()


def _alive(pk: int) -> QuerySet[StaffEnrolment]:
    return StaffEnrolment.objects.filter(pk=pk, expires_at__gt=Now())


def _spend(row: StaffEnrolment) -> bool:
    """Before the code is compared, so that tries at one moment do not share the last one."""
    left = StaffEnrolment.objects.filter(pk=row.pk, attempts__lt=StaffEnrolment.MAX_ATTEMPTS)
    return bool(left.update(attempts=F("attempts") + 1))


def _may_enrol(user: User) -> bool:
    """An account that staff have closed is not opened so, nor one that waits at a branch with its citizen's request."""
    return user.is_active or (user.activated_at is None and not user.mobile)


def _hold(row: StaffEnrolment) -> None:
    """Keep others from beginning or finishing until the transaction ends.

    The account's row first, as everywhere: nobody waits for another one in a circle.
    """
    User.objects.select_for_update().get(pk=row.user_id)
    if not _alive(row.pk).filter(openings=row.openings).select_for_update().exists():
        raise Gone


@sensitive_variables("code")
def _is_right(row: StaffEnrolment, code: str) -> bool:
    right = [hmac.compare_digest(row.code_hash, one) for one in _hashes(row.user, code)]
    return any(right)


@sensitive_variables("code")
def _hashes(user: User, code: str) -> list[str]:
    """Under each key that is accepted, the one in use first."""
    return [hmac.digest(key, f"{user.pk}\0{code}".encode(), "sha256").hex() for key in KEY.ring()]
