"""What processes measure about themselves, for /metrics: what no row can tell.

In one process the numbers live in its memory. Where several answer for one portal, prometheus_client keeps those of
each in a file of a directory in memory (PROMETHEUS_MULTIPROC_DIR, made by deploy/gunicorn.conf.py before anything else
is imported), and whoever is asked adds up the files of all, also of those that have ended: counters never go back.
Labels are names from our code and numbers of statuses, never what somebody sent, so that there is an end to them.
"""

import os
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()  # ours alone: the library's own one tells about the process that happens to answer
_meanings: dict[str, str] = {}


def counter(name: str, meaning: str, *labels: str) -> Counter:
    """`name` without _total, which is put behind it."""
    _meanings[name] = meaning
    return Counter(name, meaning, labels, registry=REGISTRY)


def histogram(name: str, meaning: str, *labels: str, buckets: Sequence[float]) -> Histogram:
    """`buckets`: upper ends, in seconds."""
    _meanings[name] = meaning
    return Histogram(name, meaning, labels, registry=REGISTRY, buckets=buckets)


class OfAllProcesses(Collector):
    """What all processes of this portal have measured, whichever is asked."""

    def collect(self) -> Iterator[Metric]:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            yield from REGISTRY.collect()
            return
        for family in MultiProcessCollector(CollectorRegistry()).collect():  # type: ignore[no-untyped-call]
            family.documentation = _meanings.get(family.name, family.documentation)  # the files hold numbers alone
            yield family
