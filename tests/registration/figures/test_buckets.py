"""Medians out of histograms."""

import math

import pytest

from registration.figures.buckets import quantile


def bucket(seconds: float) -> int:
    """As the definition says."""
    return max(0, math.ceil(4 * math.log2(seconds) - 1e-9))


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize("times", [[30] * 9, [*range(2, 400)], [2**power for power in range(1, 18)]])
def test_a_quantile_is_within_a_tenth(times: list[int], share: float) -> None:
    counts: dict[int, int] = {}
    for seconds in times:
        counts[bucket(seconds)] = counts.get(bucket(seconds), 0) + 1
    truth = sorted(times)[math.ceil(share * len(times)) - 1]
    found = quantile(counts, share)
    assert found is not None
    assert truth * 0.84 <= found <= truth * 1.1


def test_of_nothing_there_is_none_and_what_is_quick_took_a_second() -> None:
    assert quantile({}, 0.5) is None
    assert quantile({0: 3}, 0.5) == 1.0
    assert quantile({0: 3, 40: 1}, 0.5) == 1.0
