"""Three kinds of plots. Time goes from left to right, as numbers do; lists of bars begin where reading begins."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi

from registration.desk.figures import svg, words

WIDTH = 560
HEIGHT = 270
LEFT, RIGHT, TOP, BOTTOM = 78, 12, 14, 36  # around the plot itself
ROW, BAR = 52, 18  # of a list of bars
EVERY = 7  # days between two labels


class Series(NamedTuple):
    """`label`: in the legend. `values`: one for each day or row; None where nothing is known."""

    label: str
    values: Sequence[float | None]


class Bar(NamedTuple):
    """One line of a list: its name, what stands at its end, and its parts, one for each ground."""

    name: str
    told: str
    parts: Sequence[float]


def stacked(key: str, title: str, told: str, days: list[dt.date], series: Sequence[Series]) -> SafeString:
    """A column for each day, of so many parts."""
    tops = [sum(one.values[place] or 0 for one in series) for place in range(len(days))]
    ticks = _ticks(max(tops, default=0))
    width = _step(days) * 0.74
    columns = []
    for place, day in enumerate(days):
        below, parts = 0.0, []
        for number, one in enumerate(series):
            if value := one.values[place]:
                top, bottom = _height(below + value, ticks[-1]), _height(below, ticks[-1])
                box = {"x": _x(place, days) - width / 2, "y": top, "width": width, "height": bottom - top}
                parts.append(svg.element("rect", **box, fill=svg.ground(key, number), class_="edge"))
                below += value
        counts = [f"{one.label}: {words.number(one.values[place] or 0)}" for one in series if one.values[place]]
        columns.append(svg.group([svg.element("title", f"{words.date(day)}: {', '.join(counts) or '–'}"), *parts]))
    marks = [(_height(tick, ticks[-1]), words.number(tick)) for tick in ticks]
    return svg.picture(key, (WIDTH, HEIGHT), title, told, [_frame(days, marks), *columns])


def lines(
    key: str, title: str, told: str, days: list[dt.date], series: Sequence[Series], say: Callable[[float], str]
) -> SafeString:
    """A line for each series over a scale of powers: seconds and days have their place on it. Where nothing is known
    the line is broken. The first is whole with round points, the second broken with square ones."""
    known = [value for one in series for value in one.values if value]
    marks = [tick for tick in words.TIMES if tick <= max(known, default=60)]
    marks.append(next((tick for tick in words.TIMES if tick >= max(known, default=60)), words.TIMES[-1]))
    low, high = math.log(words.TIMES[0]), math.log(marks[-1])

    def height(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log(max(value, 1)) - low) / (high - low)

    drawn = []
    for number, one in enumerate(series):
        points = [(_x(place, days), value, days[place]) for place, value in enumerate(one.values)]
        path, joined = "", False
        for x, value, _day in points:
            if value is not None:
                path += f"{'L' if joined else 'M'}{x:.1f} {height(value):.1f}"
            joined = value is not None
        drawn.append(svg.element("path", d=path, class_=f"line line-{number}"))
        for x, value, day in points:
            if value is not None:
                says = svg.element("title", f"{words.date(day)}, {one.label}: {say(value)}")
                drawn.append(_point(number, x, height(value), says))
    shown = [(height(tick), say(tick)) for tick in dict.fromkeys(marks)]
    return svg.picture(key, (WIDTH, HEIGHT), title, told, [_frame(days, shown), *drawn])


def bars(key: str, title: str, told: str, rows: Sequence[Bar], *, of: float | None = None) -> SafeString:
    """A list of bars, each under its name. `of`: what a whole bar stands for, else the longest one."""
    most = of or max((sum(row.parts) for row in rows), default=0) or 1
    rtl = get_language_bidi()
    start, end = (WIDTH, 0) if rtl else (0, WIDTH)
    drawn = []
    for place, row in enumerate(rows):
        y, at = place * ROW, 0.0
        drawn += [svg.text(row.name, start, y + 20), svg.text(row.told, end, y + 20, "end", class_="told")]
        drawn.append(svg.element("rect", x=0, y=y + 28, width=WIDTH, height=BAR, class_="rail"))
        for number, part in enumerate(row.parts):
            width = WIDTH * part / most
            x = WIDTH - at - width if rtl else at
            if width:
                box: dict[str, svg.Value] = {"x": x, "y": y + 28, "width": width, "height": BAR}
                drawn.append(svg.element("rect", **box, fill=svg.ground(key, number), class_="edge"))
            at += width
    return svg.picture(key, (WIDTH, max(1, len(rows)) * ROW), title, told, drawn)


def line_sample(number: int) -> SafeString:
    """For a legend."""
    line = svg.element("path", d="M0 10H40", class_=f"line line-{number}")
    sizes: dict[str, svg.Value] = {"viewBox": "0 0 40 20", "width": 40, "height": 20}
    return svg.element("svg", line, _point(number, 20, 10, svg.NOTHING), **sizes, class_="swatch", aria_hidden="true")


def _point(number: int, x: float, y: float, says: SafeString) -> SafeString:
    if number:
        return svg.element("rect", says, x=x - 4, y=y - 4, width=8, height=8, class_=f"point point-{number}")
    return svg.element("circle", says, cx=x, cy=y, r=4, class_="point point-0")


def _frame(days: list[dt.date], marks: Sequence[tuple[float, str]]) -> SafeString:
    """Level lines with what they stand for, and the days under it: the last one, and every week before."""
    parts = []
    for y, label in marks:
        parts.append(svg.element("path", d=f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}", class_="level"))
        parts.append(svg.text(label, LEFT - 8, y + 5, "start" if get_language_bidi() else "end"))  # ends there
    for place in range(len(days) - 1, -1, -EVERY):
        parts.append(svg.text(words.short_date(days[place]), _x(place, days), HEIGHT - 10, "middle"))
    return svg.group(parts, class_="frame")


def _step(days: list[dt.date]) -> float:
    return (WIDTH - LEFT - RIGHT - 24) / max(1, len(days))


def _x(place: int, days: list[dt.date]) -> float:
    """The middle of a day; the last label needs some room."""
    return LEFT + (place + 0.5) * _step(days)


def _height(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most


def _ticks(most: float) -> list[int]:
    """From 0 to at least `most`, four or five of them, at round whole numbers."""
    step = 1
    while step * 4 < most:
        step = next(candidate for candidate in _round_numbers() if candidate > step)
    return [step * number for number in range(max(2, math.ceil(most / step) + 1))]


def _round_numbers() -> Sequence[int]:
    return [factor * 10**power for power in range(9) for factor in (1, 2, 5)]
