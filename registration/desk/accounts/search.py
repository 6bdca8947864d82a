"""Finding accounts at the desk: as requests are found, by indexes only. Without a search there is no list of people."""

from django.db.models import QuerySet

from accounts.errands import scope
from accounts.models import User
from registration.desk.search import CAP, by_name, by_number

# Never leaves the database for the desk: no hash, and no security question, which is half of a recovery.
SECRET = ("password", "answers_hash", "question_1", "question_2", "question_3")
ORDER = ("last_name_key", "first_name_key", "pk")


def citizens() -> QuerySet[User]:
    """The accounts that the desk looks after (accounts.errands.errand.looked_after)."""
    return User.objects.filter(is_staff=False, activated_at__isnull=False).defer(*SECRET)


def found(text: str, staff: User) -> QuerySet[User]:
    """At most CAP + 1 accounts; the search is carried out before anything is put in order.

    A number finds its account everywhere, a name those on this person's lists.
    """
    number = by_number(text, tracking=False)
    named = by_name(text) & scope.on_lists_of(staff) if number is None else number
    ids = citizens().filter(named).order_by().values("pk")[: CAP + 1]
    return citizens().filter(pk__in=ids).order_by(*ORDER)
