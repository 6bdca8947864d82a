"""One list of the desk: what it holds, in which order, and its pages, found by indexes whatever the number of rows.

PostgreSQL reads an index in its order only where all columns before the last ones have one value. So a list is read as
arms, one for each place and status, each in order and no further than the page goes; then they are merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from infra.counting import count_up_to
from registration.desk.search import CAP, SECRET
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
Rows = QuerySet[RegistrationRequest]
SHOWN = (  # drafts are nobody's business
    *(Status.BRANCH, Status.MISMATCH, Status.SUBMITTED, Status.ACTIVATED),
    *(Status.REJECTED, Status.EXPIRED, Status.SUPERSEDED, Status.WITHDRAWN),
)


@dataclass(frozen=True)
class Listing:
    """`column` is "province" or "city", `places` the values that it may have; without a column, everything.

    `among`: what narrows it more and is found quickly: times of submission, a set of ids. `flow`: one form alone,
    looked for among the first CAP rows of each arm. `oldest_first`, else the newest.
    """

    column: str = ""
    places: tuple[str, ...] = ()
    statuses: tuple[str, ...] = SHOWN
    among: Q = Q()  # noqa: RUF009  never changed
    flow: str = ""
    oldest_first: bool = False

    def narrowed(self, among: Q) -> "Listing":
        return replace(self, among=self.among & among)

    def order(self) -> tuple[str, str]:
        return ("submitted_at", "pk") if self.oldest_first else ("-submitted_at", "-pk")

    def everything(self) -> Rows:
        """All of it in no order: for searches, and for counts with an end."""
        places = {f"{self.column}__in": self.places} if self.column else {}
        rows = RegistrationRequest.objects.filter(self.among, status__in=self.statuses, **places)
        if not self.flow:
            return rows
        return RegistrationRequest.objects.filter(flow=self.flow, pk__in=rows.values("pk")[: CAP + 1])

    def _arms(self) -> list[Rows]:
        base = RegistrationRequest.objects.filter(self.among).order_by(*self.order())
        placed = [base.filter(**{self.column: place}) for place in self.places] if self.column else [base]
        arms = [rows.filter(status=status) for rows in placed for status in self.statuses]
        if not self.flow:
            return arms
        return [base.filter(flow=self.flow, pk__in=rows.values("pk")[: CAP + 1]) for rows in arms]

    def count(self, most: int) -> int:
        """How many rows the pages have; more than `most` for more."""
        return sum(count_up_to(most, {str(place): arm for place, arm in enumerate(self._arms())}).values())

    def __getitem__(self, page: slice) -> Rows:
        """The rows of a page, without what never leaves the database for the desk."""
        first, *others = [arm.values("pk")[: page.stop] for arm in self._arms()]
        ids = first.union(*others, all=True) if others else first
        return RegistrationRequest.objects.defer(*SECRET).filter(pk__in=ids).order_by(*self.order())[page]


def of(provinces: Sequence[str] | None) -> Listing:
    """Everything of these provinces; of all for None."""
    return Listing() if provinces is None else Listing("province", tuple(provinces))
