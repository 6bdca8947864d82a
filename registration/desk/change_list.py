"""The desk's list of requests: whose it is, what narrows it, and its pages."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from infra.counting import count_up_to
from registration.desk import listing as desk_listing
from registration.desk import search as desk_search
from registration.desk.filters import ALL, Filter, provinces_of
from registration.desk.listing import Listing
from registration.desk.places_filters import Chosen
from registration.models import RegistrationRequest

if TYPE_CHECKING:
    _Paginator = Paginator[RegistrationRequest]
else:
    _Paginator = Paginator  # not generic at run time


class BoundedPaginator(_Paginator):
    """Counts CAP rows at most, and has no page beyond them."""

    object_list: Any  # a Listing, or what a search has found

    @cached_property
    def more(self) -> bool:
        """Whether there are more rows than the pages show."""
        return self._counted > desk_search.CAP

    @cached_property
    def count(self) -> int:
        return min(self._counted, desk_search.CAP)

    @cached_property
    def _counted(self) -> int:
        if isinstance(self.object_list, Listing):
            return self.object_list.count(desk_search.CAP)
        return count_up_to(desk_search.CAP, {"rows": self.object_list})["rows"]


class RequestList(ChangeList):
    """Its search text may be a token of the clerk's session.

    A list holds the requests of the clerk's own province, and so does a search by name. A number finds its person
    everywhere, since they stand at the counter; the record is opened with a reason then.
    """

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        self.query = desk_search.asked(request)
        checked = super().get_queryset(request, exclude_parameters)  # makes the filters, refuses odd addresses
        self.whole = desk_listing.of(provinces_of(request))
        self.listing = self.whole
        for spec in self.filter_specs:
            if isinstance(spec, Filter):  # all are
                self.listing = spec.narrowed(self.listing, spec.chosen())
        self.paged: Any = self.listing
        if desk_search.by_number(self.query) is not None:
            self.paged = desk_search.fenced(self.root_queryset, self.query, ("submitted_at", "pk"))
        elif self.query:
            self.paged = desk_search.fenced(self.listing.everything(), self.query, self.listing.order())
        return checked

    @property
    def with_counts(self) -> list[Filter]:
        return [spec for spec in self.filter_specs if isinstance(spec, Filter) and not isinstance(spec, Chosen)]

    @property
    def from_lists(self) -> list[Filter]:
        return [spec for spec in self.filter_specs if isinstance(spec, Chosen)]

    @property
    def told(self) -> list[str]:
        """What the list is narrowed to, in words, for where the filters are folded."""
        specs = [spec for spec in self.filter_specs if isinstance(spec, Filter)]
        chosen = [(dict(spec.lookup_choices)[spec.chosen()], spec.chosen()) for spec in specs]
        return [str(label) for label, value in chosen if value != ALL]

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = BoundedPaginator(self.paged, self.list_per_page)
        self.result_count = self.paginator.count
        self.full_result_count, self.show_full_result_count = None, False
        self.show_admin_actions = self.can_show_all = False
        self.multi_page = self.result_count > self.list_per_page
        try:
            self.result_list = self.paginator.page(self.page_num if self.multi_page else 1).object_list
        except InvalidPage:
            raise IncorrectLookupParameters from None
