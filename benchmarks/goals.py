"""What the figures should be, beside what they are in this run. Every benchmark hands over its figures by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.tables import table


@dataclass(frozen=True)
class Goal:
    """`name`: as `tables.figure` is called with it. A figure should be `bound` or less, or with `more` that or more."""

    text: str
    name: str
    bound: float
    aim: float
    more: bool = False
    unit: str = ""

    def reached(self, value: float, wanted: float) -> bool:
        return value >= wanted if self.more else value <= wanted


GOALS = (
    Goal("server CPU of a registration ÷ its two hashes", "cpu ÷ hashes", 2.0, 1.6),
    Goal("its CPU beyond the hashes ÷ the best peer's", "beyond ÷ peer", 1.0, 0.7),
    Goal("web without its hashes ÷ one hash", "web ÷ hash", 1.0, 0.6),
    Goal("workers, PostgreSQL and Redis ÷ one hash", "behind ÷ hash", 1.5, 1.0),
    Goal("registrations a second ÷ the best peer's", "rate ÷ peer", 1.5, 1.5, more=True),
    Goal("p99 of the first page in the storm ÷ the best peer's", "first page ÷ peer", 0.5, 0.5),
    Goal("p99 of the identity page in the storm ÷ the best peer's", "identity page ÷ peer", 0.5, 0.5),
    Goal("CPU of drawing the home page ÷ one hash", "draw ÷ hash, home", 0.05, 0.05),
    Goal("the same, contact page", "draw ÷ hash, contact", 0.08, 0.08),
    Goal("the same, code page", "draw ÷ hash, code", 0.08, 0.08),
    Goal("the same, identity page", "draw ÷ hash, identity", 0.15, 0.15),
    Goal("SQL statements of the web part", "statements, web", 14, 10),
    Goal("the same, most in one request", "statements, most", 4, 3),
    Goal("SQL statements of the workers", "statements, workers", 15, 12),
    Goal("the same, most in a GET of a public page", "statements, public", 0, 0),
    Goal("the same, most in a GET inside the wizard", "statements, wizard", 1, 1),
    Goal("first visit, font included", "bytes, first visit", 45_000, 40_000, unit=" bytes"),
    Goal("identity page, gzip", "bytes, identity page", 8_000, 5_000, unit=" bytes"),
    Goal("decisions/s, service answers at once", "decisions, at once", 100, 150, more=True),
    Goal("decisions/s, service takes 0.1 s", "decisions, 0.1 s", 90, 200, more=True),
    Goal("decisions/s, service takes 1 s", "decisions, 1 s", 15, 30, more=True),
    Goal("memory of a worker with its questions open", "memory, worker", 120, 120, unit=" MiB"),
    Goal("CPU of a sign-in at a service and its tokens ÷ one hash", "sign-in at a service ÷ hash", 0.6, 0.6),
    Goal("SQL statements of both", "statements, sign-in at a service", 10, 10),
    Goal("its time with a million connections ÷ with one", "sign-in at a service, growth", 1.2, 1.2),
    Goal("the desk's dearest page", "desk, dearest", 200, 200, unit=" ms"),
    Goal("the desk's page that grows most, ten times the requests", "desk, growth", 1.2, 1.2),
    Goal("later start of make run", "start, later", 5, 5, unit=" s"),
)


def show(figures: Mapping[str, float]) -> None:
    table(
        "Goals",
        ("figure", "measured", "the least", "the aim", "reached"),
        [_row(goal, figures.get(goal.name)) for goal in GOALS],
    )


def _row(goal: Goal, value: float | None) -> list[str]:
    sign = "≥" if goal.more else "≤"
    wanted = [f"{sign} {bound:,.10g}{goal.unit}" for bound in (goal.bound, goal.aim)]
    if value is None:
        return [goal.text, "–", *wanted, "not measured"]
    steps = [goal.reached(value, bound) for bound in (goal.bound, goal.aim)]
    shown = f"{value:,.2f}".removesuffix(".00") + goal.unit
    return [goal.text, shown, *wanted, ("**no**", "the least", "the aim")[sum(steps)]]
