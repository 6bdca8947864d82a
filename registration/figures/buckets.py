"""Times as a histogram, so that medians of many provinces and days can be told from sums.

Bucket n holds times up to 2^(n/4) seconds and more than 2^((n-1)/4); bucket 0 those up to a second. What is read out of
it is within a tenth of the truth.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, DurationField, ExpressionWrapper, F, Func, IntegerField, When

PER_DOUBLING = 4


def of(since: str, until: str) -> Case:
    """The bucket of the time between two columns, in SQL; null where one of them is."""
    passed = ExpressionWrapper(F(until) - F(since), output_field=DurationField())
    known = {f"{column}__isnull": False for column in (since, until)}
    return Case(When(**known, then=_Bucket(passed)), output_field=IntegerField())  # of nulls, greatest() knows nothing


class _Bucket(Func):
    # Times below a second are a second, those of clocks that disagree, too. Rounded, so that a whole power of two does
    # not land one bucket higher.
    template = (
        f"ceil({PER_DOUBLING} * round(log(2, greatest(extract(epoch FROM %(expressions)s), 1)::numeric), 9))::integer"
    )
    output_field: Any = IntegerField()


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """Seconds within which `share` of the times were over, of bucket → how many; None when there were none."""
    wanted = share * sum(counts.values())
    below = 0
    for bucket in sorted(counts):
        if counts[bucket] and below + counts[bucket] >= wanted:
            inside = (wanted - below) / counts[bucket]
            return float(2 ** ((bucket - 1 + inside) / PER_DOUBLING)) if bucket else 1.0
        below += counts[bucket]
    return None
