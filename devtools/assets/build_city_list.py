"""Makes static/data/cities.json, the list that the page of the identity reads, from registration/data/cities.tsv.

    python -m devtools.assets.build_city_list

`[[province, [city, …]], …]`, both by the Persian alphabet, as the form has them.
"""

import json
from pathlib import Path

from registration.pages.places import CITY_GROUPS

TARGET = Path(__file__).parents[2] / "static" / "data" / "cities.json"

if __name__ == "__main__":
    lists = [[province, [city for city, _ in cities]] for province, cities in CITY_GROUPS]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(lists, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
