"""docs/performance.md: prose between tables, and tables between marks that `make bench` writes anew."""

import datetime as dt
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def put(page: str, name: str, lines: Sequence[str]) -> str:
    """The page with other lines between the marks of `name`. Raises LookupError if it lacks them."""
    begin, end = f"<!-- bench: {name} -->\n", f"<!-- end: {name} -->\n"
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise LookupError(f"{PAGE.name} has no marks for {name}")
    return before + begin + "\n" + "\n".join(lines).strip("\n") + "\n\n" + end + after


def names(page: str) -> list[str]:
    """Of the sections with marks, in their order."""
    return re.findall(r"^<!-- bench: ([a-z]+) -->$", page, re.MULTILINE)


def circumstances(versions: str) -> str:
    """One line about when and where; `versions`: of the servers."""
    now = dt.datetime.now(dt.UTC)
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    return (
        f"Taken {now:%Y-%m-%d %H:%M} UTC on {os.cpu_count()} cores ({model[1] if model else platform.machine()}), "
        f"{memory:.0f} GiB; {versions}; load {load} at the start."
    )
