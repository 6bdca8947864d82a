"""Turns: few at once, places for those who wait, and at once a refusal for who finds none."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from devtools.servers import until
from infra import turns
from infra.turns import NoPlace, Turns

HERE, THERE = "198.18.0.1", "198.18.0.2"


@pytest.fixture(autouse=True)
def _refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "REFUSED_AFTER", 0)


class Work:
    """Requests in threads of their own, each of which lasts until `end`."""

    def __init__(self, all_turns: Turns, pool: ThreadPoolExecutor) -> None:
        self.turns, self.pool = all_turns, pool
        self.running: list[str] = []
        self.over = threading.Event()

    def begin(self, address: str) -> Future[None]:
        return self.pool.submit(self._serve, address)

    def _serve(self, address: str) -> None:
        with self.turns.taken(address):
            self.running.append(address)
            assert self.over.wait(60)

    def wait_for(self, taken: int) -> None:
        assert until(lambda: self.turns._taken.total() == taken, 60)


@contextmanager
def work(at_once: int = 1, places: int = 3, for_one: int = 3) -> Iterator[Work]:
    with ThreadPoolExecutor(10) as pool:
        it = Work(Turns(at_once, places, for_one), pool)
        try:
            yield it
        finally:
            it.over.set()


def free(all_turns: Turns) -> int:
    """How many have no turn and could."""
    return all_turns._free._value


def test_more_than_a_few_wait_until_one_has_ended() -> None:
    with work(at_once=2) as others:
        done = [others.begin(HERE) for _ in range(3)]
        others.wait_for(3)
        assert until(lambda: len(others.running) == 2, 60)
        others.over.set()
        for each in done:
            each.result(60)
        assert len(others.running) == 3
        assert not others.turns._taken, "nothing is kept of who was served"
        assert free(others.turns) == 2


def test_who_finds_no_place_is_refused_without_waiting_for_one() -> None:
    with work(places=2) as others:
        others.begin(HERE)
        others.begin(THERE)
        others.wait_for(2)
        with pytest.raises(NoPlace), others.turns.taken("198.18.0.3"):
            pass


def test_one_address_leaves_places_for_others() -> None:
    with work(places=3, for_one=2) as others:
        others.begin(HERE)
        others.begin(HERE)
        others.wait_for(2)
        with pytest.raises(NoPlace), others.turns.taken(HERE):
            pass
        others.begin(THERE)
        others.wait_for(3)


def test_a_place_is_free_again_when_its_request_has_failed() -> None:
    all_turns = Turns(at_once=1, places=1, for_one=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), all_turns.taken(HERE):
            raise ZeroDivisionError


def test_who_waits_for_something_else_gives_the_turn_up_and_keeps_the_place() -> None:
    all_turns = Turns(at_once=1, places=2, for_one=2)
    with ThreadPoolExecutor(1) as pool, all_turns.taken(HERE):
        turns.give_up()
        turns.give_up()

        def another() -> int:
            with all_turns.taken(THERE):
                return all_turns._taken.total()

        assert pool.submit(another).result(60) == 2
    assert free(all_turns) == 1, "given back once"


def test_without_a_turn_there_is_nothing_to_give_up() -> None:
    turns.give_up()


@pytest.mark.parametrize("places", [1, 0])
def test_who_looks_goes_first(monkeypatch: pytest.MonkeyPatch, places: int) -> None:
    """Before what has a turn, and before what is refused: neither is answered while somebody looks."""
    monkeypatch.setattr(turns, "LOOKS_FIRST", 60)
    with work(places=places) as others, ThreadPoolExecutor(1) as pool:
        others.over.set()
        with others.turns.looking(), others.turns.looking():
            sent = others.begin(HERE)
            assert until(lambda: len(vars(others.turns._nobody_looks)["_waiters"]) == 1, 60)
            pool.submit(_look, others.turns).result(60)  # one of those who look has seen the page
            assert not sent.done()
            assert not others.running
        assert isinstance(sent.exception(60), NoPlace if not places else type(None))
        assert others.running == [HERE] * places


def _look(all_turns: Turns) -> None:
    with all_turns.looking():
        pass


def test_what_is_sent_does_not_wait_for_ever_for_those_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOKS_FIRST", 0)
    all_turns = Turns(at_once=1, places=1, for_one=1)
    with all_turns.looking(), all_turns.taken(HERE):
        pass
    assert free(all_turns) == 1


def test_a_look_that_failed_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOKS_FIRST", 60)
    all_turns = Turns(at_once=1, places=1, for_one=1)
    with pytest.raises(ZeroDivisionError), all_turns.looking():
        raise ZeroDivisionError
    with all_turns.taken(HERE):
        pass


def test_some_are_refused_after_a_moment_and_no_more_than_the_threads_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three places' third is one."""
    over = threading.Event()
    monkeypatch.setattr(turns, "REFUSED_AFTER", 60)
    monkeypatch.setattr(turns, "_never", over)
    with work(places=3) as others:
        for _ in range(3):
            others.begin(HERE)
        others.wait_for(3)
        first = others.begin(THERE)
        assert until(lambda: others.turns._slowly._value == 0, 60)
        assert isinstance(others.begin(THERE).exception(60), NoPlace)
        assert not first.done()
        over.set()
        assert isinstance(first.exception(60), NoPlace)
        assert others.turns._slowly._value == 1
