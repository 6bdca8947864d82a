"""Plots as SVG, made here: no script, no inline style, and nothing that colour alone would say.

A plot shows the shape; the numbers stand in a table beside it, for its description names only the greatest.
"""

from collections.abc import Callable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BAR, GAP, HEIGHT, ROOM = 14, 4, 120, 18  # units of the drawing; ROOM: for a line of text


def bars(description: str, values: Sequence[tuple[str, int]], say: Callable[[int], str] = str) -> SafeString:
    """One bar for each pair of a label and a number that is not negative, from left to right, the first one oldest.

    `description`: what a screen reader says in place of the plot. `say`: a number in the digits of the page. A bar
    that is not 0 can always be seen. The greatest number stands at its line, the first and the last label below; each
    bar says both when pointed at.
    """
    most = max((value for _label, value in values), default=0)
    width, below = max(1, len(values)) * (BAR + GAP), 2 * ROOM + HEIGHT - 4
    bar = '<rect x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>'
    drawn = [
        format_html(bar, number * (BAR + GAP), ROOM + HEIGHT - height, BAR, height, label, say(value))
        for number, (label, value) in enumerate(values)
        for height in [_height(value, most)]
    ]
    words = [(0, ROOM - 5, "start", say(most))]
    if values:  # isolated: the drawing runs from left to right, a date with a Persian month does not
        first, last = (f"\u2068{values[place][0]}\u2069" for place in (0, -1))
        words += [(0, below, "start", first), (width, below, "end", last)]
    return format_html(
        '<svg class="plot" role="img" aria-label="{}" viewBox="0 0 {} {}" direction="ltr">'
        '<path d="M0 {}H{}M0 {}H{}"/>{}{}</svg>',
        *(description, width, HEIGHT + 2 * ROOM, ROOM, width, ROOM + HEIGHT, width),
        format_html_join("", "{}", ((one,) for one in drawn)),
        format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', words),
    )


def _height(value: int, most: int) -> int:
    return max(1, round(HEIGHT * value / most)) if value else 0
