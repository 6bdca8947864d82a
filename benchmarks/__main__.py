"""`python -m benchmarks [NAME…]`, without a name all of them: `make bench`, `make bench ONLY=import`. Needs Linux.

Tables go to standard output, progress to standard error. `SCALE=0.05 make bench` shows in short whether all work.
"""

import importlib
import os
import platform
from typing import Protocol, cast

from benchmarks.stack import Services, services
from benchmarks.tables import SCALE, progress, write
from devtools.servers import exit_with

MODULES = {
    "registration": "benchmarks.registering",
    "pages": "benchmarks.pages",
    "latency": "benchmarks.latency",
    "decisions": "benchmarks.decisions",
    "import": "benchmarks.importing",
    "likeness": "benchmarks.likeness",
    "stalling": "benchmarks.stalling",
    "growth": "benchmarks.growth",
}


class Benchmark(Protocol):
    def run(self, services: Services) -> None: ...


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        progress(f"No such benchmark: {' '.join(unknown)}. There are: {' '.join(MODULES)}.")
        return 2
    progress("starting PostgreSQL and Redis")
    with services() as running:
        load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
        scale = "" if SCALE == 1 else f"; **SCALE={SCALE}: too little for a verdict**"
        write(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load} at the start{scale}")
        for name in names or MODULES:
            progress(name)
            running.fresh()
            # Only now: Django's models cannot be imported before the servers' addresses are known.
            cast(Benchmark, importlib.import_module(MODULES[name])).run(running)
        progress(f"done; load {', '.join(f'{average:.1f}' for average in os.getloadavg())}")
    return 0


if __name__ == "__main__":
    exit_with(main)
