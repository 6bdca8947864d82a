"""What changes once in months and is on many pages: kept in each process for a minute, instead of read for each page.

Only for what everybody may see, and what does no harm when it is a minute old.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

SECONDS = 60

_all: "list[Kept[object]]" = []


class Kept(Generic[T]):
    """Call it for what `read` returned, less than a minute ago. Nobody may change the value.

    Threads that find it too old at the same time each read it.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._value: tuple[T, float] | None = None  # and when it gets too old, monotonic seconds
        _all.append(self)  # type: ignore[arg-type]

    def __call__(self) -> T:
        kept = self._value
        if kept is None or time.monotonic() >= kept[1]:
            until = time.monotonic() + SECONDS
            self._value = kept = self._read(), until
        return kept[0]

    def forget(self) -> None:
        self._value = None


def forget_all() -> None:
    """As the next process would begin."""
    for kept in _all:
        kept.forget()
