"""Long lists of options, drawn once for each process; of the cities those of one province alone, of the countries the
usual ones unless all are asked for."""

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from registration.pages.places import CITY_GROUPS, USUAL_COUNTRIES, city_name, countries, province_name

Options = tuple[tuple[str, str], ...]
CITIES_OF: dict[str, Options] = {province: tuple(cities) for province, cities in CITY_GROUPS}


class FixedChoiceField(forms.ChoiceField):
    """A choice from a list that never changes: every form shares it, Django would copy it item by item for each."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "FixedChoiceField":
        result: FixedChoiceField = forms.Field.__deepcopy__(self, memo)
        result.__dict__["_choices"] = self.__dict__["_choices"]
        return result


class LongSelect(forms.Select):
    """A select whose options never change but for the first, which may be translated."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "LongSelect":
        widget = copy(self)
        widget.attrs = self.attrs.copy()
        return widget

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        built = self.build_attrs(self.attrs, attrs)
        chosen = "" if value is None else str(value)
        options = self.listed(chosen)
        drawn = _drawn(options)
        if chosen in dict(options):
            plain = _option(chosen, dict(options)[chosen])
            chosen_one = plain.replace("<option", "<option selected", 1)
            drawn = f"{drawn}<".replace(f"{plain}<", f"{chosen_one}<", 1)[:-1]
        opening = format_html("<select{}>", flatatt({"name": name} | built))
        # Everything joined here was escaped by format_html.
        return mark_safe(f"{opening}{drawn}</select>")  # noqa: S308

    def listed(self, chosen: str) -> Options:
        return tuple((str(value), str(label)) for value, label in self.choices)


class CountrySelect(LongSelect):
    """The usual countries and the chosen one: all 249 would be 2.5 kB in every page. Scripts fetch
    static/data/countries.json.
    """

    is_whole = False  # whether all are listed

    def listed(self, chosen: str) -> Options:
        return tuple(pair for pair in countries() if self.is_whole or pair[0] == chosen or pair[0] in USUAL_COUNTRIES)


class OfProvince(LongSelect):
    """`province` tells, when it is drawn, which province the page is about; empty: none yet."""

    province: Callable[[], str]


class ProvinceSelect(OfProvince):
    """The provinces, with the one that the page is about."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return super().render(name, self.province(), attrs, renderer)

    def listed(self, chosen: str) -> Options:
        empty, *provinces = super().listed(chosen)
        return (empty, *((province, province_name(province)) for province, _ in provinces))


class CitySelect(OfProvince):
    """The cities of the province: all 1 149 would be 40 kB in every page. Scripts fetch static/data/cities.json."""

    def listed(self, chosen: str) -> Options:
        value, label = next(iter(self.choices))
        cities = CITIES_OF.get(self.province(), ())
        return ((str(value), str(label)), *((city, city_name(city)) for city, _ in cities))


@cache
def _drawn(options: Options) -> str:
    return "".join(_option(value, label) for value, label in options)


def _option(value: str, label: str) -> SafeString:
    """`value` only where it differs from the text: a city is its own value. The next one ends it."""
    if value == label:
        return format_html("<option>{}", label)
    return format_html('<option value="{}">{}', value, label)
