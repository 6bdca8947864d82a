"""CPU time of processes from /proc, so only on Linux; and what one password hash takes of it."""

import os
import time
from collections import defaultdict
from pathlib import Path

from argon2.low_level import Type, hash_secret

TICKS = os.sysconf("SC_CLK_TCK")
HASHES = 20
TIME_COST, MEMORY_COST, PARALLELISM = 2, 19_456, 1  # as every contestant hashes


def spent(*roots: int) -> float:
    """Seconds, user and system, of these processes and all below them, the ended ones included."""
    children: dict[int, list[int]] = defaultdict(list)
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        except OSError:  # it has just ended; its parent counts it
            continue
        pid = int(path.parent.name)
        children[int(fields[1])].append(pid)
        ticks[pid] = sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime: proc_pid_stat(5)
    total, todo = 0, list(roots)
    while todo:
        pid = todo.pop()
        total += ticks.get(pid, 0)
        todo += children[pid]
    return total / TICKS


def of_one_hash() -> float:
    """Seconds of one password hash by argon2-cffi's wheel: the reference, whoever hashes for the portal."""

    def one() -> None:
        hash_secret(b"Zangule21", os.urandom(16), TIME_COST, MEMORY_COST, PARALLELISM, 32, Type.ID)

    one()
    before = time.process_time()
    for _ in range(HASHES):
        one()
    return (time.process_time() - before) / HASHES
