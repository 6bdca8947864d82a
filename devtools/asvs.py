"""`python -m devtools.asvs`: docs/asvs.md from docs/asvs.csv, what holds of OWASP ASVS 5.0.0 at levels 1 and 2.

The table has a row for each requirement: its number and level, a few words of ours, its state, what shows it (tests as
`file::function`, documents as `page#heading`, separated by `; `), a note. tests/devtools/test_asvs.py holds it fast.
"""

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TABLE, PAGE = ROOT / "docs" / "asvs.csv", ROOT / "docs" / "asvs.md"
# State → what it means. What a row of this state must have stands in `problems`.
STATES = {
    "test": "the portal does it; the tests named fail when it does not",
    "document": "what is asked for is a page; it is there",
    "operator": "true where the portal is deployed as the page says; what of it stands in our files is tested",
    "not applicable": "the portal has nothing of the kind",
    "deviation": "not so, on purpose, with the reason",
    "open": "not so yet; the note says what is missing",
}
CHAPTERS = {
    1: "Encoding and sanitization",
    2: "Validation and business logic",
    3: "Web frontend",
    4: "API and web service",
    5: "Files",
    6: "Authentication",
    7: "Sessions",
    8: "Authorization",
    9: "Self-contained tokens",
    10: "OAuth and OIDC",
    11: "Cryptography",
    12: "Secure communication",
    13: "Configuration",
    14: "Data protection",
    15: "Secure coding and architecture",
    16: "Logging and error handling",
    17: "WebRTC",
}
HEAD = """# OWASP ASVS 5.0.0, levels 1 and 2

Self-assessed; OWASP does not certify. `make asvs` writes this page from [asvs.csv](asvs.csv): change that file.
The text of each requirement is [OWASP's](https://github.com/OWASP/ASVS/tree/v5.0.0_release/5.0/en); the words here only
remind of it. A test is named by its file and function.
"""


class Row(NamedTuple):
    number: str
    level: str
    about: str
    state: str
    shown_by: str
    note: str

    @property
    def tests(self) -> list[str]:
        return [item for item in self.shown_by.split("; ") if "::" in item]

    @property
    def documents(self) -> list[str]:
        return [item for item in self.shown_by.split("; ") if item and "::" not in item]


def rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def problems(row: Row) -> list[str]:
    """What a row lacks for its state."""
    found = []
    if row.state not in STATES:
        found.append(f"no such state: {row.state}")
    if row.state == "test" and not row.tests:
        found.append("names no test")
    if row.state in {"document", "operator"} and not row.documents:
        found.append("names no page")
    if row.state in {"not applicable", "deviation", "open"} and not row.note:
        found.append("gives no reason")
    return found


def page(table: list[Row]) -> str:
    parts = [HEAD, _counts(table)]
    for chapter, title in CHAPTERS.items():
        parts.append(f"\n## V{chapter} {title}\n\n| | level | about | state | shown by |\n|---|---|---|---|---|\n")
        parts.extend(_line(row) for row in table if row.number.partition(".")[0] == str(chapter))
    return "".join(parts)


def _counts(table: list[Row]) -> str:
    counts = Counter((row.state, row.level) for row in table)
    lines = ["\n| state | level 1 | level 2 | means |\n|---|---|---|---|\n"]
    lines += [
        f"| {state} | {counts[state, '1']} | {counts[state, '2']} | {means} |\n" for state, means in STATES.items()
    ]
    totals = [sum(row.level == level for row in table) for level in "12"]
    lines.append(f"| all | {totals[0]} | {totals[1]} | |\n")
    for state in ("deviation", "open"):
        numbers = [f"{row.number} (level 1)" if row.level == "1" else row.number for row in table if row.state == state]
        lines.append(f"\n{state.capitalize()}: {', '.join(numbers) or 'none'}.\n")
    return "".join(lines)


def _line(row: Row) -> str:
    shown = [f"`{test}`" for test in row.tests] + [_link(document) for document in row.documents]
    note = [row.note] if row.note else []
    return f"| {row.number} | {row.level} | {row.about} | {row.state} | {'<br>'.join([*shown, *note])} |\n"


def _link(document: str) -> str:
    """Of `docs/security/data.md#logs` a link that works from docs/asvs.md."""
    path = document.removeprefix("docs/")
    return f"[{path.replace('#', ', ').removesuffix(', ')}]({path})"


def main() -> int:
    table = rows()
    wrong = [f"{row.number}: {problem}" for row in table for problem in problems(row)]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    PAGE.write_text(page(table), "utf-8")
    counts = Counter(row.state for row in table)
    print(f"{PAGE.relative_to(ROOT)}: " + ", ".join(f"{counts[state]} {state}" for state in STATES))
    return 0


if __name__ == "__main__":
    sys.exit(main())
