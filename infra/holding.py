"""Leases that their holder prolongs while it waits for somebody: short ones, so that the dead soon hold none.

One thread of the process does it for all of its leases, as long as there are any; each lease is prolonged three times
before it would end. Who cannot be prolonged (the database is away, the process stood still) loses the lease as anybody
does: what is written at the end is written under the token.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from django.db import connections, transaction
from django.db.models.functions import Now

from infra.leases import LeasedWork

log = logging.getLogger(__name__)

TRIES = 3
LOOK_SECONDS = 1.0

_lock = threading.Lock()
_held: "dict[int, _Hold]" = {}  # by `id`
_pause = threading.Event()  # never set: what is waited for is time
_thread: threading.Thread | None = None


@dataclass(eq=False)
class _Hold:
    row: LeasedWork
    seconds: int
    ends: float  # monotonic
    due: float


@contextmanager
def held(row: LeasedWork, seconds: int, most: int) -> Iterator[None]:
    """A row that was claimed for `seconds` just now stays ours while the block lasts, but no longer than `most`."""
    now = monotonic()
    hold = _Hold(row, seconds, now + most, now + seconds / (TRIES + 1))
    with _lock:
        _held[id(hold)] = hold
        _begin()
    try:
        yield
    finally:
        with _lock:
            del _held[id(hold)]


def prolong(holds: "list[_Hold]") -> None:
    """Rows that somebody has locked are about to be settled, or have time until the next try: nobody waits here."""
    by_kind = defaultdict(list)
    for hold in holds:
        by_kind[type(hold.row), hold.seconds].append(hold.row)
    for (model, seconds), rows in by_kind.items():
        ours = model._base_manager.filter(
            pk__in=[row.pk for row in rows], lease_token__in=[row.lease_token for row in rows]
        )
        with transaction.atomic():
            free = list(ours.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
            ours.filter(pk__in=free).update(lease_until=Now() + timedelta(seconds=seconds))


def _begin() -> None:
    global _thread
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_prolong_all, name="leases", daemon=True)
        _thread.start()


def _due() -> "list[_Hold] | None":
    """Those whose time has come; None: there are none at all, and this thread is over."""
    global _thread
    with _lock:
        now = monotonic()
        live = [hold for hold in _held.values() if now < hold.ends]
        if not live:
            _thread = None
            return None
        due = [hold for hold in live if hold.due <= now]
        for hold in due:
            hold.due = now + hold.seconds / (TRIES + 1)
        return due


def _prolong_all() -> None:
    while (due := _due()) is not None:
        try:
            if due:
                prolong(due)
        except Exception as error:  # noqa: BLE001  the next try comes; its text may hold values
            log.warning("leases were not prolonged: %s", type(error).__name__)
        finally:
            if due:
                connections.close_all()  # a pool's goes back to it
        _pause.wait(LOOK_SECONDS)
