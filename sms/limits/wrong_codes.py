"""How many wrong codes may be given for a mobile in a day, over all codes and sessions of one allowance."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from infra.limits import LimitReached
from sms.limits.allowances import together, visible
from sms.limits.sends import RECOVERY, Wanted
from sms.limits.windows import until_free
from sms.models import OtpChallenge

WRONG_CODES_PER_MOBILE = (15, 86_400)  # NIST SP 800-63B: a new code never gives new tries


def check(wanted: Wanted) -> bool:
    """Raise LimitReached when too many were given in the same way today; False: no code is right for now.

    The latter when too many were given for this mobile in other ways: that is not told, see sms.limits.sends. The
    caller holds the mobile's lock. A challenge's wrong codes count from when it began.
    """
    told: list[float] = []
    all_for_mobile: list[float] = []
    for challenge in _ledger(wanted):
        purpose, mobile, national_code, attempts, confirmed_at, age = challenge
        wrong = [age.total_seconds()] * (attempts - (confirmed_at is not None))
        same = national_code == wanted.national_code if wanted.purpose == RECOVERY else mobile == wanted.mobile
        told += wrong if same and purpose in visible(wanted.purpose) else []
        all_for_mobile += wrong if mobile == wanted.mobile and purpose in together(wanted.purpose) else []
    if wait := until_free(told, [WRONG_CODES_PER_MOBILE]):
        raise LimitReached("wrong-codes", wait)
    return not until_free(all_for_mobile, [WRONG_CODES_PER_MOBILE])


def _ledger(wanted: Wanted) -> list[tuple[str, str, str, int, object, timedelta]]:
    whose = Q(mobile=wanted.mobile) | Q(national_code=wanted.national_code, purpose=RECOVERY)
    since = Now() - timedelta(seconds=WRONG_CODES_PER_MOBILE[1])
    age = ExpressionWrapper(Now() - F("created_at"), output_field=DurationField())
    tried = OtpChallenge.objects.filter(whose, created_at__gt=since, attempts__gt=0)
    return list(tried.values_list("purpose", "mobile", "national_code", "attempts", "confirmed_at", age))
