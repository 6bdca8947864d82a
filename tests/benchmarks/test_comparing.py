"""The portal beside its peers: which figure is divided by which."""

import pytest

from benchmarks import comparing, tables
from benchmarks.comparing import Round, Storm, Wait
from benchmarks.contestants import FIRST_PAGE, PEERS, PHONE_PEER, PORTAL, WIZARD_PEER


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    written: list[str] = []
    monkeypatch.setattr(tables, "written", written)
    monkeypatch.setattr(tables, "figures", {})
    return written


def cells(lines: list[str], name: str) -> list[str]:
    [line] = [line for line in lines if line.startswith(f"| {name} |")]
    return line.strip("| ").split(" | ")[1:]


def ours(web: float) -> Round:
    return Round(0.030, 2, {"web": web, "workers": 0.020, "PostgreSQL": 0.015, "Redis": 0.005}, 12)


def test_costs_are_divided_by_the_hashes_and_by_the_best_peer_of_the_round(lines: list[str]) -> None:
    rounds = {
        PORTAL: [ours(0.080), ours(0.110), ours(0.095)],  # in all 120, 150, 135 ms; beyond the hashes 60, 90, 75
        WIZARD_PEER: [Round(0.030, 1, {"web": 0.090}, 20)] * 3,  # beyond its hash 60
        PHONE_PEER: [Round(0.030, 1, {"web": 0.080}, 24)] * 2 + [Round(0.030, 1, {"web": 0.180}, 24)],  # 50, 50, 150
    }
    comparing.costs(rounds, "3 sign-ups")

    assert cells(lines, PORTAL) == ["135.0", "2", "2.25 × (2.00–2.50)", "75.0", "1.25 ×", "12.0", "0.50 ×"]
    assert cells(lines, WIZARD_PEER) == ["90.0", "1", "3.00 × (3.00–3.00)", "60.0", "–", "20.0", "–"]
    assert any("3 sign-ups, 3 rounds" in line for line in lines)
    assert tables.figures == pytest.approx({"cpu ÷ hashes": 2.25, "beyond ÷ peer": 1.25, "rate ÷ peer": 0.5})


def test_without_peers_nothing_is_divided_by_them(lines: list[str]) -> None:
    comparing.costs({PORTAL: [ours(0.080)]}, "1 sign-up")
    assert cells(lines, PORTAL)[4:] == ["–", "12.0", "–"]


def test_the_parts_of_the_portal_are_told_apart(lines: list[str]) -> None:
    comparing.parts([ours(0.080)])

    assert cells(lines, "web") == ["80.0", "2.67 ×"]
    assert cells(lines, "web without its hashes") == ["20.0", "0.67 ×"]
    assert cells(lines, "workers, PostgreSQL, Redis together") == ["40.0", "1.33 ×"]
    assert cells(lines, "**all**") == ["120.0", "4.00 ×"]


def test_storms_are_compared_with_the_quickest_peer(lines: list[str]) -> None:
    storms = {
        PORTAL: [Storm({FIRST_PAGE: Wait(5, 30), "identity page": Wait(9, 90)}, 9)],
        WIZARD_PEER: [Storm({FIRST_PAGE: Wait(20, 90)}, 20)],
        PHONE_PEER: [Storm({FIRST_PAGE: Wait(15, 60)}, 18)],
    }
    comparing.storms(storms, "200 pages")
    assert cells(lines, f"{PORTAL}, first page") == ["5.0", "30.0", "0.50 ×", "9.0"]
    assert cells(lines, f"{PORTAL}, identity page") == ["9.0", "90.0", "1.50 ×", "9.0"]
    assert cells(lines, f"{PHONE_PEER}, first page") == ["15.0", "60.0", "–", "18.0"]
    assert tables.figures == {"first page ÷ peer": 0.5, "identity page ÷ peer": 1.5}


def test_every_peer_has_its_site() -> None:
    assert set(PEERS) == {WIZARD_PEER, PHONE_PEER}
