"""`python -m benchmarks [NAME…]`, without a name all of them: `make bench`, `make bench ONLY=import`. Needs Linux.

Tables go to standard output and, each below its mark, into docs/performance.md; progress to standard error.
`SCALE=0.05 make bench` shows in short whether all work, and leaves the page as it is. Exit status: 1 when something
could not be measured; the rest then is.
"""

import importlib
import os
import platform
import time
import traceback
from importlib.metadata import version
from typing import Protocol, cast

from benchmarks import goals, page
from benchmarks.installed import python_of_peers
from benchmarks.stack import Services, services
from benchmarks.tables import SCALE, fail, failures, figures, progress, write, written
from devtools.servers import exit_with

MODULES = {
    "registration": "benchmarks.registering",
    "pages": "benchmarks.pages",
    "controls": "benchmarks.controls",
    "latency": "benchmarks.latency",
    "decisions": "benchmarks.decisions",
    "import": "benchmarks.importing",
    "likeness": "benchmarks.likeness",
    "stalling": "benchmarks.stalling",
    "sso": "benchmarks.services",
    "desk": "benchmarks.desk",
    "start": "benchmarks.starting",
}


class Benchmark(Protocol):
    def run(self, services: Services) -> None: ...


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        progress(f"No such benchmark: {' '.join(unknown)}. There are: {' '.join(MODULES)}.")
        return 2
    chosen = names or list(MODULES)
    if "registration" in chosen:
        python_of_peers()  # now, while the environment variables are the caller's
    progress("starting PostgreSQL and Redis")
    with services() as running:
        for name in chosen:
            _measure(name, running)
        if not names:
            _write_goals(running)
    progress(f"done; load {', '.join(f'{average:.1f}' for average in os.getloadavg())}")
    if failures:
        progress("\n".join(["Not measured:", *failures]))
    return 1 if failures else 0


def _measure(name: str, running: Services) -> None:
    """Its tables, printed and, unless they mean little, on the page. What breaks off leaves the page as it was."""
    progress(name)
    began, first = time.monotonic(), len(written)
    write(f"\n{page.circumstances(_versions(running))}")
    if SCALE != 1:
        write(f"**SCALE={SCALE}: too little for a verdict**")
    failed = len(failures)
    try:
        running.fresh()
        # Only now: Django's models cannot be imported before the servers' addresses are known.
        cast(Benchmark, importlib.import_module(MODULES[name])).run(running)
    except Exception:  # noqa: BLE001  the other benchmarks go on
        fail(f"{name}:\n{traceback.format_exc()}")
        return
    progress(f"{name} took {time.monotonic() - began:.0f} s")
    if len(failures) == failed:
        _keep(name, first)


def _write_goals(running: Services) -> None:
    first = len(written)
    write(f"\n{page.circumstances(_versions(running))}")
    goals.show(figures)
    _keep("goals", first)


def _keep(name: str, first: int) -> None:
    if SCALE == 1:
        text = page.PAGE.read_text("utf-8")
        page.PAGE.write_text(page.put(text, name, written[first:]), "utf-8")


def _versions(running: Services) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "gunicorn", "celery", "psycopg"))
    return f"Python {platform.python_version()}, {packages}, {running.versions()}"


if __name__ == "__main__":
    exit_with(main)
