"""Argon2id with OWASP's parameters, one hash at a time per process, in a lane that yields to everything else.

Django's own Argon2 parameters cost ten times the CPU and 100 MiB per sign-in. The lane keeps pages fast while sign-ups
saturate the cores: argon2 releases the GIL, so the many request threads go on beside the one hash. It takes a third of
them at most (settings.HASH_LANE_PLACES): who finds it full is told to come back, at once, as LaneFull.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from infra import measures, turns

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

NICENESS = 15
RETRY_SECONDS = 5  # a full lane is empty again much sooner; others want to get in, too

WAIT = measures.histogram(
    "portal_hash_wait_seconds",
    "Seconds that a hash waited in its process's lane.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
REFUSED = measures.counter("portal_hash_refused", "Hashes that found the lane of their process full.")

_lane: "_Lane"
_thread = threading.local()  # .refused: the request in this thread met a full lane


class LaneFull(ValidationError):  # noqa: N818  a state of affairs, not a fault
    """So many hashes wait already. In a form it becomes an error like any other: the page stays, with what was typed.

    The answer to such a request is 503 with Retry-After (tamin_portal.middleware.AnswerRefusals).
    """

    def __init__(self) -> None:
        text = _(
            "The portal is very busy just now. Please press the button again in %(seconds)s seconds; a password must "
            "be typed once more."
        )
        super().__init__(text, code="busy", params={"seconds": RETRY_SECONDS})
        _thread.refused = True


class PortalArgon2(Argon2PasswordHasher):
    """Both methods raise LaneFull."""

    time_cost = 2
    memory_cost = 19_456  # KiB; OWASP Password Storage Cheat Sheet
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return _in_lane(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return _in_lane(super().verify, password, encoded)


class _Lane:
    """One thread that hashes, and places for those who wait for it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hash", initializer=_yield_to_others)
        self._lock = threading.Lock()
        self.taken = 0

    def run(self, work: Callable[[], Result]) -> Result:
        with self._lock:
            if self.taken >= settings.HASH_LANE_PLACES:
                REFUSED.inc()
                raise LaneFull
            self.taken += 1
        try:
            turns.give_up()  # who waits here keeps no other request from being answered
            return self._thread.submit(_timed(work, perf_counter())).result()
        finally:
            with self._lock:
                self.taken -= 1


def _timed(work: Callable[[], Result], asked: float) -> Callable[[], Result]:
    def begin() -> Result:
        WAIT.observe(perf_counter() - asked)
        return work()

    return begin


@sensitive_variables("password")
def hash_if_idle(password: str) -> str | None:
    """The hash of a password, or None while others are hashed: for what a page may do without."""
    if _lane.taken:
        return None
    try:
        return make_password(password)
    except LaneFull:  # at this very moment
        begin_request()
        return None


def begin_request() -> None:
    """A new request is served by this thread."""
    _thread.refused = False


def met_full_lane() -> bool:
    """Whether the request that this thread serves met a full lane."""
    return bool(getattr(_thread, "refused", False))


def _in_lane(work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    return _lane.run(partial(work, *args, **kwargs))


def _open_lane() -> None:
    global _lane
    _lane = _Lane()


def _yield_to_others() -> None:
    if sys.platform == "linux":  # only there a thread has a niceness of its own
        with contextlib.suppress(OSError):  # a sandbox may forbid it; an exception here would end every sign-in
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_open_lane()
os.register_at_fork(after_in_child=_open_lane)  # a forked worker must not wait for its parent's thread
