"""A code whose wake-up nobody follows is sent by the web process in which somebody waits for it.

A broker may take a wake-up that reaches no worker: they are dead, or their connections are and they have not noticed.
After PATIENCE_SECONDS one statement asks for all codes of that moment which of them nobody has claimed yet; those are
claimed here, as by any worker, so each leaves once. Whatever goes wrong is logged: the workers look at the rows, too.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic

from django.db import close_old_connections, connections

from sms.models import Message
from sms.outbox import delivery

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
ROUND_SECONDS = 0.5  # codes that were asked for so soon after one another are one question
LINGER_SECONDS = 60.0  # after the last one, the thread and its connection wait for more
AT_ONCE = 4  # open calls to providers

_lock = threading.Lock()
_watched: deque[tuple[float, int]] = deque()  # monotonic seconds from when on, key
_is_on = _runs = False
_pause = threading.Event()  # never set: what is waited for is time


def switch_on() -> None:
    """In this process and its children; elsewhere `watch` does nothing."""
    global _is_on
    _is_on = True


def watch(pk: int) -> None:
    """A worker has been woken for this code. Never raises: it is called when all is committed."""
    global _runs
    if not _is_on:
        return
    with _lock:
        _watched.append((monotonic() + PATIENCE_SECONDS, pk))
        if _runs:
            return
        _runs = True
    try:
        threading.Thread(target=_follow_all, name="follow-up", daemon=True).start()
    except Exception:  # RuntimeError, MemoryError: the next code tries again, for those before it, too
        with _lock:
            _runs = False
        log.exception("codes are not followed up for now")


def unclaimed(pks: Iterable[int]) -> list[int]:
    return list(
        Message.objects.filter(pk__in=list(pks), state=Message.State.QUEUED, attempts=0).values_list("pk", flat=True)
    )


def send(pk: int) -> None:
    log.warning("message %s: no worker has followed its wake-up, it is sent from here", pk)
    try:
        delivery.deliver("codes", pk)
    except Exception as error:  # noqa: BLE001  its text may hold values
        log.error("message %s was not sent from here: %s", pk, type(error).__name__)
    finally:
        connections.close_all()


def _follow_all() -> None:
    """Until nothing has been left for a while; the next code begins another thread."""
    last = monotonic()
    while (pks := _next(last)) is not None:
        if not pks:
            continue
        last = monotonic()
        try:
            close_old_connections()
            for pk in unclaimed(pks):
                _senders().submit(send, pk)
        except Exception as error:  # noqa: BLE001  as above
            log.error("codes were not followed up: %s", type(error).__name__)
            connections.close_all()
    connections.close_all()


def _next(last: float) -> list[int] | None:
    """Wait for those whose time has come; None: there have been none since `last`, and that is long ago."""
    global _runs
    with _lock:
        if not _watched and monotonic() - last >= LINGER_SECONDS:
            _runs = False
            return None
        first = _watched[0][0] if _watched else 0.0
    _pause.wait(max(ROUND_SECONDS, first - monotonic()))
    pks = []
    with _lock:
        while _watched and _watched[0][0] <= monotonic():
            pks.append(_watched.popleft()[1])
    return pks


@cache
def _senders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "follow-up")
