"""Windows of limits over ages in seconds."""

import math
from collections.abc import Iterable

Pairs = list[tuple[int, int]]


def gap(pairs: Pairs) -> tuple[int, int]:
    """The shortest window of a mobile: the gap between two texts, which holds over all allowances together."""
    return min(pairs, key=lambda pair: pair[1])


def caps(pairs: Pairs) -> Pairs:
    """The longer windows, each allowance for itself."""
    return [pair for pair in pairs if pair != gap(pairs)]


def over_all(pairs: Pairs) -> tuple[int, int]:
    """Twice the longest window's number: what a mobile may get over all national codes together."""
    allowed, seconds = max(pairs, key=lambda pair: pair[1])
    return 2 * allowed, seconds


def until_free(ages: Iterable[float], pairs: Pairs) -> int:
    """Seconds until one more has room in every window; 0 if it has now. A negative age is a moment still to come."""
    newest = sorted(ages)
    waits = [seconds - newest[allowed - 1] for allowed, seconds in pairs if len(newest) >= allowed]
    return max(0, *map(math.ceil, waits)) if waits else 0
