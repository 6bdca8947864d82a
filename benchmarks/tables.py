"""Figures into Markdown on standard output, and for the page of performance; what is being done, on standard error."""

import math
import os
import statistics
import sys
import time
from collections.abc import Iterable, Sequence

ROUNDS = int(os.environ.get("ROUNDS") or 5)
FEW_ROUNDS = int(os.environ.get("ROUNDS") or 3)  # of what takes long
# A smaller share of everything, to see whether the benchmarks themselves work: their figures then mean little.
SCALE = float(os.environ.get("SCALE") or 1)

written: list[str] = []  # what stands on standard output, line by line
failures: list[str] = []  # what could not be measured
figures: dict[str, float] = {}  # those that have a goal (benchmarks.goals), by name

_began = time.monotonic()


def scaled(number: int) -> int:
    return max(2, round(number * SCALE))


def progress(text: str) -> None:
    sys.stderr.write(f"[{time.monotonic() - _began:4.0f} s] {text}\n")
    sys.stderr.flush()


def fail(text: str) -> None:
    """Something is not measured; the others are, and the command ends with status 1."""
    progress(text)
    failures.append(text)


def figure(name: str, value: float | None) -> None:
    """A figure that has a goal; None when it could not be measured."""
    if value is not None:
        figures[name] = value


def write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
    written.extend(text.split("\n"))


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> None:
    write(f"\n### {title}\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        write(f"| {' | '.join(row)} |")
    if note:
        write(f"\n{note}")


def median(figures: Iterable[float]) -> float:
    return statistics.median(figures)


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that `share` (0–1) of all do not exceed."""
    return sorted(figures)[math.ceil(share * len(figures)) - 1]


def times(figure: float, reference: float) -> str:
    return f"{figure / reference:.2f} ×"
