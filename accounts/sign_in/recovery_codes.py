"""Ten codes that a member of the staff keeps on paper, for the day on which the authenticator app is not at hand.

Each serves once in place of the app's code. Rows keep keyed hashes: who reads the database has no code, and cannot try
the ten thousand million that there are without the key.
"""

import hmac
import secrets

from django.db import transaction
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.models import StaffEvent, StaffFactor, StaffRecoveryCode, User
from accounts.staff.events import note
from infra import keys

KEY = keys.Purpose("FACTORS_KEY", b"tamin-portal staff recovery code")
COUNT = 10
DIGITS = 10


@sensitive_variables("codes")
def make(factor: StaffFactor) -> list[str]:
    """Ten new codes of ten ASCII digits, to be shown once; those of before are void."""
    codes: set[str] = set()
    while len(codes) < COUNT:
        codes.add(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")
    with transaction.atomic():
        StaffFactor.objects.select_for_update().get(pk=factor.pk)  # of two who make them at once, one after the other
        factor.recovery_codes.all().delete()
        rows = [StaffRecoveryCode(factor=factor, code_hash=_hashes(factor, code)[0]) for code in codes]
        StaffRecoveryCode.objects.bulk_create(rows)
    return list(codes)


@sensitive_variables("codes")
def renew(factor: StaffFactor) -> list[str]:
    """As `make`, on the owner's wish: with its event."""
    with transaction.atomic():
        codes = make(factor)
        note(factor.user, StaffEvent.Kind.RECOVERY_MADE, by=factor.user)
    return codes


@sensitive_variables("code")
def use(factor: StaffFactor, code: str) -> bool:
    """Use up `code`, with its event. One statement decides: of a code that comes twice, one counts."""
    unused = StaffRecoveryCode.objects.filter(factor=factor, code_hash__in=_hashes(factor, code), used_at=None)
    with transaction.atomic():
        used = bool(unused.update(used_at=Now()))
        if used:
            note(factor.user, StaffEvent.Kind.RECOVERY_USED, by=factor.user)
    return used


def left(user: User) -> int:
    """How many of the codes were not used."""
    return StaffRecoveryCode.objects.filter(factor__user=user, used_at=None).count()


@sensitive_variables("code")
def _hashes(factor: StaffFactor, code: str) -> list[str]:
    """Under each key that is accepted, the one in use first."""
    return [hmac.digest(key, f"{factor.pk}\0{code}".encode(), "sha256").hex() for key in KEY.ring()]
