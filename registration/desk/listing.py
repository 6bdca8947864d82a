"""One list of the desk: what it holds, in which order, and its pages, found by indexes whatever the number of rows.

PostgreSQL reads an index in its order only where all columns before the last ones have one value. So a list is read as
arms, one for each place and status, each in order and no further than the page goes; then they are merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import DateTimeField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from infra.counting import count_up_to
from registration.desk.search import CAP, SECRET
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
Rows = QuerySet[RegistrationRequest]
Arm = tuple[str, ...]
MIN, MAX = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
SHOWN = (  # drafts are nobody's business
    *(Status.BRANCH, Status.MISMATCH, Status.SUBMITTED, Status.ACTIVATED),
    *(Status.REJECTED, Status.EXPIRED, Status.SUPERSEDED, Status.WITHDRAWN),
)


@dataclass(frozen=True)
class Listing:
    """`column` is "province" or "city", `places` the values that it may have; without a column, everything.

    `among`: what narrows it more and is found quickly: times of submission, a set of ids; `called`: by what name.
    `flow`: one form alone, looked for among the first CAP rows of each arm. `oldest_first`, else the newest.
    """

    column: str = ""
    places: tuple[str, ...] = ()
    statuses: tuple[str, ...] = SHOWN
    among: Q = Q()  # noqa: RUF009  never changed
    called: tuple[str, ...] = ()
    flow: str = ""
    oldest_first: bool = False

    def narrowed(self, called: str, among: Q) -> "Listing":
        return replace(self, among=self.among & among, called=(*self.called, called))

    def order(self) -> tuple[str, str]:
        return ("submitted_at", "pk") if self.oldest_first else ("-submitted_at", "-pk")

    def everything(self) -> Rows:
        """All of it in no order, for searches."""
        places = {f"{self.column}__in": self.places} if self.column else {}
        flow = {"flow": self.flow} if self.flow else {}
        return RegistrationRequest.objects.filter(self.among, status__in=self.statuses, **places, **flow)

    def arms(self) -> dict[Arm, Rows]:
        """Each in the order of an index; together they are the list. What has the same name is the same arm."""
        base = RegistrationRequest.objects.filter(self.among).order_by(*self.order())
        placed = {place: base.filter(**{self.column: place}) for place in self.places} if self.column else {"": base}
        arms = {
            (place, status, self.flow, *self.called): rows.filter(status=status)
            for place, rows in placed.items()
            for status in self.statuses
        }
        if not self.flow:
            return arms
        return {name: rows.filter(self._among_first(rows), flow=self.flow) for name, rows in arms.items()}

    def _among_first(self, rows: Rows) -> Q:
        """Where the arm's first CAP rows end, so that it is still read in order and no further than the page goes."""
        last, always = Subquery(rows.values("submitted_at")[CAP : CAP + 1]), MAX if self.oldest_first else MIN
        end = Coalesce(last, Value(always, DateTimeField()))
        return Q(submitted_at__lte=end) if self.oldest_first else Q(submitted_at__gte=end)

    def count(self, most: int) -> int:
        """How many rows the pages have; more than `most` for more."""
        arms = self.arms()
        return sum(count_up_to(most, arms, in_order=True).values()) if arms else 0

    def __getitem__(self, page: slice) -> Rows:
        """The rows of a page, without what never leaves the database for the desk."""
        if not (arms := self.arms()):
            return RegistrationRequest.objects.none()
        first, *others = [arm.values("pk")[: page.stop] for arm in arms.values()]
        ids = first.union(*others, all=True) if others else first
        return RegistrationRequest.objects.defer(*SECRET).filter(pk__in=ids).order_by(*self.order())[page]


def of(provinces: Sequence[str] | None) -> Listing:
    """Everything of these provinces; of all for None."""
    return Listing() if provinces is None else Listing("province", tuple(provinces))
