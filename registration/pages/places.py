"""Cities of Iran and countries of the world, as the choices of a form.

The lists are registration/data/cities.tsv and countries.tsv; the NOTICE files beside them name sources and licences.
They are read once, when the module is imported: the choices never change while a process lives.
"""

import csv
from collections import Counter, defaultdict
from pathlib import Path

from iran.letters import alphabet_key
from iran.waits import is_latin_page

DATA = Path(__file__).parents[1] / "data"


def _rows(name: str) -> list[tuple[str, str]]:
    """The lines of a file of two columns, without its header."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [(first, second) for first, second in csv.reader(file, delimiter="\t")][1:]


def _values(rows: list[tuple[str, str]]) -> dict[str, str]:
    """Value of every city → its province: the plain name where it is the only such one, else «name (province)».

    «هادیشهر» and «هادی‌شهر» are one name here: nobody could tell them in a list.
    """
    bearers = Counter(alphabet_key(city)[0] for _, city in rows)
    return {
        city if bearers[alphabet_key(city)[0]] == 1 else f"{city} ({province})": province for province, city in rows
    }


def _groups(provinces: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for city in sorted(provinces, key=alphabet_key):
        groups[provinces[city]].append(city)
    return [(province, [(city, city) for city in groups[province]]) for province in sorted(groups, key=alphabet_key)]


def _countries(names: dict[str, str]) -> list[tuple[str, str]]:
    others = sorted(names.keys() - {"IR"}, key=lambda code: alphabet_key(names[code]))
    return [(code, names[code]) for code in ["IR", *others]]


_PROVINCES = _values(_rows("cities.tsv"))

#: Choices of the city field, one group for each province; value and label of a city are the same text.
CITY_GROUPS: list[tuple[str, list[tuple[str, str]]]] = _groups(_PROVINCES)
#: The 31 provinces, by the alphabet.
PROVINCES: list[str] = [province for province, _ in CITY_GROUPS]
#: Every value that the city field takes.
CITIES: frozenset[str] = frozenset(_PROVINCES)
#: Persian name of a country by its ISO 3166-1 alpha-2 code.
COUNTRY_NAMES: dict[str, str] = dict(_rows("countries.tsv"))
#: Choices of the country field: Iran, then the others by the alphabet.
COUNTRIES: list[tuple[str, str]] = _countries(COUNTRY_NAMES)
#: Those that a form shows before it is asked for all: Iran, neighbours and where many Iranians live.
USUAL_COUNTRIES: frozenset[str] = frozenset({"IR", "AE", "AU", "CA", "DE", "GB", "IQ", "SE", "TR", "US"})


def _latin() -> dict[tuple[str, str], str]:
    """Name in Latin letters by province and city; of the province itself with an empty city."""
    with (DATA / "places-latin.tsv").open(encoding="utf-8", newline="") as file:
        return {(province, city): latin for province, city, latin in [*csv.reader(file, delimiter="\t")][1:]}


_LATIN = _latin()
_NAMES_IN_LATIN = dict(_rows("countries-latin.tsv"))
#: `COUNTRIES` for English pages: Iran, then the others by the Latin alphabet.
COUNTRIES_IN_LATIN: list[tuple[str, str]] = [
    ("IR", _NAMES_IN_LATIN["IR"]),
    *sorted(((code, _NAMES_IN_LATIN[code]) for code in COUNTRY_NAMES if code != "IR"), key=lambda choice: choice[1]),
]


def city_in_latin(city_value: str) -> str:
    """A value of `CITIES` in Latin letters."""
    province = province_of(city_value)
    name = _LATIN[province, city_value.removesuffix(f" ({province})")]
    return f"{name} ({province_in_latin(province)})" if city_value.endswith(")") else name


def province_in_latin(province: str) -> str:
    """One of `PROVINCES` in Latin letters."""
    return _LATIN[province, ""]


def city_name(city_value: str) -> str:
    """How the present page writes a city; what no list has stays as it is."""
    return city_in_latin(city_value) if is_latin_page() and city_value in CITIES else city_value


def province_name(province: str) -> str:
    """How the present page writes a province; what is none of `PROVINCES` stays as it is."""
    return province_in_latin(province) if is_latin_page() and province in PROVINCES else province


def countries() -> list[tuple[str, str]]:
    """`COUNTRIES` in the language of the present page and by its alphabet; Iran first."""
    return COUNTRIES_IN_LATIN if is_latin_page() else COUNTRIES


def country_name(code: str) -> str:
    """The country's name in the language of the present page; an unknown code stays as it is."""
    return (_NAMES_IN_LATIN if is_latin_page() else COUNTRY_NAMES).get(code, code)


def province_of(city_value: str) -> str:
    """The province of a value of `CITIES`; KeyError for any other text."""
    return _PROVINCES[city_value]
