"""The filters that are chosen from a list: province, city, branch, form. None has counts: they would be many."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registration.desk.filters import ALL, Filter, own_province
from registration.desk.listing import Listing
from registration.models import RegistrationRequest
from registration.pages.nearest_branches import directory
from registration.pages.places import CITY_GROUPS, PROVINCES, city_name, province_name

CITIES_OF = {province: [city for city, _label in cities] for province, cities in CITY_GROUPS}
FLOWS: list[tuple[str, Any]] = list(RegistrationRequest._meta.get_field("flow").flatchoices)


class Chosen(Filter):
    """A list to choose from, in the form above the list of requests."""

    template = "admin/registration/registrationrequest/chosen.html"
    default = ALL

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {"value": value, "display": label, "selected": value == self.chosen()}


class ProvinceFilter(Chosen):
    """For those to whom all provinces are open."""

    title = _("province")
    parameter_name = "province"

    def all_choices(self) -> list[tuple[str, Any]]:
        if own_province(self.request) is not None:
            return []
        return [(ALL, _("All provinces")), *((name, province_name(name)) for name in PROVINCES)]

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        return listing if choice == ALL else replace(listing, column="province", places=(choice,))


class OfProvince(Chosen):
    """Of the own province; else of the one that is chosen."""

    def province(self) -> str:
        own = own_province(self.request)
        return self.request.GET.get(ProvinceFilter.parameter_name, "") if own is None else own

    def chosen(self) -> str:
        """Whoever chooses another province leaves the city of the one before."""
        value = self.value() or ALL
        return value if value in dict(self.lookup_choices) else ALL


class CityFilter(OfProvince):
    title = _("city")
    parameter_name = "city"

    def all_choices(self) -> list[tuple[str, Any]]:
        cities = CITIES_OF.get(self.province(), [])
        return [(ALL, _("All cities")), *((city, city_name(city)) for city in cities)] if cities else []

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        return listing if choice == ALL else in_city(listing, self.province(), choice)


class BranchFilter(OfProvince):
    """The requests of the branch's city: citizens name a city, and no branch."""

    title = _("branch")
    parameter_name = "branch"

    def all_choices(self) -> list[tuple[str, Any]]:
        branches = directory().get(self.province(), [])
        return [(ALL, _("All branches")), *((one.code, one.name) for one in branches)] if branches else []

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        if choice == ALL:
            return listing
        [branch] = [one for one in directory()[self.province()] if one.code == choice]
        return in_city(listing, branch.province, branch.city)


class FlowFilter(Chosen):
    title = _("form")
    parameter_name = "flow"

    def all_choices(self) -> list[tuple[str, Any]]:
        return [(ALL, _("Both forms")), *FLOWS]

    def narrowed(self, listing: Listing, choice: str) -> Listing:
        return listing if choice == ALL else replace(listing, flow=choice)


def in_city(listing: Listing, province: str, city: str) -> Listing:
    """One city of the province; of two that are asked for at once nobody is left."""
    if listing.column == "city" and listing.places != (city,):
        return replace(listing, places=())
    return replace(listing.narrowed("", Q(province=province)), column="city", places=(city,))
