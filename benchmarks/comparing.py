"""The portal's figures beside those of its peers, as tables. Every ratio is taken within a round; medians are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.contestants import PORTAL
from benchmarks.tables import median, table, times

WEB, ALL = "web", "**all**"
One = TypeVar("One")


@dataclass(frozen=True)
class Round:
    """Seconds of CPU: `hash`, of one reference hash; `spent`, of one sign-up by part of the server."""

    hash: float
    hashes: int  # that one sign-up needs
    spent: Mapping[str, float]
    rate: float  # sign-ups a second, to the last result

    @property
    def all(self) -> float:
        return sum(self.spent.values())

    @property
    def beyond(self) -> float:
        return self.all - self.hashes * self.hash


@dataclass(frozen=True)
class Storm:
    p50: float  # milliseconds
    p99: float
    rate: float  # sign-ups a second, meanwhile


def costs(rounds: Mapping[str, Sequence[Round]], how: str) -> None:
    def row(name: str, own: Sequence[Round]) -> list[str]:
        hashes = own[0].hashes
        return [
            name,
            _middle(own, lambda one: one.all * 1000),
            str(hashes),
            f"{median(one.all / one.hash / hashes for one in own):.2f} × ({_range(own)})",
            _middle(own, lambda one: one.beyond * 1000),
            _beside(rounds, name, lambda one: one.beyond, min),
            _middle(own, lambda one: one.rate),
            _beside(rounds, name, lambda one: one.rate, max),
        ]

    head = ("", "server CPU, ms", "hashes", "÷ its hashes (range)", "beyond the hashes, ms", "÷ the best peer's")
    table(
        "One sign-up",
        (*head, "sign-ups/s", "÷ the best peer's"),
        [row(name, own) for name, own in rounds.items()],
        f"{how}, {len(rounds[PORTAL])} rounds, one contestant after the other in each. Reference: one hash takes "
        f"{median(one.hash for own in rounds.values() for one in own) * 1000:.1f} ms of CPU. The CPU is that of web, "
        "PostgreSQL and Redis, of the portal's workers, too; the sign-ups of a second are counted to the last result. "
        "Goals: at most 2.0 ×, then 1.6 × its hashes; beyond them at most 1.0 ×, then 0.7 × the best peer's; 1.5 × as "
        "many a second.",
    )


def parts(own: Sequence[Round]) -> None:
    """Where the portal's time goes."""
    behind = [part for part in own[0].spent if part != WEB]

    def row(name: str, of: Callable[[Round], float]) -> list[str]:
        return [name, _middle(own, lambda one: of(one) * 1000), times(median(of(one) / one.hash for one in own), 1)]

    table(
        "The portal's sign-up by part",
        ("", "CPU ms", "÷ one hash"),
        [
            row(WEB, lambda one: one.spent[WEB]),
            row("web without its hashes", lambda one: one.spent[WEB] - one.hashes * one.hash),
            *(row(part, lambda one, part=part: one.spent[part]) for part in behind),  # type: ignore[misc]
            row(f"{', '.join(behind)} together", lambda one: sum(one.spent[part] for part in behind)),
            row(ALL, lambda one: one.all),
        ],
        "Goals, ÷ one hash: web without its hashes 1.0, then 0.6; the others together 1.5, then 1.0.",
    )


def storms(found: Mapping[str, Sequence[Storm]], how: str) -> None:
    table(
        "One reader of the first page while others sign up",
        ("", "p50, ms", "p99, ms", "÷ the best peer's p99", "sign-ups/s meanwhile"),
        [
            [
                name,
                _middle(own, lambda one: one.p50),
                _middle(own, lambda one: one.p99),
                _beside(found, name, lambda one: one.p99, min),
                _middle(own, lambda one: one.rate),
            ]
            for name, own in found.items()
        ],
        f"{how}, {len(found[PORTAL])} rounds. Goal: at most half of the best peer's p99.",
    )


def _middle(own: Sequence[One], of: Callable[[One], float]) -> str:
    return f"{median(map(of, own)):.1f}"


def _range(own: Sequence[Round]) -> str:
    ratios = [one.all / one.hash / one.hashes for one in own]
    return f"{min(ratios):.2f}–{max(ratios):.2f}"


def _beside(
    found: Mapping[str, Sequence[One]], name: str, of: Callable[[One], float], best: Callable[[list[float]], float]
) -> str:
    """A contestant's figure ÷ the best peer's of the same round; of the portal alone."""
    peers = [own for peer, own in found.items() if peer != PORTAL]
    if name != PORTAL or not peers:
        return "–"
    bests = [best([of(one) for one in together]) for together in zip(*peers, strict=True)]
    return times(median(of(one) / other for one, other in zip(found[name], bests, strict=True)), 1)
