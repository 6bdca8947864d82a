"""The portal's figures beside those of its peers, as tables. Every ratio is taken within a round; medians are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from benchmarks.contestants import FIRST_PAGE, PORTAL
from benchmarks.tables import figure, median, table

WEB = "web"
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

    @property
    def hash_ratio(self) -> float:
        return self.all / self.hash / self.hashes


class Wait(NamedTuple):
    p50: float  # milliseconds
    p99: float


@dataclass(frozen=True)
class Storm:
    waits: Mapping[str, Wait]  # by page
    rate: float  # sign-ups a second, meanwhile


def costs(rounds: Mapping[str, Sequence[Round]], how: str) -> None:
    beyond = beside_best(rounds, lambda one: one.beyond, lambda one: one.beyond, min)
    rate = beside_best(rounds, lambda one: one.rate, lambda one: one.rate, max)
    figure("cpu ÷ hashes", median(one.hash_ratio for one in rounds[PORTAL]))
    figure("beyond ÷ peer", beyond)
    figure("rate ÷ peer", rate)

    def row(name: str, own: Sequence[Round]) -> list[str]:
        ratios = [one.hash_ratio for one in own]
        return [
            name,
            _middle(own, lambda one: one.all * 1000),
            str(own[0].hashes),
            f"{median(ratios):.2f} × ({min(ratios):.2f}–{max(ratios):.2f})",
            _middle(own, lambda one: one.beyond * 1000),
            _times(beyond if name == PORTAL else None),
            _middle(own, lambda one: one.rate),
            _times(rate if name == PORTAL else None),
        ]

    head = ("", "server CPU, ms", "hashes", "÷ its hashes (range)", "beyond the hashes, ms", "÷ the best peer's")
    table(
        "One sign-up",
        (*head, "sign-ups/s", "÷ the best peer's"),
        [row(name, own) for name, own in rounds.items()],
        f"{how}, {len(rounds[PORTAL])} rounds, one contestant after the other in each. Reference: one hash takes "
        f"{median(one.hash for own in rounds.values() for one in own) * 1000:.1f} ms of CPU. The CPU is that of web, "
        "PostgreSQL and Redis, of the portal's workers, too; sign-ups/s are counted to the last result.",
    )


def parts(own: Sequence[Round]) -> None:
    """Where the portal's time goes."""
    behind = [part for part in own[0].spent if part != WEB]

    def row(name: str, of: Callable[[Round], float]) -> list[str]:
        return [name, _middle(own, lambda one: of(one) * 1000), _times(hashes_of(of))]

    def hashes_of(of: Callable[[Round], float]) -> float:
        return median(of(one) / one.hash for one in own)

    def web_alone(one: Round) -> float:
        return one.spent[WEB] - one.hashes * one.hash

    def together(one: Round) -> float:
        return sum(one.spent[part] for part in behind)

    figure("web ÷ hash", hashes_of(web_alone))
    figure("behind ÷ hash", hashes_of(together))
    table(
        "The portal's sign-up by part",
        ("", "CPU ms", "÷ one hash"),
        [
            row(WEB, lambda one: one.spent[WEB]),
            row("web without its hashes", web_alone),
            *(row(part, lambda one, part=part: one.spent[part]) for part in behind),  # type: ignore[misc]
            row(f"{', '.join(behind)} together", together),
            row("**all**", lambda one: one.all),
        ],
    )


def storms(found: Mapping[str, Sequence[Storm]], how: str) -> None:
    beside = {
        page: beside_best(found, lambda one, page=page: one.waits[page].p99, lambda one: one.waits[FIRST_PAGE].p99, min)  # type: ignore[misc]
        for page in found[PORTAL][0].waits
    }
    for page, ratio in beside.items():
        figure(f"{page} ÷ peer", ratio)

    def row(name: str, own: Sequence[Storm], page: str) -> list[str]:
        return [
            f"{name}, {page}",
            _middle(own, lambda one: one.waits[page].p50),
            _middle(own, lambda one: one.waits[page].p99),
            _times(beside[page] if name == PORTAL else None),
            _middle(own, lambda one: one.rate),
        ]

    table(
        "One reader while others sign up",
        ("", "p50, ms", "p99, ms", "÷ the best peer's p99", "sign-ups/s meanwhile"),
        [row(name, own, page) for name, own in found.items() for page in own[0].waits],
        f"{how}, {len(found[PORTAL])} rounds. The first page of allauth's sign-up has all fields, as the identity page "
        "has here.",
    )


def beside_best(
    found: Mapping[str, Sequence[One]],
    ours: Callable[[One], float],
    peers: Callable[[One], float],
    best: Callable[[list[float]], float],
) -> float | None:
    """The portal's figure ÷ the best peer's of the same round; None without a peer."""
    others = [own for name, own in found.items() if name != PORTAL]
    if not others:
        return None
    bests = [best([peers(one) for one in together]) for together in zip(*others, strict=True)]
    return median(ours(one) / other for one, other in zip(found[PORTAL], bests, strict=True))


def _middle(own: Sequence[One], of: Callable[[One], float]) -> str:
    return f"{median(map(of, own)):.1f}"


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f} ×"
