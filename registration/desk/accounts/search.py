"""Finding accounts at the desk: as requests are found, by indexes only. Without a search there is no list of people."""

import re
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.models import User
from iran.numbers import NATIONAL_CODE, clean_number, normalise_mobile
from registration.desk.search import CAP, by_name

# Never leaves the database for the desk: no hash, and no security question, which is half of a recovery.
SECRET = ("password", "answers_hash", "question_1", "question_2", "question_3")
ORDER = ("last_name_key", "first_name_key", "pk")


def citizens() -> QuerySet[User]:
    """The accounts that the desk looks after (accounts.errands.errand.looked_after)."""
    return User.objects.filter(is_staff=False, activated_at__isnull=False).defer(*SECRET)


def by_number(text: str) -> Q | None:
    """National code or mobile in any written form; None when the text is no number but a name."""
    number = clean_number(text)
    if not re.search("[0-9]", number):
        return None
    found = Q(pk__in=[])
    if re.fullmatch(NATIONAL_CODE, number):
        found |= Q(national_code=number)
    with suppress(ValidationError):
        found |= Q(mobile=normalise_mobile(text))
    return found


def found(text: str) -> QuerySet[User]:
    """At most CAP + 1 accounts; the search is carried out before anything is put in order."""
    number = by_number(text)
    ids = citizens().filter(by_name(text) if number is None else number).order_by().values("pk")[: CAP + 1]
    return citizens().filter(pk__in=ids).order_by(*ORDER)
