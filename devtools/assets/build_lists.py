"""Makes the lists in static/data that the page of the identity reads, from registration/data: cities.json and
countries.json, and for English pages cities.en.json and countries.en.json.

    python -m devtools.assets.build_lists

Cities: `[[province, [city, …]], …]`, both by the Persian alphabet, as the form has them. In English each of them is a
pair of what is sent and what is shown, by the Latin alphabet. Countries: `[[code, name], …]`, Iran first.
"""

import json
from pathlib import Path
from typing import Any

from registration.pages.places import (
    CITY_GROUPS,
    COUNTRIES,
    COUNTRIES_IN_LATIN,
    city_in_latin,
    province_in_latin,
)

TARGET = Path(__file__).parents[2] / "static" / "data"


def english() -> list[list[Any]]:
    groups = []
    for province, cities in CITY_GROUPS:
        pairs = sorted(([city, city_in_latin(city)] for city, _ in cities), key=_shown)
        groups.append([[province, province_in_latin(province)], pairs])
    return sorted(groups, key=lambda group: _shown(group[0]))


def _shown(pair: list[str]) -> str:
    return pair[1]


if __name__ == "__main__":
    lists: dict[str, list[Any]] = {
        "cities.json": [[province, [city for city, _ in cities]] for province, cities in CITY_GROUPS],
        "cities.en.json": english(),
        "countries.json": COUNTRIES,
        "countries.en.json": COUNTRIES_IN_LATIN,
    }
    TARGET.mkdir(exist_ok=True)
    for name, items in lists.items():
        text = json.dumps(items, ensure_ascii=False, separators=(",", ":"))
        (TARGET / name).write_text(text + "\n", encoding="utf-8")
        print(f"{name}: {(TARGET / name).stat().st_size} bytes")
