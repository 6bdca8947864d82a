import pytest

from infra import kept
from infra.kept import Kept


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr("infra.kept.time.monotonic", lambda: moment[0])
    return moment


def test_it_is_read_once_a_minute(now: list[float]) -> None:
    numbers = iter(range(10))
    number = Kept(lambda: next(numbers))

    assert [number(), number()] == [0, 0]
    now[0] += kept.SECONDS - 0.1
    assert number() == 0
    now[0] += 0.1
    assert [number(), number()] == [1, 1]


def test_what_is_empty_is_kept_too(now: list[float]) -> None:
    reads: list[None] = []
    nothing = Kept(lambda: reads.append(None))

    assert [nothing(), nothing()] == [None, None]
    assert len(reads) == 1


def test_what_cannot_be_read_is_not_kept(now: list[float]) -> None:
    answers = iter([1 / 3])
    failing = iter([True, False])

    def read() -> float:
        if next(failing):
            raise ConnectionError
        return next(answers)

    third = Kept(read)
    with pytest.raises(ConnectionError):
        third()
    assert third() == 1 / 3


def test_nothing_is_left_when_all_is_forgotten(now: list[float]) -> None:
    numbers = iter(range(10))
    number = Kept(lambda: next(numbers))
    number()
    kept.forget_all()
    assert number() == 1
