"""The arithmetic of capacity."""

import pytest

from benchmarks import capacity
from benchmarks.capacity import One, need
from benchmarks.footprint import Footprint

MIB = 1 << 20
FOOTPRINT = Footprint(kept=4096, passing=2048, wal=20480, texts=2, checks=2)
ONE = One(web=0.120, workers=0.030, stores=0.060, footprint=FOOTPRINT)


def test_cores_are_owned_twice() -> None:
    thousand = need(ONE, 1000)
    assert thousand.web_cores == pytest.approx(1000 / 60 * 0.120 / 0.5)  # 4
    assert thousand.cores == pytest.approx(7)


def test_processes_follow_the_cores_and_have_a_least_number() -> None:
    few, many = need(ONE, 10), need(ONE, 3000)
    assert (few.web_processes, few.worker_processes) == (2, 3)
    assert (many.web_processes, many.worker_processes) == (12, 3)
    assert need(ONE, 6000).worker_processes == 6
    assert few.connections == 2 * 24 + 3 * 10


def test_a_day_has_1440_minutes() -> None:
    ten = need(ONE, 10)
    assert (ten.texts, ten.checks) == (28_800, 28_800)
    assert ten.kept == 14_400 * 4096
    assert ten.wal == 14_400 * 20_480


def test_the_table_shows_each_rate_and_where_it_comes_from() -> None:
    table = {row[0]: row[1:] for row in capacity.rows(ONE, [need(ONE, rate) for rate in capacity.RATES])}

    assert {len(row) for row in table.values()} == {len(capacity.RATES) + 2}
    assert table["cores: web"][:3] == ["0.04", "0.40", "4.00"]
    assert table["**cores**"][2] == "**7.0**"
    assert table["text messages a day"][:3] == ["28,800", "288,000", "2,880,000"]
    assert table["text messages a day"][3:] == ["90,000,000 in all", "rate × 1,440 minutes × 2"]
    assert table["rows for good a day"][0] == "56.2 MiB"
    assert table["rows for good a day"][3] == "172 GiB in all"
    assert table["rows that go after 30 days"][:1] == ["844 MiB"]
    assert table["days until all have registered"][2] == "31"


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 bytes"), (1023, "1,023 bytes"), (1024, "1.0 KiB"), (150 * MIB, "150 MiB"), (3 * MIB * MIB, "3.0 TiB")],
)
def test_sizes_are_shown_in_units(size: float, shown: str) -> None:
    assert capacity._bytes(size) == shown
