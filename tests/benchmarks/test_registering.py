"""The race of the portal and its peers: who fails is left out and named, and the others go on."""

from collections.abc import Callable

import pytest

from benchmarks import tables
from benchmarks.contestants import PHONE_PEER, PORTAL, WIZARD_PEER, Contestant
from benchmarks.people import Citizen
from benchmarks.registering import Race


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(tables, "failures", said)
    return said


def contestant(name: str, sign_up: Callable[[Citizen], None]) -> Contestant:
    return Contestant(name, 1, 0, "/", {"web": []}, sign_up, lambda: None, dict)


def fail(_: Citizen) -> None:
    raise RuntimeError("POST /: 500 instead of 302")


def test_a_peer_that_fails_is_left_out_and_named(failures: list[str]) -> None:
    seen: list[Citizen] = []
    race = Race([contestant(PORTAL, seen.append), contestant(WIZARD_PEER, fail), contestant(PHONE_PEER, seen.append)])

    race.each(race.warm_up)

    assert [one.name for one in race.standing] == [PORTAL, PHONE_PEER]
    assert race.rounds.keys() == race.storms.keys() == {PORTAL, PHONE_PEER}
    assert failures == [f"{WIZARD_PEER} is not measured: POST /: 500 instead of 302"]
    assert len(seen) == 2 * len({citizen.number for citizen in seen}) > 0


def test_without_the_portal_there_is_no_race(failures: list[str]) -> None:
    race = Race([contestant(PORTAL, fail)])
    with pytest.raises(RuntimeError, match="500 instead of 302"):
        race.each(race.warm_up)
    assert failures == []


def test_a_round_counts_every_sign_up_once(failures: list[str]) -> None:
    seen: list[int] = []
    race = Race([contestant(PORTAL, lambda citizen: seen.append(citizen.number))])

    race.each(race.cost)
    race.each(race.cost)

    assert sorted(seen) == list(range(len(seen)))
    [first, second] = race.rounds[PORTAL]
    assert first.spent == second.spent == {"web": 0.0}
    assert first.hash > 0
    assert first.hashes == 1
