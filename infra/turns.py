"""Turns for requests that send something: one at once in each process, so that pages go on beside them.

A process runs Python in one thread at a time, so everything that is answered at once makes everything else wait. Who
posts without pause, from however many addresses, has this one turn and the places of those who wait for it; what is
beyond is refused, for little work and, as far as the threads bear it, after a moment. Requests that only look need no
turn, and go first: what was sent is answered, or refused, when nobody looks, at the latest after LOOKS_FIRST seconds.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

AT_ONCE = 1
LOOKS_FIRST = 0.02  # seconds; while somebody always looks, fifty forms a second still pass
REFUSED_AFTER = 0.2  # seconds

_never = threading.Event()  # is waited for where only time shall pass
_thread = threading.local()  # .turn: what the request in this thread has one of


class NoPlace(Exception):  # noqa: N818  a state of affairs, not a fault
    """So many wait for a turn already, from everywhere or from this one address."""


class Turns:
    """`places`: how many have a turn or wait for one, at most; `for_one`: of one address at most."""

    def __init__(self, at_once: int, places: int, for_one: int) -> None:
        self.at_once, self.places, self.for_one = at_once, places, for_one
        self._free = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._slowly = threading.Semaphore(max(1, places // 3))  # of the threads that no turn can take
        self._looking = 0
        self._nobody_looks = threading.Condition()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """A request that only looks: what is sent meanwhile waits a little while the block lasts."""
        with self._nobody_looks:
            self._looking += 1
        try:
            yield
        finally:
            with self._nobody_looks:
                self._looking -= 1
                if not self._looking:
                    self._nobody_looks.notify_all()

    @contextmanager
    def taken(self, address: str) -> Iterator[None]:
        """Wait for a turn, and have it while the block lasts. Raises NoPlace, at once or after REFUSED_AFTER."""
        if not self._place(address):
            self._refuse()
        try:
            self._free.acquire()
            _thread.turn = self._free
            try:
                self._let_looks_go_first()
                yield
            finally:
                give_up()
        finally:
            with self._lock:
                self._taken[address] -= 1
                if not self._taken[address]:
                    del self._taken[address]

    def _place(self, address: str) -> bool:
        with self._lock:
            if self._taken.total() >= self.places or self._taken[address] >= self.for_one:
                return False
            self._taken[address] += 1
            return True

    def _refuse(self) -> NoReturn:
        """For some, after a moment: whoever repeats at once what was refused comes less often."""
        if self._slowly.acquire(blocking=False):
            try:
                _never.wait(REFUSED_AFTER)
            finally:
                self._slowly.release()
        self._let_looks_go_first()
        raise NoPlace

    def _let_looks_go_first(self) -> None:
        with self._nobody_looks:
            self._nobody_looks.wait_for(lambda: not self._looking, LOOKS_FIRST)


def give_up() -> None:
    """The turn of this thread's request, if it has one, is the next one's: before a wait for what is done elsewhere.

    It goes on afterwards without one. Waiting for another could be for ever: whoever has it may wait for a row that
    this request has locked.
    """
    turn: threading.Semaphore | None = getattr(_thread, "turn", None)
    if turn:
        _thread.turn = None
        turn.release()
