"""The table of goals: what counts as reached, and that every goal has a benchmark that measures it."""

import re

import pytest

from benchmarks import goals, tables
from benchmarks.goals import GOALS
from tests.source_code import sources


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    written: list[str] = []
    monkeypatch.setattr(tables, "written", written)
    return written


def reached(lines: list[str], name: str) -> str:
    [goal] = [goal for goal in GOALS if goal.name == name]
    [line] = [line for line in lines if line.startswith(f"| {goal.text} |")]
    return line.strip("| ").split(" | ")[-1]


@pytest.mark.parametrize(("value", "said"), [(2.01, "**no**"), (2, "the least"), (1.61, "the least"), (1.6, "the aim")])
def test_less_is_better(lines: list[str], value: float, said: str) -> None:
    goals.show({"cpu ÷ hashes": value})
    assert reached(lines, "cpu ÷ hashes") == said


@pytest.mark.parametrize(("value", "said"), [(99.9, "**no**"), (100, "the least"), (150, "the aim")])
def test_more_is_better_where_the_goal_says_so(lines: list[str], value: float, said: str) -> None:
    goals.show({"decisions, at once": value})
    assert reached(lines, "decisions, at once") == said


def test_what_was_not_measured_is_said_to_be(lines: list[str]) -> None:
    goals.show({})
    assert [reached(lines, goal.name) for goal in GOALS] == ["not measured"] * len(GOALS)


def test_an_aim_asks_for_no_less_than_the_bound() -> None:
    assert [goal for goal in GOALS if not goal.reached(goal.aim, goal.bound)] == []


def test_every_figure_that_is_handed_over_has_a_goal() -> None:
    named = {
        name
        for path in sources("benchmarks")
        for name in re.findall(r'^ *figure\("([^"]+)"', path.read_text("utf-8"), re.MULTILINE)
    }
    assert len(named) > 10
    assert named - {goal.name for goal in GOALS} == set()
