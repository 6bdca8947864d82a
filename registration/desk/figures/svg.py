"""SVG as text: elements whose values are escaped, and grounds that differ in their pattern, not in colour alone.

Colours are classes of static/css/figures.css; nothing here has a style, which the Content Security Policy would refuse.
"""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Value = str | int | float
NOTHING = SafeString("")
# Ground n of a plot: what is drawn in a square of 8 over its colour. The first is plain.
MARKS = (
    "",
    "M0 8L8 0M-2 2L2 -2M6 10L10 6",  # slanted lines
    "M2 1v2M2 5v2M6 3v2M6 -1v2M6 7v2",  # broken lines
    "M0 2H8M0 6H8",  # level lines
    "M0 0L8 8M0 8L8 0",  # a net
)


def element(name: str, *inside: SafeString | str, **attributes: Value) -> SafeString:
    """`class_` is class; `_` in a name is `-`. Numbers get two decimals at most; texts are escaped."""
    named = format_html_join("", ' {}="{}"', ((_name(key), _number(value)) for key, value in attributes.items()))
    return format_html("<{}{}>{}</{}>", name, named, format_html_join("", "{}", ((part,) for part in inside)), name)


def group(parts: Iterable[SafeString], **attributes: Value) -> SafeString:
    return element("g", *parts, **attributes)


def picture(key: str, size: tuple[int, int], title: str, told: str, parts: Iterable[SafeString]) -> SafeString:
    """A whole picture, named and told for whoever does not see it. `key`: unique in its page."""
    width, height = size
    return element(
        "svg",
        element("title", title, id=f"{key}-title"),
        element("desc", told, id=f"{key}-told"),
        element("defs", *(_pattern(key, number) for number in range(len(MARKS)))),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        class_="plot",
        role="img",
        aria_labelledby=f"{key}-title {key}-told",
    )


def swatch(key: str, number: int) -> SafeString:
    """The ground `number` of the picture `key`, for its legend."""
    box = element("rect", x=1, y=1, width=18, height=18, fill=ground(key, number), class_="edge")
    return element("svg", box, viewBox="0 0 20 20", width=20, height=20, class_="swatch", aria_hidden="true")


def ground(key: str, number: int) -> str:
    """The value of `fill`."""
    return f"url(#{key}-ground-{number})"


def text(words: object, x: float, y: float, anchor: str = "start", **more: Value) -> SafeString:
    return element("text", str(words), x=x, y=y, text_anchor=anchor, **more)


def _pattern(key: str, number: int) -> SafeString:
    parts = [element("rect", width=8, height=8, class_=f"ground-{number}")]
    if MARKS[number]:
        parts.append(element("path", d=MARKS[number], class_=f"mark-{number}"))
    sizes: dict[str, Value] = {"width": 8, "height": 8, "patternUnits": "userSpaceOnUse"}
    return element("pattern", *parts, id=f"{key}-ground-{number}", **sizes)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _number(value: Value) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
