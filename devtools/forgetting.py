"""A plugin of pytest for `devtools.mutants`: before each test, cached functions forget what they have kept.

Else only the first test of a process would reach what they call: mutmut would run the mutants of that with this test
alone, and in a process that has the answer already.
"""

import functools
import gc
from typing import Any

PACKAGES = ("sms", "registration")  # there, statements are kept, which are built by rules

_kept: list["functools._lru_cache_wrapper[Any]"] = []


def pytest_collection_finish() -> None:
    """All modules are imported: find their functions."""
    found = (one for one in gc.get_objects() if type(one) is functools._lru_cache_wrapper)
    _kept[:] = [one for one in found if str(one.__module__).partition(".")[0] in PACKAGES]


def pytest_runtest_setup() -> None:
    for one in _kept:
        one.cache_clear()
