"""Argon2id with OWASP's parameters, one hash at a time per process, in a lane that yields to everything else.

Django's own Argon2 parameters cost ten times the CPU and 100 MiB per sign-in. The lane keeps pages fast while sign-ups
saturate the cores: argon2 releases the GIL, so the many request threads go on beside the one hash.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

NICENESS = 15

_lane: ThreadPoolExecutor


class PortalArgon2(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19_456  # KiB; OWASP Password Storage Cheat Sheet
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return _in_lane(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return _in_lane(super().verify, password, encoded)


def _in_lane(work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    return _lane.submit(work, *args, **kwargs).result()


def _open_lane() -> None:
    global _lane
    _lane = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hash", initializer=_yield_to_others)


def _yield_to_others() -> None:
    if sys.platform == "linux":  # only there a thread has a niceness of its own
        with contextlib.suppress(OSError):  # a sandbox may forbid it; an exception here would end every sign-in
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_open_lane()
os.register_at_fork(after_in_child=_open_lane)  # a forked worker must not wait for its parent's thread
