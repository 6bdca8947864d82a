"""Counts the work that is done on what somebody typed: characters given to Unicode normalisation and to our patterns.

Seconds would say how busy the machine is; characters say the same everywhere.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.source_code import APPS

# Where the text stands among the arguments of a pattern's method; of a function of `re` one place further.
PLACES = {"sub": 1, "subn": 1, **dict.fromkeys(("split", "findall", "finditer", "fullmatch", "match", "search"), 0)}


class Work:
    characters = 0

    def on(self, text: object) -> None:
        self.characters += len(text) if isinstance(text, str | bytes) else 0


class _CountedPattern:
    def __init__(self, pattern: "re.Pattern[Any]", work: Work) -> None:
        self._pattern, self._work = pattern, work

    def __getattr__(self, name: str) -> Any:
        return _counted(getattr(self._pattern, name), PLACES.get(name), self._work)


class _CountedRe:
    def __init__(self, work: Work) -> None:
        self._work = work

    def __getattr__(self, name: str) -> Any:
        if name == "compile":
            return lambda *args: _CountedPattern(re.compile(*args), self._work)
        place = PLACES.get(name)
        return _counted(getattr(re, name), None if place is None else place + 1, self._work)


def _counted(function: Any, place: int | None, work: Work) -> Any:
    if place is None:
        return function

    def counting(*args: Any, **kwargs: Any) -> Any:
        work.on(args[place])
        return function(*args, **kwargs)

    return counting


@contextmanager
def counting() -> Iterator[Work]:
    """Counts while the block lasts, in every module of ours; normalisation also inside Python's and Django's."""
    work = Work()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unicodedata, "normalize", _counted(unicodedata.normalize, 1, work))
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] not in APPS:
                continue
            for attribute, value in list(vars(module).items()):
                if isinstance(value, re.Pattern):
                    patch.setattr(module, attribute, _CountedPattern(value, work))
                elif value is re:
                    patch.setattr(module, attribute, _CountedRe(work))
        yield work
