"""What the staff of the desk searches for is kept: who, when, for what kind of thing, and a keyed fingerprint of it.

Whoever knows a number finds who searched for it; whoever reads the rows finds no number. A key that is accepted no
longer takes the answers about its time along (docs/keys.md).
"""

import hmac
import re
from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from infra import keys
from infra.limits import client_ip_network
from iran.names import fold
from iran.numbers import NATIONAL_CODE, clean_number, normalise_mobile
from registration.models import DeskSearch

KEY = keys.Purpose(keys.FINGERPRINTS, b"tamin-portal search fingerprint")
REPEATED = timedelta(minutes=10)  # a reload, the next page, another filter
DIGITS = 32  # hexadecimal, of a fingerprint
LONGEST = 100  # characters; registration.desk.search takes no more
Place, What = DeskSearch.Place, DeskSearch.What
# What was searched for may have been typed as …
TYPED: dict[str, list[str]] = {
    What.NATIONAL_CODE: [What.NATIONAL_CODE, What.EITHER],
    What.MOBILE: [What.MOBILE, What.EITHER],
    What.EITHER: [What.NATIONAL_CODE, What.MOBILE, What.EITHER],
}


def note(text: str, hits: int, *, place: DeskSearch.Place, by: User, client_ip: str) -> None:
    """Of a search that was carried out. The same again within REPEATED is not noted again."""
    what, said = read(text)
    fingerprint = _fingerprint(KEY.ring()[0], said)
    same = {"actor": by, "place": place, "what": what, "fingerprint": fingerprint}
    if not DeskSearch.objects.filter(**same, at__gt=Now() - REPEATED).exists():
        DeskSearch.objects.create(**same, hits=hits, client_network=client_ip_network(client_ip))


def about(texts: Iterable[str]) -> Q:
    """Searches for one of these numbers or names, however they were typed."""
    found = Q(pk__in=[])
    for text in texts:
        what, said = read(text)
        marks = [_fingerprint(key, said) for key in KEY.ring()]
        found |= Q(fingerprint__in=marks, what__in=TYPED.get(what, [what]))
    return found


def read(text: str) -> tuple[DeskSearch.What, str]:
    """What somebody typed, and the same for all ways to write it. Of a mobile the ten digits after the zero, which may
    be those of a national code: 9120000000 alone may be either."""
    number = clean_number(text[:LONGEST])
    if not re.search("[0-9]", number):
        return What.NAME, fold(text[:LONGEST])
    is_code = re.fullmatch(NATIONAL_CODE, number) is not None
    try:
        mobile = normalise_mobile(text[:LONGEST]).removeprefix("+98")
    except ValidationError:
        what = What.TRACKING_CODE if re.fullmatch("[0-9]{12}", number) else What.NUMBER
        return (What.NATIONAL_CODE if is_code else what), number
    return (What.EITHER if is_code else What.MOBILE), mobile


def _fingerprint(key: bytes, said: str) -> str:
    return hmac.digest(key, said.encode(), "sha256").hex()[:DIGITS]
