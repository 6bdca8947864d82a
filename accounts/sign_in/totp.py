"""The second factor of staff: six digits from an authenticator app, at every sign-in (TOTP, RFC 6238: SHA-1, 30 s).

The secret that app and portal share is stored nowhere: it is derived from the key that the nonce of the account's
StaffFactor names, and that nonce, like one-time codes (docs/decisions/0014). The person is shown it at the enrolment
(accounts.staff.enrolment), where the first right code confirms it. In place of the six digits one of the recovery codes
serves once.
"""

import base64
import hmac
from collections.abc import Callable
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django_otp.oath import hotp

from accounts.models import StaffFactor, User
from accounts.sign_in import gate, recovery_codes
from infra import keys, security_log, throttle
from infra.limits import client_ip_key

KEY = keys.Purpose("FACTORS_KEY", b"tamin-portal staff factor")
DIGITS = 6
STEP_SECONDS = 30
TOLERANCE = 1  # steps that a clock may be behind or ahead, and that typing may take
SECRET_BYTES = 20  # RFC 4226 §4, R6
BY_ACCOUNT = "staff-factor"


class AlreadyGivenError(Exception):
    """The account has a factor; only a new one, which ends the old one, can be given out."""


def give(user: User, *, anew: bool = False) -> StaffFactor:
    """A new secret for the app of `user`, without an enrolment: for demonstration. `anew`: the old one is void."""
    with transaction.atomic():
        if anew:
            StaffFactor.objects.filter(user=user).delete()
        try:
            with transaction.atomic():
                factor = StaffFactor.objects.create(user=user, nonce=KEY.new_nonce())
        except IntegrityError:
            raise AlreadyGivenError from None
    security_log.tell("second-factor", outcome="given-anew" if anew else "given", national_code=user.national_code)
    return factor


def secret(factor: StaffFactor) -> str:
    """What is typed into the app, in base32."""
    return base64.b32encode(_seeds(factor)[0]).decode()


def uri(factor: StaffFactor) -> str:
    """The same for apps that read it from a QR code: `otpauth://totp/…`. Its label names no person."""
    host = settings.PORTAL_HOST.partition(":")[0]
    label = quote(f"{host}:desk {factor.user.national_code[-4:]}", safe=":")
    known = {"secret": secret(factor), "issuer": host, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(known, quote_via=quote)}"


def is_given(user: User) -> bool:
    return StaffFactor.objects.filter(user=user).exists()


@sensitive_variables("code")
def use(user: User, code: str, client_ip: str) -> StaffFactor | None:
    """Use up `code` (ASCII digits): of the app, or a recovery code. None if it is wrong, of another time, or used.

    `client_ip`: the clerk's. Raises infra.limits.LimitReached when too many were wrong, counted as passwords are.
    """
    take_back = _count(user, client_ip)
    factor = StaffFactor.objects.filter(user=user).first()
    by = _accepted(factor, code) if factor else ""
    security_log.tell("second-factor", outcome=by or "wrong")
    if not by:
        return None
    take_back()
    return factor


@sensitive_variables("code")
def confirm(user: User, nonce: bytes, code: str, client_ip: str) -> StaffFactor | None:
    """A factor, to be saved, if `code` is what an app with the secret of `nonce` shows; else None. Limits as `use`."""
    take_back = _count(user, client_ip)
    factor = StaffFactor(user=user, nonce=nonce)
    step = _step_of(factor, code)
    security_log.tell("second-factor", outcome="wrong" if step is None else "right")
    if step is None:
        return None
    take_back()
    factor.last_step = step
    return factor


def _count(user: User, client_ip: str) -> Callable[[], None]:
    """Count a try before it is looked at; what comes back takes it back, because it was right."""
    security_log.concerns(user.national_code)
    by_account = throttle.Limit(BY_ACCOUNT, str(user.pk), settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE)
    by_address = throttle.Limit(gate.BY_DESK_ADDRESS, client_ip_key(client_ip), settings.LIMIT_SIGN_IN_PER_IP)
    event = throttle.hit_all(by_account, by_address)

    def take_back() -> None:
        throttle.forget(by_account.rule, by_account.value)
        throttle.refund(by_address.rule, by_address.value, event)

    return take_back


@sensitive_variables("code")
def _accepted(factor: StaffFactor, code: str) -> str:
    """What `code` was, for the log; empty if it was nothing that counts."""
    if len(code) == recovery_codes.DIGITS:
        return "recovery-code" if recovery_codes.use(factor, code) else ""
    step = _step_of(factor, code)
    return "right" if step is not None and _accept(factor, step) else ""


def _accept(factor: StaffFactor, step: int) -> bool:
    """One statement decides: of a code that comes twice, even at one moment, one is accepted."""
    newer = StaffFactor.objects.filter(pk=factor.pk, last_step__lt=step)
    return bool(newer.update(last_step=step, confirmed_at=Coalesce("confirmed_at", Now())))


@sensitive_variables()
def _step_of(factor: StaffFactor, code: str) -> int | None:
    """The step around now whose code this is; all are compared, each in constant time."""
    now = int(timezone.now().timestamp()) // STEP_SECONDS
    near, typed = range(now - TOLERANCE, now + TOLERANCE + 1), code.encode()
    made = [(step, f"{hotp(seed, step, DIGITS):06}".encode()) for step in near for seed in _seeds(factor)]
    right = [step for step, one in made if hmac.compare_digest(one, typed)]
    return right[-1] if right else None


@sensitive_variables()
def _seeds(factor: StaffFactor) -> list[bytes]:
    """Bound to the account: a nonce that is copied to another account's row gives another secret there."""
    nonce = bytes(factor.nonce)
    bound = f"{factor.user_id}\0".encode() + nonce
    return [hmac.digest(key, bound, "sha256")[:SECRET_BYTES] for key in KEY.keys_of(nonce)]
