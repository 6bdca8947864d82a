"""Bars as SVG: what is drawn, and what is said to who does not see it."""

import re

from infra.plots import HEIGHT, bars


def heights(plot: str) -> list[int]:
    return [int(height) for height in re.findall(r'<rect [^>]*height="(\d+)"', plot)]


def test_bars_are_as_high_as_their_numbers() -> None:
    assert heights(bars("Sign-ins", [("1", 10), ("2", 5), ("3", 0)])) == [HEIGHT, HEIGHT // 2, 0]


def test_a_small_number_beside_a_great_one_is_seen() -> None:
    assert heights(bars("Sign-ins", [("1", 1_000_000), ("2", 1)])) == [HEIGHT, 1]


def test_nothing_is_no_error() -> None:
    assert heights(bars("Sign-ins", [])) == []
    assert heights(bars("Sign-ins", [("1", 0)])) == [0]


def test_what_is_said_is_escaped_and_has_no_inline_style() -> None:
    plot = bars('"<b>', [("<i>", 1)])
    assert 'role="img" aria-label="&quot;&lt;b&gt;"' in plot
    assert "<title>&lt;i&gt;: 1</title>" in plot
    assert "style=" not in plot
